"""Seals of the log travel among the events; a bot never takes one for something that befell an entry."""

import asyncio
import json
from datetime import UTC, datetime

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel

from kit.broker.amqp.wire import Message
from kit.broker.publisher import EXCHANGE, Publisher
from kit.broker.topology import declare
from kit.log.chain import Seal
from projections.forwarding.message import cloud_event
from projections.notary.seals import message
from scripts.bot.deliveries import newest
from scripts.bot.words import title_in
from tests.given.messages import through
from tests.projections.forwarding.given import EPOCH, LOG_ID, event, until
from tests.scripts.bot.test_bot import listening
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest_asyncio.fixture
async def broker(broker_url: str) -> str:
    await declare(broker_url)
    return broker_url


def told(position: int) -> Message:
    return cloud_event(event(position), LOG_ID, EPOCH)


def sealed(position: int) -> Message:
    return message(LOG_ID, Seal(position, bytes(32)), datetime(2026, 3, 1, tzinfo=UTC))


async def publish(url: str, *messages: Message) -> None:
    async with await Publisher.connect(url) as publisher:
        await publisher.publish(messages)


async def test_seals_are_passed_over_without_a_word_when_the_stream_is_replayed(broker: str) -> None:
    await publish(broker, sealed(2), told(1), sealed(1), told(2), told(3), sealed(3), told(2), sealed(900))
    async with listening(broker, after=0) as screen:
        await screen.shows(1, 2, 3)
        await publish(broker, sealed(4), told(4))
        await screen.shows(1, 2, 3, 4)
    assert [] == screen.told


async def test_seals_are_passed_over_without_a_word_by_a_queue_of_ones_own(
    broker: str, broker_channel: AbstractChannel
) -> None:
    async with listening(broker, queue="a bot") as screen:
        while not screen.lines:
            await publish(broker, sealed(7), told(1))
            await asyncio.sleep(0.2)
    await publish(broker, sealed(1), sealed(2), told(2), sealed(2))
    async with listening(broker, queue="a bot") as screen:
        await publish(broker, told(3))
        await screen.shows(2, 3)
    assert [] == screen.told
    queue = await broker_channel.get_queue("a bot")
    assert 0 == queue.declaration_result.message_count, "seals are acknowledged: they do not come again"
    await queue.delete(if_empty=False)


async def test_those_who_want_the_events_as_they_are_get_events_only(broker: str) -> None:
    await publish(broker, told(1), sealed(1), told(2), sealed(2), told(3))
    async with listening(broker, after=0, json_output=True) as screen:
        await until(lambda: len(screen.lines) == 3)
    assert ["article.published"] * 3 == [json.loads(line)["type"] for line in screen.lines]


async def test_a_seal_is_known_by_its_type_whatever_way_it_came(
    broker: str, broker_channel: AbstractChannel
) -> None:
    exchange = await broker_channel.get_exchange(EXCHANGE)
    await exchange.publish(aio_pika.Message(sealed(1).body), "article.published")
    await publish(broker, told(1))
    async with listening(broker, after=0) as screen:
        await screen.shows(1)
    assert [] == screen.told


async def test_an_outage_between_two_seals_loses_and_repeats_nothing(
    broker: str, broker_proxy: Proxy
) -> None:
    await publish(broker, sealed(1), told(1), sealed(1))
    async with listening(through(broker_proxy, broker), after=0) as screen:
        await screen.shows(1)
        await broker_proxy.refuse()
        broker_proxy.reset()
        await publish(broker, sealed(1), told(2), sealed(2))
        await until(lambda: bool(screen.told))
        await broker_proxy.accept()
        await publish(broker, told(3))
        await screen.shows(1, 2, 3)
    assert ["waiting for RabbitMQ"] == [line.partition(" at ")[0] for line in screen.told]


async def test_a_late_stream_that_ends_with_seals_is_taken_up_at_the_right_place(broker: str) -> None:
    events = [told(position) for position in range(501, 601)]
    await publish(broker, *events, *(sealed(600) for _ in range(40)))
    async with listening(broker, after=570) as screen:
        await screen.shows(*range(571, 601))
    assert [] == screen.told


async def test_a_stream_whose_end_says_no_position_is_read_from_its_beginning(
    broker: str, broker_channel: AbstractChannel
) -> None:
    exchange = await broker_channel.get_exchange(EXCHANGE)
    await publish(broker, told(1), told(2))
    await asyncio.sleep(0.5)  # so that the next one does not come into the same chunk of the stream
    await exchange.publish(aio_pika.Message(b"hello"), "a.b")
    assert await newest(broker) == (2, None)
    async with listening(broker, after=1) as screen:
        await screen.shows(2)


def test_a_seal_tells_no_title() -> None:
    assert title_in(json.loads(sealed(1).body)) is None
