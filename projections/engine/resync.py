"""After the log was set back: readers drop what it no longer holds and begin again."""

from collections.abc import AsyncGenerator
from typing import Literal, NamedTuple

from kit.log.lease import Rewind, check_lineage
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from projections.builds.generation import Generation, drop

_READERS = "select schema from project.cursor order by 1"

_GENERATION = "select model, fingerprint, generation, schema, state from project.generation where schema = $1"

_FROM_THE_START = """
with fenced as (
  update project.lease set term = term + 1, until = clock_timestamp() where name = $1 returning term)
update project.cursor c set position = 0, seen = 0, digest = 0, event = null,
       term = coalesce((select f.term from fenced f), c.term)
 where c.schema = $1"""
"""A process that is at work on it holds an old term now, and begins again."""

_OUTSIDE = """
select c.schema from project.cursor c
 where not exists (select from project.generation g where g.schema = c.schema) order by 1"""
"""Readers that leave their traces outside the database, where a log is known by its id."""

_SEALS = "delete from project.seal where position > log.head()"

_NUMBERS = """
with forgotten as (delete from project.missing where reader = 'public') delete from project.public"""
"""Under the new id, the events that readers may know are numbered from the first one on."""

_IDENTITY = "update log.identity set id = gen_random_uuid(), made_at = clock_timestamp() returning id"


class Step(NamedTuple):
    """One thing that was found or done."""

    what: Literal["rewound", "all agree", "new id", "begins again"]
    name: str = ""
    """The reader, or the new id of the log."""


async def resync(dsn: str, owner_dsn: str, *, forget: bool) -> AsyncGenerator[Step]:
    """Compare every reader's cursor with the log, and let those begin again that saw another one.

    The log gets a new id, so that whatever is kept elsewhere is known to be of the former one, and so the
    forwarder sends every event again, with its own id. Read models that saw another log are filled again by
    the projector; the others were restored together with the log.

    Args:
        dsn: address of the database.
        owner_dsn: address of the owner, who may give the log a new id.
        forget: do it, even if no reader noticed anything; otherwise only tell which readers are affected.
    """
    async with watched_connection(
        dsn, "frankenjet resync", statement_timeout="0", lock_timeout="30000"
    ) as connection:
        names = [row["schema"] for row in await connection.fetch(_READERS)]
        rewound = [name for name in names if not await _agrees(connection, name)]
        for name in rewound:
            yield Step("rewound", name)
        if not rewound:
            yield Step("all agree")
        if not forget:
            return
        yield Step("new id", await _new_identity(owner_dsn))  # first: a reader that begins again asks for it
        outside = [row["schema"] for row in await connection.fetch(_OUTSIDE)]
        for name in dict.fromkeys(rewound + outside):
            await _begin_again(connection, name)
            yield Step("begins again", name)


async def _agrees(connection: Connection, name: str) -> bool:
    try:
        await check_lineage(connection, name)
    except Rewind:
        return False
    return True


async def _begin_again(connection: Connection, name: str) -> None:
    row = await connection.fetchrow(_GENERATION, name)
    if row is not None:
        await drop(connection, Generation(*row), _is_rewound)
    else:
        await connection.execute(_FROM_THE_START, name)


async def _is_rewound(connection: Connection, generation: Generation) -> bool:
    return not await _agrees(connection, generation.schema)


async def _new_identity(owner_dsn: str) -> str:
    """Give the log a new id, and drop seals of events that it does not hold."""
    async with (
        watched_connection(owner_dsn, "frankenjet resync", None, statement_timeout="0") as connection,
        connection.transaction(),
    ):
        await connection.execute(_SEALS)
        await connection.execute(_NUMBERS)
        return str(await connection.fetchval(_IDENTITY))
