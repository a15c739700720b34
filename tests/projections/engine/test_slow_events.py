"""Handlers that take long stop nobody: pages are cut, what takes too long is parked, the loop lives."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs

from events.base import Recorded
from events.codec import CODEC
from kit.health.tasks import ProcessHealth
from kit.postgres.connect import PROJECTOR, Connection, connect
from projections.builds.fingerprint import fingerprint
from projections.engine import park
from projections.engine.loop import Engine
from projections.rebuild.fill import COPYING, fill
from projections.rebuild.replay import begin
from projections.rebuild.slices import open_slices, plan
from tests.given.lives import store
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.slow import SLOW, TITLE, titled
from tests.servers.beside import beside


def _unsure(recorded: Recorded[Any]) -> tuple[()]:
    if recorded.event.content.title == "0.1":
        raise KeyError("no such row")
    return ()


UNSURE = structs.replace(SLOW, name="unsure", needs=_unsure)


class Loop:
    """Measures for how long the loop did not turn."""

    longest = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        async def turn() -> None:
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                self.longest = max(self.longest, time.monotonic() - before)

        turning = asyncio.create_task(turn())
        try:
            yield
        finally:
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)


async def until_at(connection: Connection, position: int, seconds: float) -> None:
    """Wait until the model has come to a position."""
    async with asyncio.timeout(seconds):
        while position != await connection.fetchval("select position from project.cursor"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_page_that_takes_longer_than_a_transaction_may_and_an_event_that_never_ends_hold_up_nobody(
    database: str,
) -> None:
    await store(database, titled(*["0.06"] * 40, "without end", "0"))
    vitals, loop = ProcessHealth(), Loop()
    async with projector(database) as connection:
        follower = await follower_of(connection, SLOW)
        async with beside(Engine(database, CODEC, [SLOW], "test", vitals=vitals).run()):
            async with loop.watched():
                await until_at(connection, 42, 60)
            term = await connection.fetchval("select term from project.lease")
        rows = await connection.fetch(f"select position from {follower.schema}.{TITLE.name} order by 1")
        parked = await connection.fetch("select position, error from project.parked")
    assert [*range(1, 41), 42] == [row["position"] for row in rows]
    assert [(41, "TooSlow: it took more than 2 s of CPU")] == [tuple(row) for row in parked]
    assert (0, 1) == (vitals.task("engine").restarts, term), "the lease was kept all the time"
    assert loop.longest < 1.5, "an event may take 2 s of CPU"
    assert vitals.tally(follower.schema).durations.count > 5, "the page was written piece by piece"


async def test_an_event_of_which_nobody_can_say_what_rows_it_needs_holds_up_nobody(database: str) -> None:
    await store(database, titled("0", "0.1", "0.01"))
    vitals = ProcessHealth()
    async with projector(database) as connection:
        follower = await follower_of(connection, UNSURE)
        async with beside(Engine(database, CODEC, [UNSURE], "test", vitals=vitals).run()):
            await until_at(connection, 3, 60)
        rows = await connection.fetch(f"select position from {follower.schema}.{TITLE.name} order by 1")
        parked = await connection.fetch("select position, error from project.parked")
    assert [1, 3] == [row["position"] for row in rows]
    assert [(2, "KeyError: 'no such row'")] == [tuple(row) for row in parked]
    assert 0 == vitals.task("engine").restarts


async def test_a_rebuild_parks_what_never_ends_and_holds_no_transaction_meanwhile(database: str) -> None:
    await store(database, titled("0", "without end", *["0.06"] * 10))
    async with projector(database) as connection:
        filled = await begin(connection, SLOW, fingerprint(SLOW), 1)
        await plan(connection, filled.schema, 12)
        impatient = COPYING | {"idle_in_transaction_session_timeout": "500"}
        copying = await connect(database, "test", PROJECTOR, **impatient)
        for one in await open_slices(connection, filled.schema):
            await fill(copying, CODEC, SLOW, filled.schema, one)
        await copying.close()
        seen = await connection.fetchrow("select sum(seen), count(*) - count(seen) from project.slice")
        rows = await connection.fetchval(f"select count(*) from {filled.schema}.{TITLE.name}")
        parked = await connection.fetchval("select count(*) from project.parked")
    assert (12, 0, 11, 1) == (*seen, rows, parked)


@pytest.mark.prove
async def test_a_retry_of_what_never_ends_leaves_it_parked_and_the_loop_alive(database: str) -> None:
    await store(database, titled("0", "without end", "0"))
    loop = Loop()
    async with projector(database) as connection:
        follower = await follower_of(connection, SLOW)
        await follow(database, connection, follower)
        before = await contents(connection, follower)
        (waiting,) = await park.waiting(connection, [follower.schema])
        async with loop.watched():
            outcome = await park.retry(connection, CODEC, SLOW, follower.generation, waiting.stream)
        assert (0, 1, "TooSlow") == (outcome.applied, outcome.left, outcome.error[:7])
        assert before == await contents(connection, follower)
    assert loop.longest < 1.5, "an event may take 2 s of CPU"
