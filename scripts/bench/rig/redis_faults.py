"""What may befall Redis in a measurement: each begins at once, and says how it ends."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from redis.asyncio import Redis

from kit.embedded.valkey import Valkey
from kit.running.ending import end
from scripts.bench.rig.relay import Relay

_GARBAGE = """
for n, key in ipairs(redis.call('KEYS', '*')) do
  local held = redis.call('GET', key)
  local changed = string.sub(held, 1, 40) .. '?' .. string.sub(held, 42)
  local garbage = {'', 'garbage', string.sub(held, 1, -2), changed}
  redis.call('SET', key, garbage[n % 4 + 1])
end"""


@dataclass
class RedisUnderTest:
    """The server, and the way to it that the product takes."""

    server: Valkey
    client: Redis
    relay: Relay

    async def process(self) -> int:
        """Return the server's pid."""
        return int((await self.client.info("server"))["process_id"])


type End = Callable[[], Awaitable[None]]

type RedisFault = Callable[[RedisUnderTest], Awaitable[End]]
"""Begins it, and returns what ends it."""


async def nothing(_cache: RedisUnderTest) -> End:
    """Leave it alone."""
    return _done


async def killed(cache: RedisUnderTest) -> End:
    """End it at once, and start it again afterwards."""
    os.kill(await cache.process(), signal.SIGKILL)

    async def again() -> None:
        cache.server.stop()
        cache.server.start()

    return again


async def frozen(cache: RedisUnderTest) -> End:
    """Let it take connections and say nothing."""
    process = await cache.process()
    os.kill(process, signal.SIGSTOP)

    async def thawed() -> None:
        os.kill(process, signal.SIGCONT)

    return thawed


async def slow(cache: RedisUnderTest) -> End:
    """Let each answer come half a second late."""
    cache.relay.delay = 0.5

    async def quick() -> None:
        cache.relay.delay = 0.0

    return quick


async def full(cache: RedisUnderTest) -> End:
    """Let it refuse to store anything."""
    await cache.client.flushall()
    await cache.client.config_set("maxmemory-policy", "noeviction")
    await cache.client.config_set("maxmemory", "1")

    async def roomy() -> None:
        await cache.client.config_set("maxmemory", "64mb")
        await cache.client.config_set("maxmemory-policy", "allkeys-lru")

    return roomy


async def flushed(cache: RedisUnderTest) -> End:
    """Empty it ten times a second."""
    return _again_and_again(cache.client.flushall)


async def garbage(cache: RedisUnderTest) -> End:
    """Fill it with garbage under our keys, ten times a second."""
    return _again_and_again(lambda: cache.client.eval(_GARBAGE, 0))


FAULTS: dict[str, RedisFault] = {
    "well": nothing,
    "killed": killed,
    "flushed": flushed,
    "frozen": frozen,
    "garbage": garbage,
    "full": full,
    "slow": slow,
}


async def _done() -> None:
    """Do nothing."""


def _again_and_again(what: Callable[[], Any]) -> End:
    async def repeat() -> None:
        while True:
            await what()
            await asyncio.sleep(0.1)

    task = asyncio.create_task(repeat())

    return partial(end, task)
