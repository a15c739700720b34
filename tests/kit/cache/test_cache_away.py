"""What a cache does when its server is away, frozen or slow: it stays out of the way, and comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from kit.cache.breaker import Breaker
from kit.cache.store import Cache
from tests.servers.proxy import Proxy
from tests.servers.redis_server import redis_with_prefix


class Way(NamedTuple):
    """A way to the server on which anything may happen."""

    proxy: Proxy
    prefix: str

    def cache(self) -> Cache:
        return Cache(f"redis://127.0.0.1:{self.proxy.port}/0", self.prefix)


@pytest_asyncio.fixture
async def way() -> AsyncIterator[Way]:
    async with redis_with_prefix() as (_, url, prefix):
        parts = urlsplit(url)
        async with Proxy(parts.hostname or "", parts.port or 6379) as proxy:
            yield Way(proxy, prefix)


async def test_without_a_server_nothing_is_kept_and_nothing_raised() -> None:
    async with Cache("redis://127.0.0.1:1/0", "x") as cache:
        started = time.perf_counter()
        for _ in range(50):
            assert await cache.get("a") is None
            await cache.put("a", 1, b"x")
        assert time.perf_counter() - started < 5
    async with Cache("", "x") as nothing:
        assert await nothing.get("a") is None
        assert not nothing.kept


async def test_a_frozen_server_costs_a_quarter_of_a_second_once(way: Way) -> None:
    async with way.cache() as cache:
        await cache.put("a", 1, b"one")
        way.proxy.pause()
        started = time.perf_counter()
        assert await cache.get("a") is None
        assert 0.2 < time.perf_counter() - started < 5
        for _ in range(100):
            assert at_once(cache.get("a")) is None
        way.proxy.resume()
        assert (1, b"one") == await back(cache, "a")


async def test_nobody_waits_to_find_out_whether_a_frozen_server_is_back(way: Way) -> None:
    async with way.cache() as cache:
        await cache.put("a", 1, b"one")
        way.proxy.pause()
        await cache.get("a")
        end = time.perf_counter() + 2.5  # three pauses
        while time.perf_counter() < end:
            assert at_once(cache.get("a")) is None
            assert at_once(cache.put("a", 2, b"two")) is None
            await asyncio.sleep(0.005)
        way.proxy.resume()
        assert (1, b"one") == await back(cache, "a")


async def test_those_who_wait_when_a_server_freezes_do_not_make_it_stay_away_for_longer(way: Way) -> None:
    async with way.cache() as cache:
        await cache.put("a", 1, b"one")
        way.proxy.pause()
        assert [None] * 40 == await asyncio.gather(*(cache.get("a") for _ in range(40)))
        way.proxy.resume()
        assert (1, b"one") == await back(cache, "a", 5)


async def test_a_process_that_stood_still_takes_no_server_for_away(way: Way) -> None:
    async with way.cache() as cache:
        await cache.put("a", 1, b"one")
        asking = asyncio.create_task(cache.get("a"))
        await asyncio.sleep(0)  # it has asked
        time.sleep(0.6)  # noqa: ASYNC251 - as when another task computes, or the machine has other things to do
        assert (1, b"one") == await asking


async def test_a_cache_that_is_closed_asks_no_more(way: Way) -> None:
    await way.proxy.refuse()
    async with way.cache() as cache:
        assert await cache.get("a") is None
        assert ["cache probe"] == probes()
    assert [] == probes()
    await way.proxy.accept()
    await asyncio.sleep(0.6)
    assert 0 == way.proxy.accepted


async def test_a_slow_server_is_left_alone(way: Way) -> None:
    way.proxy.delay = 0.5
    async with way.cache() as cache:
        assert await cache.get("a") is None
        for _ in range(100):
            assert at_once(cache.get("a")) is None


def at_once[T](asking: Coroutine[Any, Any, T]) -> T:
    """Return what is answered without waiting for anything, and fail where there is something to wait for."""
    try:
        asking.send(None)
    except StopIteration as answered:
        result: T = answered.value
        return result
    asking.close()
    raise AssertionError("it waits")


async def back(cache: Cache, key: str, seconds: float = 30) -> tuple[int, bytes] | None:
    """Return the value under a key as soon as the server is asked again."""
    async with asyncio.timeout(seconds):
        while (found := await cache.get(key)) is None:  # noqa: ASYNC110 - it says nothing by itself
            await asyncio.sleep(0.02)
        return found


def probes() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "cache probe"]


def test_a_breaker_lets_one_attempt_through_after_each_pause() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    assert breaker.allows()
    assert 0.0 == breaker.wait
    breaker.failed()
    assert not breaker.allows()
    assert 0.5 == breaker.wait
    now = 0.6
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    now = 1.5
    assert not breaker.allows()
    now = 1.7
    assert breaker.allows()
    breaker.worked()
    assert [breaker.allows(), breaker.allows()] == [True, True]


@pytest.mark.parametrize(
    "said",
    [
        b"$x\r\n",
        b":1x\r\n",
        b"*1\r\n" * 5_000,
        b"$" + b"9" * 30 + b"\r\n",
        b"+" + b"x" * 200_000,
        b"\xff\r\n",
    ],
)
async def test_what_is_no_answer_of_such_a_server_raises_nothing_and_it_is_asked_again(said: bytes) -> None:
    talks = True

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while await reader.read(65_536):
                writer.write(said if talks else b"+PONG\r\n")
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Cache(f"redis://127.0.0.1:{port}", "test") as cache:
            assert await cache.get("a") is None
            await cache.put("a", 1, b"x")
            assert cache._breaker.open  # noqa: SLF001 - else everybody would wait for it
            talks = False
            async with asyncio.timeout(30):
                while cache._breaker.open:  # noqa: SLF001, ASYNC110
                    await asyncio.sleep(0.05)
