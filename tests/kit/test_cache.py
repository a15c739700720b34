"""Stamped values in Redis, whatever else stands there, and work that is shared."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from kit.cache import PUTS, TTL, Cache, Flights
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
