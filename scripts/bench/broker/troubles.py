"""What may befall the broker in a measurement: each begins at once, and says how it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import aio_pika
from aio_pika.abc import AbstractChannel

from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import declare_all
from scripts.bench.broker.host import BrokerHost
from scripts.bench.rig.relay import Relay

LATE = 0.3
"""Seconds that each piece is late, both ways, where the network is slow."""


class BrokerUnderTest(NamedTuple):
    """The virtual host, and the way to it that the product takes."""

    host: BrokerHost
    way: Relay


type BrokerTrouble = Callable[[BrokerUnderTest], Awaitable[Callable[[], Awaitable[None]]]]
"""Begins it, and returns what ends it."""


async def away(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Break all connections and take no other ones, as a broker that was stopped."""
    broker.way.away = True
    broker.way.reset()

    async def back() -> None:
        broker.way.away = False

    return back


async def half_open(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Let nothing through, and say nothing about it."""
    broker.way.flowing.clear()

    async def flows() -> None:
        broker.way.flowing.set()

    return flows


async def slow(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Let each piece come late."""
    broker.way.delay = broker.way.delay_there = LATE

    async def quick() -> None:
        broker.way.delay = broker.way.delay_there = 0.0

    return quick


async def forbidden(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Take the right to write and to configure."""
    await broker.host.allow(everything=False)

    async def allowed() -> None:
        await broker.host.allow(everything=True)

    return allowed


async def exchange_deleted(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Delete the exchange, and with it the bindings, where we may not make it again."""
    vhost = broker.host.address.vhost
    await broker.host.control("set_permissions", "-p", vhost, broker.host.address.user, "^$", ".*", ".*")
    name = f'rabbit_misc:r(<<"{vhost}">>, exchange, <<"{EXCHANGE}">>)'
    await broker.host.control("eval", f'rabbit_exchange:delete({name}, false, <<"bench">>).')

    async def made() -> None:
        await broker.host.allow(everything=True)
        await declare_all(broker.host.url)

    return made


async def stream_deleted(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Delete the stream while a bot's queue takes every event: each is confirmed, and past ones are lost."""
    async with _channel(broker) as channel:
        other = await channel.declare_queue("bench-bot", durable=True)
        await other.bind(EXCHANGE, "#")
        await channel.queue_delete(LOG)

    async def nothing() -> None:
        async with _channel(broker) as channel:
            await channel.queue_delete("bench-bot")

    return nothing


async def without_memory(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Let it be short of memory; hits everybody who uses this broker."""
    await broker.host.control("set_vm_memory_high_watermark", "absolute", "1MB")

    async def roomy() -> None:
        await broker.host.control("set_vm_memory_high_watermark", "0.4")

    return roomy


async def without_disk(broker: BrokerUnderTest) -> Callable[[], Awaitable[None]]:
    """Let it be short of disk; hits everybody who uses this broker."""
    await broker.host.control("set_disk_free_limit", "1000000GB")

    async def roomy() -> None:
        await broker.host.control("set_disk_free_limit", "50MB")

    return roomy


@asynccontextmanager
async def _channel(broker: BrokerUnderTest) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(broker.host.url) as connection:
        yield await connection.channel()


TROUBLES: dict[str, BrokerTrouble] = {
    "away": away,
    "half-open": half_open,
    "slow": slow,
    "forbidden": forbidden,
    "exchange-deleted": exchange_deleted,
    "stream-deleted": stream_deleted,
}

ALARMS: dict[str, BrokerTrouble] = {"no-memory": without_memory, "no-disk": without_disk}

NEEDS_NOBODY = frozenset({"slow"})
"""What is not said, since there is nothing to mend."""
