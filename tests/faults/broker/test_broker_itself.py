"""Whatever befalls a broker: stream and queue of a bot have what the log has, in order, and it is said."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractQueue

from kit.broker.topology import declare_all
from tests.faults.broker.test_ways_to_broker import require_whole, waits
from tests.faults.test_broker_killed import node
from tests.projections.forwarding.ways import ALL, WAYS, Going, Way, is_, until
from tests.servers.nodes.rabbitmq_node import Node

__all__ = ["node"]

BOT = "bot"

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.prove,
    pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS]),
]


@pytest_asyncio.fixture
async def prepared(node: Node, way: Way) -> AsyncIterator[Node]:
    """Yield a broker with our exchanges and streams, and the durable queue of a bot."""
    await declare_all(node.url)
    async with await aio_pika.connect(node.url) as connection:
        bot = await (await connection.channel()).declare_queue(BOT, durable=True)
        await bot.bind(way.exchange, "#")
    await node.registered()
    yield node


async def ids_in(queue: AbstractQueue) -> list[str]:
    """Take everything out of a queue."""
    found = []
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        found.append(message.message_id or "")
    return found


async def _little_memory(node: Node) -> None:
    await node.control("set_vm_memory_high_watermark", "absolute", "1MB")


async def _memory(node: Node) -> None:
    await node.control("set_vm_memory_high_watermark", "0.4")


async def _little_disk(node: Node) -> None:
    await node.control("set_disk_free_limit", "1000000GB")


async def _disk(node: Node) -> None:
    await node.control("set_disk_free_limit", "1MB")


async def _forbidden(node: Node) -> None:
    await node.control("set_permissions", "guest", "^$", "^$", ".*")
    await node.control("close_all_connections", "what a channel may do it remembers for a while")


async def _allowed(node: Node) -> None:
    await node.control("set_permissions", "guest", ".*", ".*", ".*")


KILLED, FORBIDDEN = (Node.kill, Node.start), (_forbidden, _allowed)

NODE_TROUBLES = {
    "killed": (KILLED, KILLED),
    "short of memory, then of disk": ((_little_memory, _memory), (_little_disk, _disk)),
    "permissions revoked": (FORBIDDEN, FORBIDDEN),
}

type Step = Callable[[Node], Awaitable[None]]


@pytest.mark.parametrize("troubles", NODE_TROUBLES.values(), ids=list(NODE_TROUBLES))
async def test_a_stream_is_whole_after_any_trouble_of_the_broker_and_that_is_said(
    database: str, prepared: Node, way: Way, troubles: tuple[tuple[Step, Step], ...]
) -> None:
    going = Going(way, database, prepared.url)
    await going.happens(0, 10)
    async with going.forwarded():
        for after, (begin, end) in zip((10, 30), troubles, strict=True):
            await until(lambda upto=after: is_(going.sent(), upto), 60)  # type: ignore[misc]
            await begin(prepared)
            await going.happens(after, after + 20)
            await until(lambda: waits(database, way.reader))
            await end(prepared)
        await until(lambda: is_(going.sent(), 50), 60)
        await going.happens(50, ALL)
        await until(lambda: is_(going.sent(), ALL))
    await require_whole(going, database)
    async with await aio_pika.connect(prepared.url) as connection:
        ids = await ids_in(await (await connection.channel()).get_queue(BOT))
    there = dict.fromkeys(one.id for one in await going.arrived())
    assert [*there] == [*dict.fromkeys(ids)], "a queue of a bot has what the stream has"
