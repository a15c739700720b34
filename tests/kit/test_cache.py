"""Stamped values in Redis, and what happens when it is not there, slow, or full of garbage."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from kit.cache import TTL, Breaker, Cache, Flights
from tests.proxy import Proxy
from tests.redis_server import redis_with_prefix


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


async def test_without_a_server_nothing_is_kept_and_nothing_raised() -> None:
    async with Cache("redis://127.0.0.1:1/0", "x") as cache:
        started = time.perf_counter()
        for _ in range(50):
            assert await cache.get("a") is None
            await cache.put("a", 1, b"x")
        assert time.perf_counter() - started < 0.5
    async with Cache("", "x") as nothing:
        assert await nothing.get("a") is None
        assert not nothing.kept


async def test_a_frozen_server_costs_a_quarter_of_a_second_once(redis: Any) -> None:
    _, url, prefix = redis
    parts = urlsplit(url)
    async with (
        Proxy(parts.hostname or "", parts.port or 6379) as proxy,
        Cache(f"redis://127.0.0.1:{proxy.port}/0", prefix) as cache,
    ):
        await cache.put("a", 1, b"one")
        proxy.pause()
        started = time.perf_counter()
        assert await cache.get("a") is None
        assert 0.2 < time.perf_counter() - started < 0.5
        started = time.perf_counter()
        for _ in range(100):
            assert await cache.get("a") is None
        assert time.perf_counter() - started < 0.1
        proxy.resume()
        await asyncio.sleep(0.6)
        assert await cache.get("a") == (1, b"one")


async def test_a_slow_server_is_left_alone(redis: Any) -> None:
    _, url, prefix = redis
    parts = urlsplit(url)
    async with Proxy(parts.hostname or "", parts.port or 6379) as proxy:
        proxy.delay = 0.5
        async with Cache(f"redis://127.0.0.1:{proxy.port}/0", prefix) as cache:
            started = time.perf_counter()
            for _ in range(100):
                assert await cache.get("a") is None
            assert time.perf_counter() - started < 0.6


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


def test_a_breaker_lets_one_attempt_through_after_each_pause() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    now = 0.6
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    now = 1.5
    assert not breaker.allows()
    now = 1.7
    assert breaker.allows()
    breaker.worked()
    assert [breaker.allows(), breaker.allows()] == [True, True]


async def test_callers_of_one_key_share_one_flight() -> None:
    flights = Flights()
    runs: list[str] = []

    async def work() -> str:
        runs.append("run")
        await asyncio.sleep(0.01)
        return "done"

    assert await asyncio.gather(*(flights.share("a", work) for _ in range(50))) == ["done"] * 50
    assert await flights.share("a", work) == "done"
    assert len(runs) == 2


async def test_a_flight_goes_on_when_its_first_caller_has_gone() -> None:
    flights = Flights()

    async def work() -> str:
        await asyncio.sleep(0.02)
        return "done"

    first = asyncio.create_task(flights.share("a", work))
    await asyncio.sleep(0)
    second = asyncio.create_task(flights.share("a", work))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "done"


async def test_a_failed_flight_fails_for_all_and_is_forgotten() -> None:
    flights = Flights()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    outcomes = await asyncio.gather(*(flights.share("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError] * 3

    async def work() -> str:
        return "done"

    assert await flights.share("a", work) == "done"
