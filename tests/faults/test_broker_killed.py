"""A broker of the test's own is killed and starved while events go through it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aio_pika
import orjson
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractQueue

from kit.broker.publisher import EXCHANGE, LOG, Publisher, TimedOut
from kit.broker.stream import EventStream
from kit.broker.topology import declare
from kit.log.spans import Spans, merged
from projections.forwarding.stream_watch import StreamWatch
from tests.given.messages import message
from tests.projections.forwarding.given import LOG_ID, Kept, Listed, drained, event, forwarding, until
from tests.scripts.bot.test_bot import listening
from tests.servers.nodes.rabbitmq_node import Node, installed

PART = 1_500
"""Events between two kills: no more than a watch reads one by one (`stream_watch.MOST`)."""

LOOKS = 4
"""Looks in which a watch has read a part, copies included, and two that agree."""

pytestmark = [pytest.mark.rabbitmq, pytest.mark.prove]


@pytest_asyncio.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    scripts = installed()
    if scripts is None:
        reason = "no RabbitMQ is installed"
        if os.environ.get("CI") == "true":  # noqa: TID251 - the convention of build machines
            pytest.fail(reason)
        pytest.skip(reason)
    async with Node(scripts, tmp_path) as running:
        yield running


async def arrived(url: str) -> list[tuple[int, object]]:
    """Take everything out of the durable queue."""
    async with await aio_pika.connect(url) as connection:
        queue: AbstractQueue = await (await connection.channel()).get_queue("bot")
        return list(await drained(queue))


async def prepare(node: Node) -> None:
    """Declare the exchange, the stream, and a durable classic queue that is bound to everything."""
    await declare(node.url)
    async with await aio_pika.connect(node.url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("bot", durable=True)
        await queue.bind(EXCHANGE, "#")
    await node.registered()


async def in_stream(url: str, upto: int) -> set[int]:
    """Return the positions in the stream; it ends with that one, or when nothing comes for a while."""
    found: set[int] = set()
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1_000)
        stream = await channel.get_queue(LOG)
        with suppress(TimeoutError):
            async with stream.iterator(arguments={"x-stream-offset": "first"}, timeout=10) as messages:
                async for one in messages:
                    await one.ack()
                    found.add(orjson.loads(one.body)["position"])
                    if upto in found:
                        break
    return found


async def keep(_missing: Spans) -> None:
    """Keep nothing: a watch remembers itself what it said."""


async def require_said(watch: StreamWatch, lacks: Spans) -> None:
    """Require that a watch says soon that the stream lacks this, and stays with it."""
    said: list[Spans] = []
    async with asyncio.timeout(120):
        while len(said) < LOOKS or said[-2:] != [lacks, lacks]:
            await watch.look()
            said.append(watch.missing)


async def test_a_killed_broker_has_everything_that_it_confirmed_and_a_bot_shows_it_once(node: Node) -> None:
    """Whatever the stream lost of it, the watch says just that, and it is shown when it is sent again."""
    await prepare(node)
    source, cursor = Listed(), Kept()
    async with (
        listening(node.url, after=0) as screen,
        forwarding(source, cursor, node.url, expects=LOG) as now,
        EventStream(node.url, LOG_ID) as stream,
    ):
        watch = StreamWatch(stream, lambda: cursor.position, (), keep)
        for last in (PART, 2 * PART):
            before = cursor.position
            source.add(*[event(n) for n in range(before + 1, last + 1)])
            await until(lambda known=before: cursor.position > known, 120)  # type: ignore[misc]
            await node.kill()
            await until(lambda: now.state == "waiting", 120)
            await node.start()
            await until(lambda upto=last: cursor.position == upto, 120)  # type: ignore[misc]
            await stream.hang_up()  # what it had was to the one that was killed
            there = await in_stream(node.url, last)
            lacks = [position for position in range(1, last + 1) if position not in there]
            await require_said(watch, merged([(position, position) for position in lacks]))
        await until(lambda: len(screen.lines) == len(there), 120)
        first = list(dict.fromkeys(await arrived(node.url)))
        again = Listed([*source.items, event(2 * PART + 1)])
        async with forwarding(again, Kept(), node.url, expects=LOG):
            await until(lambda: screen.positions[-1:] == [2 * PART + 1], 120)
    assert screen.positions == [*sorted(there), *lacks, 2 * PART + 1]
    assert [position for position, _ in first] == list(range(1, 2 * PART + 1))
    assert len({id_ for _, id_ in first}) == 2 * PART


async def test_a_broker_short_of_memory_is_given_up_in_time_and_that_is_said(node: Node) -> None:
    await prepare(node)
    async with await Publisher.connect(node.url, patience=1) as publisher:
        await publisher.publish([message(1, exchange=EXCHANGE, key="a.b")])
        await node.control("set_vm_memory_high_watermark", "absolute", "1MB")
        began = time.monotonic()
        with pytest.raises(TimedOut, match="blocks publishers: low on memory") as caught:
            await publisher.publish([message(n, exchange=EXCHANGE, key="a.b") for n in range(2, 102)])
        assert caught.value.confirmed == 1
    assert time.monotonic() - began < 20


async def test_events_wait_for_a_broker_short_of_memory_and_then_all_arrive(node: Node) -> None:
    await prepare(node)
    source, cursor = Listed([event(n) for n in range(1, 101)]), Kept()
    async with forwarding(source, cursor, node.url, patience=1) as now:
        await until(lambda: cursor.position == 100, 60)
        await node.control("set_vm_memory_high_watermark", "absolute", "1MB")
        source.add(*[event(n) for n in range(101, 2_001)])
        await until(lambda: now.state == "waiting", 60)
        await asyncio.sleep(5)
        await node.control("set_vm_memory_high_watermark", "0.4")
        await until(lambda: cursor.position == 2_000, 120)
    found = await arrived(node.url)
    assert [position for position, _ in dict.fromkeys(found)] == list(range(1, 2_001))
    assert len(found) < 2_000 + 1_000, "a broker in trouble was sent the same things too often"
