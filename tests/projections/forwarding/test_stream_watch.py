"""The stream of all events has what was sent, or it is said, mended and filled again: on a real broker."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from structlog.testing import capture_logs

from kit.broker.publisher import EXCHANGE, LOG, Message, Publisher
from kit.broker.stream import EventStream
from kit.broker.topology import declare, declare_all
from kit.ids import named_id
from kit.log.chain import Seal
from kit.log.spans import Spans, merged
from projections.forwarding.message import cloud_event
from projections.forwarding.stream_watch import MOST, StreamWatch
from projections.notary.seals import message
from scripts.models.resend import resend
from scripts.models.status import status
from tests.projections.forwarding.given import EPOCH, LOG_ID, event
from tests.projections.forwarding.ways import ALL, WAYS, Going, Way, is_, until
from tests.projections.lives import DAWN

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

EVERY = WAYS[0]

SEAL = message(LOG_ID, Seal(99, bytes(32)), DAWN)


def events(positions: Iterable[int], log: Any = LOG_ID) -> list[Message]:
    return [cloud_event(event(position), log, EPOCH) for position in positions]


type Lose = Callable[[Way, AbstractChannel], Awaitable[None]]


async def unbound(way: Way, channel: AbstractChannel) -> None:
    queue = await channel.get_queue(way.log, ensure=False)
    await queue.unbind(way.exchange, "#")


async def deleted(way: Way, channel: AbstractChannel) -> None:
    await channel.queue_delete(way.log)


@pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS])
@pytest.mark.parametrize(("lose", "times"), [(unbound, 20), (deleted, 1)], ids=["unbound", "deleted"])
async def test_what_the_stream_lacks_is_said_and_can_be_filled_again(
    database: str,
    broker_url: str,
    broker_channel: AbstractChannel,
    broker_queue: AbstractQueue,
    way: Way,
    lose: Lose,
    times: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await declare_all(broker_url)
    await broker_queue.bind(way.exchange, "#")
    going = Going(way, database, broker_url)
    public, option = way.reader == "public", " --public" if way.reader == "public" else ""
    await going.happens(0, 20)
    with capture_logs() as said:
        async with going.forwarded():
            await until(lambda: is_(going.sent(), 20))
            for number in range(20, 40):  # again and again: it is mended meanwhile
                if number < 20 + times:
                    await lose(way, broker_channel)
                await going.happens(number, number + 1)  # sent at once, and not when it is mended
            await going.happens(40, ALL)
            await until(lambda: is_(going.sent(), ALL))
            there = set(await going.places())
            lacks = [place for place in range(1, ALL + 1) if place not in there]
            assert lacks
            await until(lambda: is_(going.missing(), merged([(one, one) for one in lacks])))
            assert 3 == await status(database, as_json=True)
            assert f'"missing":{len(lacks)}' in capsys.readouterr().out
            assert 1 == await resend(database, None, public=public)
            assert f"frankenjet resend{option} --from {lacks[0]}`" in capsys.readouterr().out
            assert 0 == await resend(database, lacks[0], public=public)
            await until(lambda: is_(going.missing(), ()))
            assert 0 == await resend(database, None, public=public)
    assert list(range(1, ALL + 1)) == sorted(set(await going.places()))
    said_of_it = [one["event"] for one in said if one["event"].startswith("stream.")]
    assert ["stream.lacks", "stream.whole"] == said_of_it
    assert ALL + 1 - lacks[0] + ALL <= await _length(broker_channel, broker_queue.name)


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
        await unbound(EVERY, broker_channel)
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
        await unbound(EVERY, broker_channel)
        for upto in (3, 4):
            await sending.send(events([upto]), upto)
            await watch.look()
            await watch.look()
        assert [((3, 3),), ((3, 4),)] == sending.kept


async def test_what_comes_late_is_seen_although_nothing_else_is_sent(
    broker_url: str, broker_channel: AbstractChannel, broker_queue: AbstractQueue
) -> None:
    async with watched(broker_url) as (sending, watch):
        await broker_queue.bind(EXCHANGE, "#")
        await watch.begin(0)
        await sending.send(events([1, 2]), 2)
        await watch.look()
        await unbound(EVERY, broker_channel)
        await sending.send(events([3]), 3)
        for _ in range(3):
            await watch.look()
        assert [((3, 3),)] == sending.kept
        await sending.send(events([3]), 3)
        for _ in range(2):
            await watch.look()
        assert [((3, 3),), ()] == sending.kept


async def _length(channel: AbstractChannel, queue: str) -> int:
    declared = await channel.declare_queue(queue, durable=True, passive=True)
    return declared.declaration_result.message_count or 0
