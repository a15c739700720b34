"""Stamped values in Redis, whatever else stands there."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from kit.cache.store import PUTS, SELDOM, TOGETHER, TTL, VAIN, Cache
from tests.servers.redis_server import redis_with_prefix


@pytest_asyncio.fixture
async def redis() -> AsyncIterator[tuple[Redis, str, str]]:
    async with redis_with_prefix() as found:
        yield found


async def test_a_value_comes_back_with_its_stamp(redis: Any) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        assert await cache.get("a") is None
        await cache.put("a", 7, "Ту\x00".encode())
        assert await cache.get("a") == (7, "Ту\x00".encode())
        assert 0 < await client.ttl(f"{prefix}:a") <= TTL


async def test_a_newer_value_is_not_replaced_by_an_older_one(redis: Any) -> None:
    _, url, prefix = redis
    async with Cache(url, prefix) as cache:
        for stamp, value, expected in ((9, b"nine", b"nine"), (8, b"eight", b"nine"), (10, b"ten", b"ten")):
            await cache.put("a", stamp, value)
            found = await cache.get("a")
            assert found is not None
            assert found[1] == expected


async def test_a_server_that_is_well_serves_more_callers_than_there_are_connections(redis: Any) -> None:
    """None of them waits so long, behind others that come back at once, that the server seems to be away."""
    _, url, prefix = redis
    async with Cache(url, prefix) as cache:
        await cache.put("a", 1, b"x" * 8_000)
        end = time.monotonic() + 1
        found: Counter[bool] = Counter()

        async def reader() -> None:
            while time.monotonic() < end:
                found[await cache.get("a") is not None] += 1

        async def writer(number: int) -> None:
            while time.monotonic() < end:
                await cache.put(f"b{number}", 1, b"x" * 8_000)

        await asyncio.gather(*(reader() for _ in range(64)), *(writer(number) for number in range(PUTS)))
    assert found[False] <= found[True] // 100


@pytest.mark.parametrize(
    "garbage", [b"", b"garbage", b"fj1\n", b"fj1\n" + b"9" * 19 + b"x" * 40, b"\xff" * 500]
)
async def test_garbage_is_no_value(redis: Any, garbage: bytes) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        await client.set(f"{prefix}:a", garbage)
        assert await cache.get("a") is None


async def test_garbage_gives_way_to_a_value(redis: Any) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        await client.set(f"{prefix}:a", b"garbage")
        await cache.put("a", 1, b"one")
        assert await cache.get("a") == (1, b"one")
        await client.delete(f"{prefix}:a")
        await client.rpush(f"{prefix}:a", "a list")
        assert await cache.get("a") is None
        await cache.put("a", 2, b"two")
        assert await cache.get("a") == (2, b"two")


async def test_every_changed_byte_and_every_other_key_makes_a_value_garbage(redis: Any) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        await cache.put("a", 5, b"value")
        held = await client.get(f"{prefix}:a")
        for at in range(len(held)):
            await client.set(f"{prefix}:b", held)
            await client.set(f"{prefix}:a", held[:at] + bytes([held[at] ^ 1]) + held[at + 1 :])
            assert await cache.get("a") is None
            assert await cache.get("b") is None


async def test_an_answer_never_reaches_another_question(redis: Any) -> None:
    """Callers that go away in the middle leave nothing behind for those that come after."""
    _, url, prefix = redis
    async with Cache(url, prefix) as cache:
        for number in range(20):
            await cache.put(f"k{number}", number, b"v%d" % number)

        async def ask(number: int) -> None:
            found = await cache.get(f"k{number}")
            assert found in {None, (number, b"v%d" % number)}

        for turn in range(30):
            tasks = [asyncio.create_task(ask(number)) for number in range(20)]
            await asyncio.sleep(0.0003 * (turn % 5))
            for task in tasks[::3]:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                assert outcome is None or isinstance(outcome, asyncio.CancelledError)


async def test_what_is_stored_later_is_there_soon_and_at_once_when_it_is_much(redis: Any) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        await cache.put("k0", 9, b"newer")
        for number in range(TOGETHER - 1):
            cache.put_later(f"k{number}", 8, b"v%d" % number)
        await asyncio.sleep(0)
        assert 1 == len(await client.keys(f"{prefix}:*"))
        async with asyncio.timeout(30):
            while len(await client.keys(f"{prefix}:*")) < TOGETHER - 1:  # noqa: ASYNC110 - it says nothing
                await asyncio.sleep(0.01)
        assert (9, b"newer") == await cache.get("k0")
        assert (8, b"v7") == await cache.get("k7")


async def test_more_than_can_be_on_their_way_are_not_stored(redis: Any) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache:
        for number in range(PUTS + 10):
            cache.put_later(f"k{number}", 1, b"value")
        await cache.settled()
        assert PUTS == len(await client.keys(f"{prefix}:*"))


async def test_while_nothing_is_found_few_values_are_asked_for(redis: Any) -> None:
    _, url, prefix = redis
    async with Cache(url, prefix) as cache:
        for _ in range(VAIN + 1):
            assert await cache.get("a") is None
        await cache.put("a", 1, b"one")
        found = [await cache.get("a") for _ in range(SELDOM + 2)]
    assert [None] * (SELDOM - 1) + [(1, b"one")] * 3 == found
