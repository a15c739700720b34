"""Nobody is told of a conflict with what he stored himself, and nobody waits without end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, Tracking

from kit.running.processes import wait_until
from tests.servers.proxy import Proxy, proxied
from tests.write_side.log.given import LOCK
from tests.write_side.recorder.given import an_id, rows, saved, told, value
from write_side.log.appender import DEADLINE
from write_side.recorder import LogFactory

type Save = Callable[[LogFactory], Any]

IN_THE_WAY = """
select count(*) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet recorder' and {}"""

WAITING = IN_THE_WAY.format("wait_event_type = 'Lock'")
BUSY = IN_THE_WAY.format("state <> 'idle'")


@asynccontextmanager
async def held_up(dsn: str) -> AsyncIterator[None]:
    """Let everything that the recorder stores wait, as behind another writer."""
    async with await psycopg.AsyncConnection.connect(dsn) as holder:
        await holder.execute(LOCK)
        await holder.execute("lock table library.tracking, library.snapshot in share row exclusive mode")
        yield


async def until(dsn: str, sql: str, wanted: int) -> None:
    assert await asyncio.to_thread(wait_until, lambda: wanted == value(dsn, sql), 30)


async def lose_the_reply(proxy: Proxy, dsn: str, save: Callable[[], Any]) -> Any:
    """Run a save whose first reply never arrives although all is stored."""
    async with held_up(dsn):
        saving = asyncio.create_task(asyncio.to_thread(save))
        await until(dsn, WAITING, 1)
        proxy.pause()
    await until(dsn, BUSY, 0)
    proxy.reset()
    proxy.resume()
    return await saving


STREAM = an_id()
SAVES: dict[str, Save] = {
    "an application": lambda made: made.application_recorder().insert_events(saved(STREAM, 1, 2)),
    "aggregates": lambda made: made.aggregate_recorder().insert_events(saved(STREAM, 0, 1)),
    "a process": lambda made: made.process_recorder().insert_events(
        saved(STREAM, 1, 2), tracking=Tracking("upstream", 7)
    ),
    "a process that stores nothing": lambda made: made.process_recorder().insert_events(
        [], tracking=Tracking("upstream", 7)
    ),
    "progress": lambda made: made.tracking_recorder().insert_tracking(Tracking("upstream", 7)),
    "snapshots": lambda made: made.aggregate_recorder("snapshots").insert_events(saved(STREAM, 3)),
}


@pytest.mark.parametrize("who", SAVES)
async def test_a_save_whose_reply_was_lost_finds_itself(database: str, who: str) -> None:
    async with proxied(database) as (proxy, address):
        with LogFactory(told(address)) as factory:
            await asyncio.to_thread(factory.application_recorder().max_notification_id)
            first = await lose_the_reply(proxy, database, lambda: SAVES[who](factory))
            held = [row.version for row in rows(database)]
            assert held in ([], [1, 2])
            assert first in (None, [1, 2])
            with pytest.raises(IntegrityError):
                await asyncio.to_thread(SAVES[who], factory)
            assert held == [row.version for row in rows(database)]


async def test_a_process_overtaken_before_its_reply_is_told_what_it_stored(database: str) -> None:
    stream = an_id()

    def overtake() -> Any:
        with LogFactory(told(database)) as other:
            other.process_recorder().insert_events([], tracking=Tracking("upstream", 9))

    async with proxied(database) as (proxy, address):
        with LogFactory(told(address)) as factory:
            process = factory.process_recorder()
            async with held_up(database):
                saving = asyncio.create_task(
                    asyncio.to_thread(
                        process.insert_events, saved(stream, 1), tracking=Tracking("upstream", 7)
                    )
                )
                await until(database, WAITING, 1)
                proxy.pause()
            await until(database, BUSY, 0)
            await asyncio.to_thread(overtake)
            proxy.reset()
            proxy.resume()
            assert [1] == await saving
            assert 9 == await asyncio.to_thread(process.max_tracking_id, "upstream")
            with pytest.raises(IntegrityError):
                await asyncio.to_thread(
                    process.insert_events, saved(stream, 2), tracking=Tracking("upstream", 8)
                )
    assert 1 == len(rows(database))


async def given_up(factory: LogFactory) -> None:
    """Save, and be told within the deadline that it is unknown whether that was stored."""
    began = time.monotonic()
    with pytest.raises(OperationalError):
        async with asyncio.timeout(4 * DEADLINE):
            await asyncio.to_thread(factory.application_recorder().insert_events, saved(an_id(), 1))
    assert time.monotonic() - began < 2 * DEADLINE


async def test_a_server_that_says_nothing_and_a_lock_that_is_kept_are_given_up_at_the_deadline(
    factory: LogFactory, database: str
) -> None:
    async with proxied(database) as (proxy, address):
        with LogFactory(told(address)) as far:
            assert [1] == await asyncio.to_thread(far.application_recorder().insert_events, saved(an_id(), 1))
            proxy.pause()
            async with held_up(database):
                await asyncio.gather(given_up(far), given_up(factory))
            proxy.resume()
            # What was given up may have landed once the way was free: unknown is the word.
            for each in (far, factory):
                assert await asyncio.to_thread(each.application_recorder().insert_events, saved(an_id(), 1))
    held = [row.position for row in rows(database)]
    assert list(range(1, len(held) + 1)) == held
    assert 3 <= len(held) <= 5
