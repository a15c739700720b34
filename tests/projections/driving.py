"""Drives followers by hand: batch by batch, so that a test decides where one ends and what dies between."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from events.codec import CODEC, Codec
from events.reading import reader_of
from kit.log.source import LogSource
from kit.postgres.connect import PROJECTOR, Connection, connect
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import State, generations, make
from projections.engine.follower import Follower
from projections.engine.loop import tell_nobody
from projections.projection import Projection


@asynccontextmanager
async def projector(dsn: str) -> AsyncIterator[Connection]:
    """Open a connection that acts as the projector."""
    connection = await connect(dsn, "test projector", PROJECTOR)
    try:
        yield connection
    finally:
        await connection.close()


async def follower_of(
    connection: Connection, projection: Projection, *, generation: int = 1, holder: str = "test"
) -> Follower:
    """Return a follower of a generation, which is made if need be; it does not lead yet."""
    name = fingerprint(projection)
    known = await generations(connection, projection.name, name)
    made = next((one for one in known if one.generation == generation), None)
    if made is None:
        state: State = "current" if generation == 1 else "filling"
        made = await make(connection, projection, name, generation=generation, state=state, indexed=True)
    return Follower(projection, made, holder)


async def follow(
    dsn: str,
    connection: Connection,
    follower: Follower,
    batches: Sequence[int] = (),
    codec: Codec = CODEC,
) -> None:
    """Apply the log to its end in batches of these sizes, then of 1,000."""
    assert await follower.lead(connection)
    sizes = iter(batches)
    async with LogSource(dsn, reader_of(codec), "test source") as source:
        while page := await source.read(follower.position, next(sizes, 1_000)):
            await follower.apply_all(connection, page, tell_nobody)


async def contents(connection: Connection, follower: Follower) -> dict[str, list[Any]]:
    """Return every row of every table, and the cursor's count and digest."""
    found: dict[str, list[Any]] = {}
    for table in follower.projection.tables:
        rows = await connection.fetch(
            f"select t::text as row from {follower.schema}.{table.name} t order by 1"
        )
        found[table.name] = [row["row"] for row in rows]
    cursor = await connection.fetchrow(
        "select position, seen, digest from project.cursor where schema = $1", follower.schema
    )
    parked = await connection.fetch(
        "select stream, position from project.parked where schema = $1 order by 2", follower.schema
    )
    return found | {"cursor": [tuple(cursor)], "parked": [tuple(row) for row in parked]}
