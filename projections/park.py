"""Events that were put aside: which they are, and how an operator lets them in again or passes over one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from events.codec import Codec
from kit.db import Connection
from projections.batch import Folded, fold, needed
from projections.generation import Generation
from projections.projection import Projection
from projections.refused import without_refused
from projections.rows import REFUSALS, load, write
from projections.source import Item, decoded

_WAITING = """
select schema, stream, min(position) as position, count(*) as events, min(parked_at) as since,
       (array_agg(error order by position))[1] as error
  from project.parked where schema = any($1) group by schema, stream order by min(position), schema"""

_EVENTS = """
select e.position, e.stream, e.version, e.id, e.recorded_at, e.type, e.schema, e.meta, e.payload
  from project.parked p join log.event e using (position)
 where p.schema = $1 and p.stream = $2 order by p.position"""

_NEW_TERM = """
insert into project.lease as held (name, term, holder, until) values ($1, 1, 'nobody', clock_timestamp())
on conflict (name) do update set term = held.term + 1 returning term"""

_FENCE = "update project.cursor set term = greatest(term + 1, $2) where schema = $1 returning term, position"

_TERM = "update project.lease set term = $2 where name = $1"

_OUT = "delete from project.parked where schema = $1 and stream = $2"

_BACK = """
insert into project.parked (schema, stream, position, error)
select $1, * from unnest($2::uuid[], $3::bigint[], $4::text[])"""

_SKIP = """
insert into project.skipped (schema, stream, position, reason, by)
select schema, stream, position, $3, $4 from project.parked
 where schema = $1 and stream = $2 order by position limit 1
on conflict (schema, stream, position) do update set position = excluded.position returning position"""

_ALSO = """
insert into project.skipped (schema, stream, position, reason, by, skipped_at)
select other.schema, s.stream, s.position, s.reason, s.by, s.skipped_at
  from project.skipped s
  join project.generation g using (schema)
  join project.generation other on other.model = g.model and other.fingerprint = g.fingerprint
 where s.schema = $1 and s.position = $2
on conflict do nothing"""
"""A decision holds for every filling of the read model, also for one that is just being made."""

_PASSED_OVER = """
delete from project.parked p using project.skipped s
 where p.schema = $1 and p.stream = $2
   and s.schema = p.schema and s.stream = p.stream and s.position = p.position"""

_FLOOR = """
insert into project.purged (schema, upto) values ($1, $2)
on conflict (schema) do update set upto = greatest(project.purged.upto, excluded.upto)"""


class Waiting(NamedTuple):
    """An entity whose events wait in the park."""

    schema: str
    stream: UUID
    position: int
    """Of the first of them, which nobody could apply."""
    events: int
    since: datetime
    error: str


class Outcome(NamedTuple):
    """What came of letting the events of one entity in."""

    applied: int
    left: int
    error: str
    """Why the first that is left could not be applied; empty when none is."""


async def waiting(connection: Connection, schemas: Sequence[str]) -> list[Waiting]:
    """Return the entities that are parked in some generations, the longest first."""
    return [Waiting(*row) for row in await connection.fetch(_WAITING, schemas)]


async def retry(
    connection: Connection, codec: Codec, projection: Projection, generation: Generation, stream: UUID
) -> Outcome:
    """Apply the parked events of an entity in their order; from the first that fails on they stay parked.

    All in one transaction, under a new term: the copy that leads loses its lease, and learns what has left
    the park when it takes it again. Until the cursor moves on, readers believe no copy of any answer.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        codec: reads the stored events as this build understands them.
        projection: the read model.
        generation: one that is followed.
        stream: the entity.
    """
    async with connection.transaction():
        return await _drain(connection, codec, projection, generation, stream)


async def skip(
    connection: Connection,
    codec: Codec,
    projection: Projection,
    generation: Generation,
    stream: UUID,
    *,
    by: str,
    reason: str,
) -> tuple[int, Outcome] | None:
    """Pass over the first parked event of an entity for good, and apply those behind it as `retry` does.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        codec: reads the stored events as this build understands them.
        projection: the read model.
        generation: one that is followed.
        stream: the entity.
        by: who decides it.
        reason: why.

    Returns:
        The position that is passed over, and what came of the others; None when nothing is parked.
    """
    async with connection.transaction():
        await _take_over(connection, generation.schema)
        position = await connection.fetchval(_SKIP, generation.schema, stream, reason, by)
        if position is None:
            return None
        await connection.execute(_ALSO, generation.schema, position)
        return position, await _drain(connection, codec, projection, generation, stream)


async def _drain(
    connection: Connection, codec: Codec, projection: Projection, generation: Generation, stream: UUID
) -> Outcome:
    schema = generation.schema
    position = await _take_over(connection, schema)
    await connection.execute(_PASSED_OVER, schema, stream)
    items = list(decoded(await connection.fetch(_EVENTS, schema, stream), codec))
    await connection.execute(_OUT, schema, stream)
    left: list[tuple[int, str]] = []

    async def apply(some: Sequence[Item]) -> None:
        folded = await _folded(connection, projection, schema, some)
        for table, changed in folded.changed.items():
            if changed:
                await write(connection, schema, table, changed, folded.fresh[table])
        left[:] = [(one.position, one.error.replace("\x00", "")) for one in folded.parked]

    try:
        async with connection.transaction():
            await apply(items)
    except REFUSALS:
        await apply(await without_refused(connection, items, apply))
    await connection.execute(
        _BACK, schema, [stream] * len(left), [at for at, _ in left], [why for _, why in left]
    )
    await connection.execute(_FLOOR, schema, position + 1)
    return Outcome(len(items) - len(left), len(left), left[0][1] if left else "")


async def _folded(
    connection: Connection, projection: Projection, schema: str, items: Sequence[Item]
) -> Folded:
    loaded = {
        table: await load(connection, schema, table, keys)
        for table, keys in needed(projection, items).items()
    }
    return fold(projection, items, loaded, frozenset())


async def _take_over(connection: Connection, schema: str) -> int:
    """Fence whoever leads, in the order in which leases are taken; return the cursor's position."""
    term = await connection.fetchval(_NEW_TERM, schema)
    term, position = await connection.fetchrow(_FENCE, schema, term)
    await connection.execute(_TERM, schema, term)
    at: int = position
    return at
