"""What a measurement does to Redis really happens to it, and ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from kit.cache.store import Cache as Product
from kit.embedded.state import open_state
from kit.embedded.valkey import Valkey
from scripts.bench.rig import redis_faults as faults
from scripts.bench.rig.redis_faults import RedisUnderTest
from scripts.bench.rig.relay import Relay


@pytest_asyncio.fixture
async def cache(open_folder: Path) -> AsyncIterator[RedisUnderTest]:
    with Valkey(open_state(open_folder / "state")) as server:
        socket = server.start().removeprefix("unix://")
        client = Redis(unix_socket_path=socket, socket_timeout=0.5)
        async with Relay(socket) as relay:
            yield RedisUnderTest(server, client, relay)
        await client.aclose()


async def answers(cache: RedisUnderTest) -> bool:
    """Say whether the server answers the product within its time-out."""
    client = Redis(port=cache.relay.port, socket_timeout=0.25, retry=Retry(NoBackoff(), 0))
    try:
        with suppress(RedisError, OSError):
            return bool(await client.ping())
        return False
    finally:
        await client.aclose()


async def test_a_killed_one_does_not_answer_and_is_started_again_empty(cache: RedisUnderTest) -> None:
    await cache.client.set("a", "1")
    end = await faults.killed(cache)
    assert not await answers(cache)
    await end()
    assert await answers(cache)
    assert await cache.client.get("a") is None


async def test_a_frozen_one_takes_connections_and_says_nothing_until_it_thaws(cache: RedisUnderTest) -> None:
    await cache.client.set("a", "1")
    end = await faults.frozen(cache)
    began = time.monotonic()
    assert not await answers(cache)
    assert time.monotonic() - began > 0.2
    await end()
    assert await answers(cache)
    assert b"1" == await cache.client.get("a")


async def test_a_slow_one_answers_half_a_second_late(cache: RedisUnderTest) -> None:
    client = Redis(port=cache.relay.port, protocol=2, driver_info=None)
    await client.ping()
    end = await faults.slow(cache)
    began = time.monotonic()
    assert await client.ping()
    assert 0.5 <= time.monotonic() - began < 5
    await end()
    took: list[float] = []
    for _ in range(5):
        began = time.monotonic()
        assert await client.ping()
        took.append(time.monotonic() - began)
    assert min(took) < 0.4
    await client.aclose()


async def test_a_full_one_stores_nothing_until_it_has_room(cache: RedisUnderTest) -> None:
    end = await faults.full(cache)
    with pytest.raises(ResponseError, match="maxmemory"):
        await cache.client.set("a", "1")
    await end()
    await cache.client.set("a", "1")
    assert b"1" == await cache.client.get("a")


async def test_one_that_is_flushed_again_and_again_keeps_nothing(cache: RedisUnderTest) -> None:
    end = await faults.flushed(cache)
    await asyncio.sleep(0.05)
    await cache.client.set("a", "1")
    await asyncio.sleep(0.2)
    assert await cache.client.get("a") is None
    await end()
    await cache.client.set("a", "1")
    await asyncio.sleep(0.2)
    assert b"1" == await cache.client.get("a")


async def test_garbage_stands_under_each_of_our_keys(cache: RedisUnderTest) -> None:
    async with Product(f"redis://127.0.0.1:{cache.relay.port}/0", "space") as product:
        keys = [f"k{n}" for n in range(8)]
        for key in keys:
            await product.put(key, 1, b"value")
            assert (1, b"value") == await product.get(key)
        end = await faults.garbage(cache)
        await asyncio.sleep(0.05)
        await end()
        assert 8 == await cache.client.dbsize()
        assert [None] * 8 == [await product.get(key) for key in keys]
