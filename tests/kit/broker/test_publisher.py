"""The publisher against a real RabbitMQ: order, persistence, and exact counts of what is confirmed."""

from datetime import UTC, datetime

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from pamqp.common import FieldTable

from kit.broker.publisher import Lost, NotTaken, Publisher, Unroutable
from tests.given.messages import message, numbers_in

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


async def test_three_thousand_messages_arrive_once_and_in_order(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    async with await Publisher.connect(broker_url) as publisher:
        marks = []
        for start in range(1, 3_001, 200):
            marks.append(
                publisher.send([message(n, key=broker_queue.name) for n in range(start, start + 200)])
            )
            await publisher.settled(marks[-2] if len(marks) > 1 else 0)
        await publisher.settled(marks[-1])
        assert publisher.confirmed == 3_000
    assert list(range(1, 3_001)) == await numbers_in(broker_queue)


async def test_what_is_published_is_persistent_and_whole(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    body = bytes(range(256)) * 2_000
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish([message(1, key=broker_queue.name, body=body)])
    found = await broker_queue.get(no_ack=True)
    assert found.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert found.body == body
    assert found.headers == {"x-position": 1}
    assert found.timestamp == datetime.fromtimestamp(1_700_000_000, UTC)


async def test_a_message_that_no_queue_wants_ends_the_publisher_exactly_there(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    keys = [broker_queue.name] * 6 + ["nowhere"] + [broker_queue.name] * 93
    async with await Publisher.connect(broker_url) as publisher:
        with pytest.raises(Unroutable, match="NO_ROUTE") as caught:
            await publisher.publish([message(n, key=key) for n, key in enumerate(keys, 1)])
        assert caught.value.confirmed == publisher.confirmed == 6
        with pytest.raises(Unroutable):
            publisher.send([message(101, key=broker_queue.name)])


async def test_an_earlier_window_is_not_spoilt_by_a_later_one(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    async with await Publisher.connect(broker_url) as publisher:
        first = publisher.send([message(n, key=broker_queue.name) for n in range(1, 51)])
        second = publisher.send([message(51, key=broker_queue.name), message(52, key="nowhere")])
        await publisher.settled(first)
        with pytest.raises(Unroutable) as caught:
            await publisher.settled(second)
        assert caught.value.confirmed == 51


async def test_a_full_queue_that_refuses_ends_the_publisher_exactly_there(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    limits: FieldTable = {"x-max-length": 3, "x-overflow": "reject-publish"}
    full = await broker_channel.declare_queue("full", durable=True, arguments=limits)
    async with await Publisher.connect(broker_url) as publisher:
        with pytest.raises(NotTaken) as caught:
            await publisher.publish([message(n, key="full") for n in range(1, 20)])
        assert caught.value.confirmed == len(await numbers_in(full))
    await full.delete()


async def test_a_missing_exchange_closes_the_channel_and_says_why(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish([message(1, key=broker_queue.name), message(2, key=broker_queue.name)])
        with pytest.raises(Lost, match="404 NOT_FOUND") as caught:
            await publisher.publish([message(3, exchange="missing", key="x")])
        assert caught.value.confirmed == 2


async def test_a_message_that_cannot_be_written_sends_nothing_of_its_window(
    broker_url: str, broker_queue: AbstractQueue
) -> None:
    async with await Publisher.connect(broker_url) as publisher:
        with pytest.raises(ValueError, match="255 bytes"):
            await publisher.publish([message(1, key=broker_queue.name), message(2, key="k" * 300)])
        await publisher.publish([message(1, key=broker_queue.name)])
        assert publisher.confirmed == 1
