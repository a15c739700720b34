"""The stream of all events has what was sent, or it is said, mended and filled again: on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from structlog.testing import capture_logs

from events.codec import CODEC
from kit.broker.publisher import EXCHANGE, LOG, Message, Publisher
from kit.broker.stream import EventStream
from kit.broker.topology import declare
from kit.health.tasks import ProcessHealth
from kit.ids import named_id
from kit.log.chain import Seal
from kit.log.spans import Spans, merged
from projections.forwarding.message import cloud_event
from projections.forwarding.missing import known
from projections.forwarding.stream_watch import MOST, StreamWatch
from projections.main import forwarding
from projections.notary.seals import message
from scripts.models.resend import resend
from scripts.models.status import status
from tests.given.lives import notify, random_lives, store
from tests.projections.driving import projector
from tests.projections.forwarding.given import EPOCH, LOG_ID, event
from tests.projections.lives import DAWN
from tests.servers.beside import beside

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

LIVES = random_lives(91, articles=3, steps=200)[:60]

SEAL = message(LOG_ID, Seal(99, bytes(32)), DAWN)


def events(positions: Iterable[int], log: Any = LOG_ID) -> list[Message]:
    return [cloud_event(event(position), log, EPOCH) for position in positions]


@asynccontextmanager
async def forwarded(dsn: str, url: str) -> AsyncIterator[None]:
    """Run the forwarder of a projector, with looks that follow each other quickly."""
    async with beside(forwarding(dsn, CODEC, url, ProcessHealth(), every=0.5)):
        yield


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await true():  # noqa: ASYNC110 - what is looked at belongs to others
            await asyncio.sleep(0.05)


async def missing(dsn: str) -> Spans:
    async with projector(dsn) as connection:
        return await known(connection)


async def sent(dsn: str) -> int:
    async with projector(dsn) as connection:
        position = await connection.fetchval("select position from project.cursor where schema = 'forwarder'")
        return int(position or 0)


async def positions(url: str, dsn: str) -> list[int]:
    """Return the positions that a consumer of the whole stream finds."""
    async with projector(dsn) as connection:
        log = await connection.fetchval("select id from log.identity")
    async with EventStream(url, log) as stream:
        found = await stream.since(0, lambda _one: False, 10_000)
    return [one.position for one in found if one.position is not None]


async def unbound(channel: AbstractChannel) -> None:
    queue = await channel.get_queue(LOG, ensure=False)
    await queue.unbind(EXCHANGE, "#")


async def deleted(channel: AbstractChannel) -> None:
    await channel.queue_delete(LOG)


@pytest.mark.parametrize(("lose", "times"), [(unbound, 20), (deleted, 1)], ids=["unbound", "deleted"])
async def test_what_the_stream_lacks_is_said_and_can_be_filled_again(
    database: str,
    broker_url: str,
    broker_channel: AbstractChannel,
    broker_queue: AbstractQueue,
    lose: Callable[[AbstractChannel], Awaitable[None]],
    times: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await declare(broker_url)
    await broker_queue.bind(EXCHANGE, "#")
    await store(database, LIVES[:20])
    with capture_logs() as said:
        async with forwarded(database, broker_url):
            await until(lambda: is_(sent(database), 20))
            for number in range(20, 40):  # again and again: it is mended meanwhile
                if number < 20 + times:
                    await lose(broker_channel)
                await store(database, LIVES[number : number + 1])
                await notify(database, str(number + 1))  # sent at once, and not when it is mended
            await store(database, LIVES[40:])
            await until(lambda: is_(sent(database), 60))
            there = set(await positions(broker_url, database))
            lacks = [position for position in range(1, 61) if position not in there]
            assert lacks
            await until(lambda: is_(missing(database), merged([(one, one) for one in lacks])))
            assert 3 == await status(database, as_json=True)
            assert f'"missing":{len(lacks)}' in capsys.readouterr().out
            assert 1 == await resend(database, None)
            assert f"frankenjet resend --from {lacks[0]}`" in capsys.readouterr().out
            assert 0 == await resend(database, lacks[0])
            await until(lambda: is_(missing(database), ()))
            assert 0 == await resend(database, None)
    assert list(range(1, 61)) == sorted(set(await positions(broker_url, database)))
    said_of_it = [one["event"] for one in said if one["event"].startswith("stream.")]
    assert ["stream.lacks", "stream.whole"] == said_of_it
    assert 61 - lacks[0] + 60 <= await _length(broker_channel, broker_queue.name)


async def test_a_stream_is_made_again_when_what_stood_in_its_place_is_gone(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    async with watched(broker_url) as (_, watch):
        await watch.begin(0)
        await broker_channel.queue_delete(LOG)
        await broker_channel.declare_queue(LOG, durable=True)
        await watch.look()
        assert watch.unseen
        await broker_channel.queue_delete(LOG)
        for _ in range(2):
            await watch.look()
        assert not watch.unseen
    assert await broker_channel.declare_queue(LOG, passive=True)


async def test_what_was_never_sent_cannot_be_sent_again(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == await resend(database, 1)
    assert "has not been sent yet" in capsys.readouterr().out


class Sending:
    """A publisher, and what the watch is told of it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.position = 0
        self.kept: list[Spans] = []

    async def send(self, sending: list[Message], upto: int) -> None:
        await self._publisher.publish(sending)
        self.position = upto

    async def keep(self, spans: Spans) -> None:
        self.kept.append(spans)


@asynccontextmanager
async def watched(url: str) -> AsyncIterator[tuple[Sending, StreamWatch]]:
    await declare(url)
    async with await Publisher.connect(url) as publisher, EventStream(url, LOG_ID) as stream:
        sending = Sending(publisher)
        yield sending, StreamWatch(stream, lambda: sending.position, (), sending.keep)


async def test_copies_seals_and_other_logs_are_no_loss(broker_url: str) -> None:
    async with watched(broker_url) as (sending, watch):
        await watch.begin(0)
        await sending.send([*events([1, 2, 3]), SEAL, *events([1, 2], named_id("log", "another"))], 3)
        await watch.look()
        await sending.send([*events([2, 3, 4, 5]), SEAL, SEAL], 4)
        await watch.look()
        await sending.send(events([5, 6]), 6)
        for _ in range(3):
            await watch.look()
        assert [] == sending.kept


async def test_what_was_lost_among_very_many_is_noticed(
    broker_url: str, broker_channel: AbstractChannel, broker_queue: AbstractQueue
) -> None:
    async with watched(broker_url) as (sending, watch):
        await broker_queue.bind(EXCHANGE, "#")
        await watch.begin(0)
        await sending.send(events(range(1, 11)), 10)
        await watch.look()
        await unbound(broker_channel)
        await sending.send(events(range(11, 111)), 110)
        await declare(broker_url)
        last = 2 * MOST
        await sending.send(events(range(111, last + 1)), last)
        for _ in range(3):
            await watch.look()
        assert sending.kept
        assert sending.kept[-1][0][0] == 11
        assert sending.kept[-1][0][1] >= 110


async def test_a_stream_that_is_not_ours_to_bind_keeps_the_alarm_on(
    broker_url: str, broker_channel: AbstractChannel, broker_queue: AbstractQueue
) -> None:
    exchange = await broker_channel.declare_exchange(EXCHANGE, "topic", durable=True)
    other: Any = {"x-queue-type": "stream", "x-max-length-bytes": 100_000_000}
    stream = await broker_channel.declare_queue(LOG, durable=True, arguments=other)
    await broker_queue.bind(exchange, "#")
    await stream.bind(exchange, "#")
    async with (
        await Publisher.connect(broker_url) as publisher,
        EventStream(broker_url, LOG_ID) as looking,
    ):
        sending = Sending(publisher)
        watch = StreamWatch(looking, lambda: sending.position, (), sending.keep)
        await watch.begin(0)
        await sending.send(events([1, 2]), 2)
        await watch.look()
        await unbound(broker_channel)
        for upto in (3, 4):
            await sending.send(events([upto]), upto)
            await watch.look()
            await watch.look()
        assert [((3, 3),), ((3, 4),)] == sending.kept


async def is_(found: Awaitable[Any], expected: Any) -> bool:
    return bool(await found == expected)


async def _length(channel: AbstractChannel, queue: str) -> int:
    declared = await channel.declare_queue(queue, durable=True, passive=True)
    return declared.declaration_result.message_count or 0
