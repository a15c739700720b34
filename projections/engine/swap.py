"""Puts a generation of a read model in the place of the one that readers use, in one short transaction."""

import asyncio
import time

from events.codec import Codec
from kit.postgres.connect import Connection
from projections.builds.generation import Generation, skipped
from projections.engine import park
from projections.projection import Projection
from projections.rebuild.slices import Aborted

SWAP_SECONDS = 0.02
"""Between two tries to swap generations that both follow: they stand at one place for moments only."""

_STATE = "update project.generation set state = 'current' where schema = $1"

_PLACES = "select schema, position from project.cursor where schema = any($1) order by schema for update"

_STATES = """
select schema, state from project.generation
 where model = $1 and fingerprint = $2 order by schema for update"""

_FORMER = """
update project.generation set state = 'old' where model = $1 and fingerprint = $2 and state = 'current'"""

_MORE = """
select count(*) from project.parked p
 where p.schema = $1 and p.position <= $3 and not exists (
   select from project.parked o where o.schema = $2 and o.stream = p.stream and o.position = p.position)"""


class PutAside(Exception):  # noqa: N818 - a state of the generation
    """A fresh generation has put events aside that the current one holds: readers would see the past again.

    Attributes:
        events: how many.
    """

    def __init__(self, events: int) -> None:
        super().__init__(f"the fresh generation has put {events:,} events aside that the current one holds")
        self.events = events


async def let_in_what_is_skipped(
    connection: Connection, codec: Codec, projection: Projection, generation: Generation
) -> None:
    """Apply what waits behind events that an operator decided to pass over while they were being filled.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        codec: reads the stored events as this build understands them.
        projection: the read model.
        generation: one that is followed.
    """
    passed_over = await skipped(connection, generation.schema)
    for one in await park.waiting(connection, [generation.schema]):
        if one.position in passed_over:
            await park.retry(connection, codec, projection, generation, one.stream)


async def make_current(
    connection: Connection, generation: Generation, *, instead_of: Generation | None = None
) -> bool:
    """Let readers of this fingerprint use a generation.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        generation: what they shall use.
        instead_of: what they use now.

    Returns:
        False, and nothing has changed, when it is behind what they use: they would see the past again; or
        when they use something although the caller named nothing.

    Raises:
        Aborted: the generation has been dropped, or they use another one than the caller named.
        PutAside: it lacks what they see now.
    """
    schema, former = generation.schema, instead_of and instead_of.schema
    async with connection.transaction():
        places = dict(await connection.fetch(_PLACES, [schema, former]))
        states = dict(await connection.fetch(_STATES, generation.model, generation.fingerprint))
        current = next((name for name, state in states.items() if state == "current"), None)
        if schema not in places or schema not in states:
            raise Aborted(schema)
        if current == schema:
            return True
        if current not in {None, former}:
            if former is None:
                return False
            raise Aborted(schema)
        if former in places:
            if places[schema] < places[former]:
                return False
            if more := await connection.fetchval(_MORE, schema, former, places[former]):
                raise PutAside(more)
        await connection.execute(_FORMER, generation.model, generation.fingerprint)
        await connection.execute(_STATE, schema)
    return True


async def make_current_within(
    seconds: float, connection: Connection, generation: Generation, *, instead_of: Generation
) -> bool:
    """Try `make_current` again and again while both generations follow the log; at least once.

    Returns:
        False, and nothing has changed, when the generation was behind all the time.

    Raises:
        Aborted, PutAside: as `make_current` does.
    """
    end = time.monotonic() + seconds
    while not await make_current(connection, generation, instead_of=instead_of):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(SWAP_SECONDS)
    return True
