"""A publisher that has a queue for itself: the next one gets it once all that came before has its place."""

import asyncio

import pytest
from aio_pika.abc import AbstractChannel

from kit.broker.amqp.channel import InUse, Rejected
from kit.broker.not_confirmed import Lost
from kit.broker.publisher import EXCHANGE, Publisher
from kit.broker.topology import declare, fence_of
from tests.given.messages import message, numbers_in, through
from tests.projections.forwarding.ways import until
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

FENCE = fence_of(EXCHANGE)


async def fenced(url: str) -> Publisher:
    """Connect as soon as nobody else has the queue."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await Publisher.connect(url, fence=FENCE)
            except InUse:
                await asyncio.sleep(0.01)


async def test_only_one_has_the_queue_until_it_ends(broker_url: str) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url, fence=FENCE) as first:
        with pytest.raises(InUse, match=f"'{FENCE}' .*in exclusive use"):
            await Publisher.connect(broker_url, fence=FENCE)
        await first.publish([message(1, exchange=EXCHANGE, key="a.b")])
    async with await fenced(broker_url) as second:
        await second.publish([message(2, exchange=EXCHANGE, key="a.b")])
        assert 1 == second.confirmed


async def test_what_was_long_on_the_way_comes_before_all_that_the_next_one_sends(
    broker_url: str, broker_channel: AbstractChannel, broker_proxy: Proxy
) -> None:
    await declare(broker_url)
    queue = await broker_channel.declare_queue("bot", durable=True)
    await queue.bind(EXCHANGE, "#")
    events = [message(number, exchange=EXCHANGE, key="a.b") for number in range(1, 301)]

    async def takes_over() -> Publisher:
        publisher = await fenced(broker_url)
        await publisher.publish(events[:200])
        return publisher

    gone = await fenced(through(broker_proxy, broker_url))
    broker_proxy.pause()
    gone.send(events[:100])
    next_one = asyncio.create_task(takes_over())
    await asyncio.wait([next_one], timeout=1)  # time enough for one whom nothing holds back
    broker_proxy.resume()
    await gone.settled(100)
    await gone.close()
    async with await next_one as publisher:
        await until(lambda: _is_there(broker_channel, 300))
        await publisher.publish(events[200:])
    numbers = await numbers_in(queue)
    await queue.delete()
    assert [*range(1, 101), *range(1, 301)] == numbers


async def _is_there(channel: AbstractChannel, messages: int) -> bool:
    queue = await channel.declare_queue("bot", passive=True)
    return queue.declaration_result.message_count == messages


async def test_a_message_that_somebody_leaves_in_the_queue_disturbs_nothing(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url, fence=FENCE) as publisher:
        async with await Publisher.connect(broker_url) as other:
            await other.publish(
                [message(7, key=FENCE, body=b"what is this"), message(8, key=FENCE, body=b"")]
            )
        await publisher.publish([message(n, exchange=EXCHANGE, key="a.b") for n in range(1, 101)])
        assert 100 == publisher.confirmed
    left = await broker_channel.declare_queue(FENCE, passive=True)
    assert 0 == left.declaration_result.message_count


async def test_a_publisher_whose_queue_is_deleted_ends(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url, fence=FENCE) as publisher:
        await broker_channel.queue_delete(FENCE)
        with pytest.raises(Lost, match="the queue is gone"):
            await _publishes_on(publisher)
    with pytest.raises(Rejected, match="404 NOT_FOUND"):
        await Publisher.connect(broker_url, fence=FENCE)


async def _publishes_on(publisher: Publisher) -> None:
    async with asyncio.timeout(30):
        while True:
            await publisher.publish([message(1, exchange=EXCHANGE, key="a.b")])
