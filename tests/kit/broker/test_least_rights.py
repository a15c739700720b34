"""Who sends events needs the right to write to one exchange: none to declare, or to write elsewhere."""

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.exceptions import AMQPError

from kit.broker.publisher import EXCHANGE, LOG, NotConfirmed, Publisher
from kit.broker.topology import PUBLIC, PUBLIC_LOG, declare, declare_all
from tests.given.messages import message

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest_asyncio.fixture
async def projector_url(documented_users: dict[str, str]) -> str:
    """Declare as the one who migrates, and return the address of the one who projects."""
    await declare(documented_users["migrate"])
    return documented_users["projector"]


async def test_the_documented_rights_are_enough_to_send_events_and_to_look_at_the_stream(
    projector_url: str,
) -> None:
    async with await Publisher.connect(projector_url, expects=LOG) as publisher:
        await publisher.publish([message(1, exchange=EXCHANGE, key="article.published")])
        assert 1 == publisher.confirmed
    async with await aio_pika.connect(projector_url) as connection:
        channel = await connection.channel()
        await channel.set_qos(1)
        stream = await channel.get_queue(LOG)
        async with stream.iterator(arguments={"x-stream-offset": "first"}, timeout=5) as messages:
            found = await anext(aiter(messages))
            await found.ack()
    assert "m-1" == found.message_id


async def test_they_are_enough_to_send_what_readers_may_know(documented_users: dict[str, str]) -> None:
    await declare_all(documented_users["migrate"])
    async with await Publisher.connect(documented_users["projector"], expects=PUBLIC_LOG) as publisher:
        await publisher.publish([message(1, exchange=PUBLIC, key="article.published")])
        assert 1 == publisher.confirmed


async def test_they_are_enough_for_nothing_else(projector_url: str) -> None:
    with pytest.raises(ConnectionError):
        await declare(projector_url, exchange="of.another", log="of.another")
    async with await Publisher.connect(projector_url) as publisher:
        with pytest.raises(NotConfirmed):
            await publisher.publish([message(1, exchange="amq.topic", key="article.published")])
    async with await aio_pika.connect(projector_url) as connection:
        channel = await connection.channel()
        with pytest.raises((AMQPError, RuntimeError)):
            await channel.queue_delete(LOG)
