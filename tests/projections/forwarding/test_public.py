"""What readers may know goes to RabbitMQ in the order of its numbers, and a follower sees what it lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aio_pika
import orjson
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from kit.broker.publisher import LOG
from kit.broker.topology import PUBLIC, PUBLIC_LOG, Mismatch, declare_all
from tests.given.messages import through
from tests.journeys.stream.following import Aircraft, told_by
from tests.servers.proxy import Proxy
from tests.servers.running import in_process

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


class Bot:
    """Takes what comes out of the public stream, from its beginning on."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def first(self) -> list[dict[str, Any]]:
        """Each event once, as it came first."""
        return list({one["id"]: one for one in self.heard}.values())

    async def take(self, message: AbstractIncomingMessage) -> None:
        body = orjson.loads(message.body)
        assert message.message_id == body["id"]
        assert message.headers["x-sequence"] == body["sequence"]
        self.heard.append(body)
        self.keys.append(message.routing_key)
        await message.ack()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.first) < count:  # noqa: ASYNC110 - the broker tells it
                await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Bot]:
    bot = Bot()
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(100)
        queue = await channel.get_queue(PUBLIC_LOG)
        await queue.consume(bot.take, arguments={"x-stream-offset": "first"})
        yield bot


async def test_a_bot_hears_what_readers_may_know_and_nothing_else(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    await declare_all(broker_url)
    async with in_process(database, tmp_path, rabbitmq_url=broker_url) as site, listening(broker_url) as bot:
        plane = Aircraft(site)
        await plane.write(crew=2)
        await plane.show()
        await plane.write(crew=3)
        await plane.step("PUT", "slug", {"slug": "tu-144-d"})
        await plane.show()
        told = await told_by(site.client, plane.position)
        await bot.until(3)
        assert told == bot.first
        assert ["aircraft.published", "aircraft.renamed", "aircraft.published"] == bot.keys[:3]
        assert [1, 2, 3] == [one["sequence"] for one in bot.first]
        assert [0, *(one["position"] for one in bot.first[:-1])] == [one["previous"] for one in bot.first]


async def test_what_happens_while_the_broker_is_away_comes_in_order_when_it_is_back(
    database: str, tmp_path: Path, broker_url: str, broker_proxy: Proxy
) -> None:
    await declare_all(broker_url)
    url = through(broker_proxy, broker_url)
    async with in_process(database, tmp_path, rabbitmq_url=url) as site, listening(broker_url) as bot:
        plane = Aircraft(site)
        await plane.show()
        await bot.until(1)
        for number in range(1, 4):
            await broker_proxy.refuse()
            broker_proxy.reset()
            for more in range(3):
                await plane.step("PUT", "slug", {"slug": f"tu-{number}-{more}"})
            await broker_proxy.accept()
            await bot.until(1 + 3 * number)
        assert [*range(1, 11)] == [one["sequence"] for one in bot.first]
        told = await told_by(site.client, plane.position)
        assert [one["id"] for one in told] == [one["id"] for one in bot.first]


async def test_both_exchanges_are_declared_with_streams_that_keep_everything(broker_url: str) -> None:
    await declare_all(broker_url)
    await declare_all(broker_url)
    async with await aio_pika.connect(broker_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(PUBLIC)
        sent = await exchange.publish(aio_pika.Message(b"x"), routing_key="fact.published")
        assert "Basic.Ack" in str(sent)


async def test_a_stream_of_all_events_with_other_limits_keeps_nobody_from_the_public_one(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    other: Any = {"x-queue-type": "stream", "x-max-length-bytes": 100_000_000}
    await broker_channel.declare_queue(LOG, durable=True, arguments=other)
    with pytest.raises(Mismatch, match="exists with other arguments"):
        await declare_all(broker_url)
    assert await broker_channel.declare_queue(PUBLIC_LOG, passive=True)
