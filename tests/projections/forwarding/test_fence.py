"""One sends at a time, as far as the broker knows; without that, sending goes on and it is said."""

import asyncio

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

from kit.broker.amqp.channel import InUse, Rejected
from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import declare, declare_all, fence_of
from projections.forwarding.fence import HELD_SECONDS, FencedConnect
from tests.given.messages import message
from tests.projections.forwarding.ways import WAYS, Going, Way, is_, until

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

FENCE = fence_of(EXCHANGE)


class Clock:
    """Seconds that a test turns."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def connecting(url: str, clock: Clock | None = None) -> FencedConnect:
    return FencedConnect(url, expects=LOG, fence=FENCE, patience=10, clock=clock or Clock())


async def test_without_the_queue_it_sends_and_says_so_once_until_the_queue_is_there(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await declare(broker_url)
    await broker_channel.queue_delete(FENCE)
    connect = connecting(broker_url)
    with capture_logs() as said:
        for number in (1, 2):
            async with await connect() as publisher:
                await publisher.publish([message(number, exchange=EXCHANGE, key="a.b")])
    assert ["forwarder.unfenced"] == [one["event"] for one in said]
    assert "404 NOT_FOUND" in connect.unfenced
    await declare(broker_url)
    async with await connect():
        assert not connect.unfenced


async def test_who_may_not_read_the_queue_sends_and_says_so(
    documented_users: dict[str, str], broker_channel: AbstractChannel
) -> None:
    """Nobody was given a right to that queue, as in installations from before there was one."""
    await declare(documented_users["migrate"])
    await broker_channel.declare_queue("elsewhere", durable=True)
    connect = FencedConnect(documented_users["projector"], expects=LOG, fence="elsewhere", patience=10)
    async with await connect() as publisher:
        await publisher.publish([message(1, exchange=EXCHANGE, key="a.b")])
    assert "403 ACCESS_REFUSED" in connect.unfenced
    await broker_channel.queue_delete("elsewhere")


async def test_the_documented_rights_are_enough_for_it(documented_users: dict[str, str]) -> None:
    await declare(documented_users["migrate"])
    connect = connecting(documented_users["projector"])
    async with await connect():
        assert not connect.unfenced


async def test_who_has_the_queue_is_waited_for_and_not_without_end(broker_url: str) -> None:
    await declare(broker_url)
    clock = Clock()
    async with await aio_pika.connect(broker_url) as foreign:
        queue = await (await foreign.channel()).get_queue(FENCE)
        await queue.consume(asyncio.Queue[object]().put, no_ack=True)
        connect = connecting(broker_url, clock)
        for _ in range(2):
            with pytest.raises(InUse):
                await connect()
            clock.seconds += HELD_SECONDS - 1
        async with await connect():
            assert FENCE in connect.unfenced
        with pytest.raises(InUse):
            await connect()


async def test_without_a_stream_nobody_sends_whatever_the_queue_says(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await declare(broker_url)
    await broker_channel.queue_delete(LOG)
    with pytest.raises(Rejected, match=rf"404 NOT_FOUND.*{LOG}"):
        await connecting(broker_url)()


@pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS])
async def test_a_queue_that_is_none_for_this_keeps_nobody_from_sending_and_readiness_says_it(
    database: str, broker_url: str, broker_channel: AbstractChannel, way: Way
) -> None:
    await declare_all(broker_url)
    await broker_channel.queue_delete(fence_of(way.exchange))
    arguments: dict[str, str] = {"x-queue-type": "stream"}
    await broker_channel.declare_queue(fence_of(way.exchange), durable=True, arguments=dict(arguments))
    going = Going(way, database, broker_url)
    await going.happens(0, 10)
    async with going.forwarded() as vitals:
        await until(lambda: is_(going.sent(), 10))
        assert fence_of(way.exchange) in vitals.task(way.reader).unseen()
