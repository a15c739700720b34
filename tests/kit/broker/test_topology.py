"""What the broker must have before events can go through it."""

import pytest
from aio_pika.abc import AbstractChannel

from kit.broker.amqp.address import parse
from kit.broker.publisher import EXCHANGE, LOG, Publisher
from kit.broker.topology import Mismatch, declare
from tests.given.messages import message
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


async def test_declaring_twice_is_declaring_once(broker_url: str) -> None:
    await declare(broker_url)
    await declare(broker_url)
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish([message(n, exchange=EXCHANGE, key="any.thing") for n in range(1, 11)])
        assert publisher.confirmed == 10


async def test_the_stream_keeps_what_was_read(broker_url: str, broker_channel: AbstractChannel) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish([message(1, exchange=EXCHANGE, key="any.thing")])
    await broker_channel.set_qos(prefetch_count=1)
    stream = await broker_channel.declare_queue(LOG, passive=True)
    for _ in range(2):
        async with stream.iterator(arguments={"x-stream-offset": "first"}, timeout=5) as found:
            read = await anext(found)
            await read.ack()
        assert read.message_id == "m-1"


async def test_an_exchange_of_another_type_is_named_and_left_alone(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await broker_channel.declare_exchange(EXCHANGE, "fanout", durable=True)
    with pytest.raises(Mismatch, match=r"frankenjet\.events.*'fanout'"):
        await declare(broker_url)


async def test_a_queue_that_is_no_stream_is_named_and_left_alone(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await broker_channel.declare_queue(LOG, durable=True)
    with pytest.raises(Mismatch, match="x-queue-type"):
        await declare(broker_url)


async def test_a_broker_that_is_away_is_a_connection_error(broker_url: str, broker_proxy: Proxy) -> None:
    await broker_proxy.refuse()
    with pytest.raises(ConnectionError):
        await declare(f"amqp://127.0.0.1:{broker_proxy.port}/{parse(broker_url).vhost}")
