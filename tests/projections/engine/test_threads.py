"""No thread is left of what is over: a process that lives for weeks fills, retries and reads very often."""

import gc
import threading
import time

from events.codec import CODEC
from events.reading import reader_of
from kit.log.source import LogSource
from kit.postgres.connect import PROJECTOR, connect
from kit.running.beside_loop import BesideLoop
from kit.running.time_limit import TimeLimit
from projections.catalog import PROJECTIONS
from projections.engine import park
from projections.rebuild.fill import COPYING, fill
from projections.rebuild.replay import begin
from projections.rebuild.slices import open_slices, plan
from tests.given.lives import UNREADABLE, random_lives, store, store_behind
from tests.projections.driving import follow, follower_of, projector

ARTICLE = PROJECTIONS[0]
OURS = "beside loop", "watchdog"


def threads() -> int:
    """Return how many threads of workers there are."""
    return sum(one.name in OURS for one in threading.enumerate())


def ended(before: int) -> bool:
    """Tell whether there are no more of them than before, within a few seconds."""
    end = time.monotonic() + 5
    while threads() > before and time.monotonic() < end:
        time.sleep(0.01)
    return threads() <= before


def work(bound: TimeLimit) -> int:
    return bound.run(int, "1")


async def test_what_nobody_has_any_more_has_no_thread() -> None:
    gc.collect()
    before = threads()
    for _ in range(5):
        worker = BesideLoop()
        assert [1, 1] == [await worker.run(work), await worker.run(work, 1)]
        del worker
    assert ended(before)


async def test_what_is_closed_has_no_thread_until_it_works_once_more() -> None:
    worker, before = BesideLoop(), threads()
    for _ in range(3):
        assert [1, 1] == [await worker.run(work), await worker.run(work, 1)]
        assert threads() > before
        worker.close()
        assert ended(before)


async def test_many_fills_retries_and_sources_leave_no_thread(database: str) -> None:
    lives = random_lives(21, articles=3, steps=40)
    await store(database, lives)
    stream = await store_behind(database, lives, 0, UNREADABLE)
    async with projector(database) as connection:
        live = await follower_of(connection, ARTICLE)
        await follow(database, connection, live)
        filled = await begin(connection, ARTICLE, live.generation.fingerprint, 2)
        await plan(connection, filled.schema, await connection.fetchval("select log.head()"))
        gc.collect()
        before, kept = threads(), []
        copying = await connect(database, "test", PROJECTOR, **COPYING)
        for one in await open_slices(connection, filled.schema):
            assert await fill(copying, CODEC, ARTICLE, filled.schema, one) >= 0
        await copying.close()
        for _ in range(3):
            assert (await park.retry(connection, CODEC, ARTICLE, live.generation, stream)).error
            async with LogSource(database, reader_of(CODEC), "test") as source:
                assert await source.read(0, 1_000)
                kept.append(source)
        assert ended(before)
