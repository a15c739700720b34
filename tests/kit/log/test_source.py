"""Notifications wake a reader of the log early; whatever they say, they never keep it from resting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from events.base import Event, Meta
from events.catalog import EVENTS
from events.codec import CODEC, Codec
from events.reading import Item, reader_of
from kit.log.source import LogSource
from kit.log.wake import CHANNEL
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine
from tests.given.lives import notify, random_lives, store
from tests.projections.driving import follower_of, projector
from tests.servers.beside import beside

BEYOND = "9000000000000000000"


async def heard(source: LogSource[Item], count: int) -> None:
    """Wait until so many notifications have come."""
    async with asyncio.timeout(30):
        while source._heard < count:  # noqa: ASYNC110, SLF001 - nothing else tells
            await asyncio.sleep(0.005)


@asynccontextmanager
async def at_the_end(dsn: str, events: int = 6) -> AsyncIterator[tuple[LogSource[Item], int]]:
    """Yield a source that has read a log to its end, and the end."""
    await store(dsn, random_lives(31, articles=2, steps=20)[:events])
    async with LogSource(dsn, reader_of(CODEC), "test") as source:
        assert events == len(await source.read(0, 1_000))
        yield source, events


async def looks(source: LogSource[Item], after: int, seconds: float) -> int:
    """Read and wait as the engine does, for a while; return how often the log was looked at."""
    count = 0
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        assert [] == await source.read(after, 1_000)
        count += 1
        await source.wait(after, left)
    return count


@pytest.mark.parametrize("said", [BEYOND, "7", "", "no number", "²", "9" * 5_000])
async def test_a_notification_of_what_is_not_there_causes_one_look_and_no_more(
    database: str, said: str
) -> None:
    async with at_the_end(database) as (source, end):
        await notify(database, said)
        await heard(source, 1)
        assert await looks(source, end, 0.5) <= 2


async def test_a_reader_is_woken_by_an_event_although_a_false_position_was_named_before(
    database: str,
) -> None:
    lives = random_lives(31, articles=2, steps=20)
    async with at_the_end(database) as (source, end):
        await notify(database, BEYOND)
        await heard(source, 1)
        await looks(source, end, 0.1)
        waiting = asyncio.create_task(source.wait(end, 30))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await store(database, lives[end : end + 1])
        await notify(database, str(end + 1))
        await asyncio.wait_for(waiting, 20)
        assert [end + 1] == [item.position for item in await source.read(end, 1_000)]


async def test_what_is_named_while_the_log_is_looked_at_is_looked_for_again(database: str) -> None:
    """The look may have begun before the event was there: only the next one is sure to find it."""
    async with at_the_end(database) as (source, end):
        reading = asyncio.create_task(source.read(end, 1_000))
        await asyncio.sleep(0)
        source._notified(None, 0, CHANNEL, str(end + 1))  # noqa: SLF001 - at the moment that matters
        assert [] == await reading
        await asyncio.wait_for(source.wait(end, 30), 15)


class _Slow(Codec):
    """Waits a little with each event, as on a machine that has much else to do."""

    def decode_both(self, type_: str, schema: int, meta: bytes, payload: bytes) -> tuple[Meta, Event]:
        time.sleep(0.05)
        return super().decode_both(type_, schema, meta, payload)


async def test_a_page_that_there_was_no_time_to_read_whole_is_not_the_end_of_the_log(database: str) -> None:
    written = random_lives(33, articles=2, steps=20)[:12]
    await store(database, written)
    async with LogSource(database, reader_of(_Slow(EVENTS)), "test") as source:
        place = len(await source.read(0, 1_000))
        assert (True, False) == (0 < place < len(written), source.at_end)
        while place < len(written):
            place += len(await source.read(place, 1_000))
        assert source.at_end


async def test_a_reader_that_is_behind_does_not_wait_for_what_was_named(database: str) -> None:
    async with at_the_end(database) as (source, end):
        await notify(database, str(end))
        await heard(source, 1)
        await asyncio.wait_for(source.wait(end - 1, 30), 15)


async def test_the_engine_rests_although_a_position_far_beyond_the_head_was_named(database: str) -> None:
    await store(database, random_lives(32, articles=2, steps=20))
    engine = Engine(database, CODEC, PROJECTIONS, "test")
    async with projector(database) as connection:
        await follower_of(connection, PROJECTIONS[0])
        async with beside(engine.run()):
            head = await connection.fetchval("select log.head()")
            async with asyncio.timeout(30):
                while await connection.fetchval("select position from project.cursor") < head:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            await notify(database, BEYOND)
            await asyncio.sleep(0.2)
            turns = engine.turns
            await asyncio.sleep(0.8)
            assert engine.turns - turns <= 2
