"""A log that no longer holds what a reader has seen: the reader halts and says so, it never skips."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from events.codec import CODEC
from kit.log.cursor import LeaderCursor
from kit.log.lease import Rewind
from kit.log.line import Line
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import drop, generations
from projections.engine.follower import Follower
from projections.engine.loop import Engine
from projections.main import project
from projections.rebuild.worker import BuildModule
from scripts.models.resync import resync
from tests.given.lives import random_lives, store
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.made import AUTHORS
from tests.servers.beside import beside

THIS_BUILD = BuildModule("tests.projections.made")


def rewind(dsn: str, to: int) -> None:
    """Do what a restore to an earlier moment does: take the newest events out of the log."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("delete from log.event where position > %s", [to])


async def has_followed(dsn: str, connection: Connection) -> Follower:
    """Return a reader that has come to the end of the log, and leads no more."""
    follower = await follower_of(connection, AUTHORS)
    await follow(dsn, connection, follower)
    await follower.free_lease(connection)
    return follower


async def test_a_reader_halts_when_its_cursor_is_beyond_the_log(database: str) -> None:
    await store(database, random_lives(31, articles=2, steps=20))
    async with projector(database) as connection:
        follower = await has_followed(database, connection)
        before = await contents(connection, follower)
        rewind(database, follower.position - 3)
        assert not await follower.lead(connection)
        assert before == await contents(connection, follower)


async def test_a_reader_halts_when_another_event_stands_at_its_cursor(database: str) -> None:
    await store(database, random_lives(32, articles=1, steps=0))
    async with projector(database) as connection:
        follower = await has_followed(database, connection)
        rewind(database, 0)
        await store(database, random_lives(33, articles=3, steps=10))
        assert not await follower.lead(connection)


async def test_the_forwarder_halts_too(database: str) -> None:
    await store(database, random_lives(34, articles=1, steps=5))
    async with LeaderCursor(database, "forwarder", "test") as cursor:
        assert await cursor.lead()
        await cursor.save(2)
    rewind(database, 1)
    async with LeaderCursor(database, "forwarder", "test") as cursor:
        with pytest.raises(Rewind, match="EPOCH_REWIND"):
            await cursor.lead()


async def test_after_a_resync_the_readers_begin_again_on_a_log_with_another_id(database: str) -> None:
    await store(database, random_lives(35, articles=2, steps=20))
    async with projector(database) as connection:
        await has_followed(database, connection)
        rewind(database, 10)
        known = await connection.fetchval("select id from log.identity")
        assert await resync(database, database, forget=False) == 1
        assert await resync(database, database, forget=True) == 0
        assert await resync(database, database, forget=False) == 0
        assert known != await connection.fetchval("select id from log.identity")
        again = await follower_of(connection, AUTHORS)
        async with beside(Engine(database, CODEC, [AUTHORS], "test").run()), asyncio.timeout(20):
            assert again.schema == await reached(connection, 10)


@asynccontextmanager
async def projecting(dsn: str) -> AsyncIterator[Connection]:
    """Run a projector, and yield a connection for those who look on."""
    async with (
        Line(dsn, "notary") as line,
        beside(project(dsn, CODEC, [AUTHORS], THIS_BUILD, line, lease=1)),
        projector(dsn) as connection,
        asyncio.timeout(20),
    ):
        yield connection


async def test_a_projector_that_runs_makes_again_what_a_resync_has_dropped(database: str) -> None:
    await store(database, random_lives(36, articles=2, steps=20))
    async with projecting(database) as connection:
        await reached(connection, await connection.fetchval("select log.head()"))
        rewind(database, 10)
        assert await resync(database, database, forget=True) == 0
        await reached(connection, 10)


async def test_a_projector_fills_again_what_vanishes_while_it_runs(database: str) -> None:
    """`confirm` of a newer build drops nothing that somebody leads, so it was somebody's hand."""
    await store(database, random_lives(37, articles=1, steps=5))
    async with projecting(database) as connection:
        head = await connection.fetchval("select log.head()")
        schema = await reached(connection, head)
        (known,) = await generations(connection, AUTHORS.name, fingerprint(AUTHORS))
        assert await drop(connection, known)
        assert schema == await reached(connection, head), "as the first of this build"


async def reached(connection: Connection, position: int) -> str:
    """Wait until a current generation is at a position; return its schema."""
    while True:
        schema = await connection.fetchval(
            "select g.schema from project.generation g join project.cursor c using (schema)"
            " where g.state = 'current' and c.position = $1", position
        )  # fmt: skip
        if schema is not None:
            return str(schema)
        await asyncio.sleep(0.05)
