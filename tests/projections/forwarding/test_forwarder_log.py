"""The forwarder between a real log and a real broker, with its leased cursor."""

import asyncio
from uuid import UUID

import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractQueue

from events.codec import CODEC
from events.reading import reader_of
from kit.broker.publisher import EXCHANGE
from kit.broker.topology import declare
from kit.health.tasks import Throughput
from kit.log.cursor import LeaderCursor
from kit.log.lease import Fenced
from kit.log.source import LogSource
from tests.given.whole_life import whole_life
from tests.projections.forwarding.given import drained, forwarding, until
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest_asyncio.fixture
async def bot(broker_url: str, broker_channel: AbstractChannel) -> AbstractQueue:
    await declare(broker_url)
    queue = await broker_channel.declare_queue("bot", exclusive=True)
    await queue.bind(EXCHANGE, "#")
    return queue


async def store(database: str, *, lives: int) -> list[tuple[int, UUID]]:
    """Append the first `lives` events of a life, and return (position, id) of each."""
    stored = []
    async with Appender(database) as appender:
        for recorded in whole_life()[:lives]:
            new = NewEvent(recorded.id, CODEC.encode(recorded.event), CODEC.encode_meta(recorded.meta))
            claim = Claim(recorded.stream, recorded.version - 1, (new,))
            appended = await appender.append(Append((claim,)))
            stored.append((appended.first, recorded.id))
    return stored


async def test_every_event_of_a_life_goes_out_while_it_is_lived(
    database: str, broker_url: str, bot: AbstractQueue
) -> None:
    async with (
        LogSource(database, reader_of(CODEC), "forwarder") as source,
        LeaderCursor(database, "forwarder", "this test") as cursor,
    ):
        assert await cursor.lead()
        tally = Throughput()
        async with forwarding(source, cursor, broker_url, tally=tally) as now:
            stored = await store(database, lives=100)
            await until(lambda: now.position == len(stored))
        assert (len(stored), True) == (tally.events, 0 < tally.durations.count <= len(stored))
        assert await cursor.load() == len(stored)
    assert stored == await drained(bot)


async def test_a_copy_whose_lease_was_taken_saves_nothing(
    database: str, broker_url: str, bot: AbstractQueue
) -> None:
    stored = await store(database, lives=3)
    async with (
        LogSource(database, reader_of(CODEC), "forwarder") as source,
        LeaderCursor(database, "forwarder", "old copy") as old,
        LeaderCursor(database, "forwarder", "new copy", seconds=0.2) as new,
    ):
        assert await old.lead()
        assert not await new.lead()
        await asyncio.sleep(0.3)  # it froze
        assert await new.lead()
        async with forwarding(source, new, broker_url) as now:
            await until(lambda: now.position == 3)
        await asyncio.sleep(0)
        with pytest.raises(Fenced):
            await old.save(3)
    assert stored == await drained(bot)
