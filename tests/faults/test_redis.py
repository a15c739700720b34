"""Whatever befalls Redis, readers get the right answer, in time, and the database is not overrun."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.adversaries.holding import holding, until_held_up
from tests.adversaries.prove import SEED
from tests.adversaries.traffic import Traffic
from tests.servers.nodes.redis_node import Node
from tests.servers.proxy import Proxy
from tests.servers.running import Site, in_process
from tests.write_side.log.given import value


class Redises(NamedTuple):
    """The server and the way to it."""

    node: Node
    proxy: Proxy


@asynccontextmanager
async def own_redis(folder: Path) -> AsyncIterator[Redises]:
    async with Node(folder) as node, Proxy("127.0.0.1", node.port) as proxy:
        yield Redises(node, proxy)


@asynccontextmanager
async def site_with(database: str, folder: Path, redis: Redises) -> AsyncIterator[Site]:
    url = f"redis://127.0.0.1:{redis.proxy.port}"
    async with in_process(database, folder, redis_url=url) as site:
        yield site


async def killed(redis: Redises, seconds: float) -> None:
    redis.node.kill()
    await asyncio.sleep(seconds / 2)
    await redis.node.start()
    await asyncio.sleep(seconds / 2)


async def frozen(redis: Redises, seconds: float) -> None:
    redis.node.send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    redis.node.send(signal.SIGCONT)
    await asyncio.sleep(0.5)


async def flushed(redis: Redises, seconds: float) -> None:
    for _ in range(20):
        await asyncio.sleep(seconds / 20)
        await redis.node.client.flushall()


async def filled_with_garbage(redis: Redises, seconds: float) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    client = redis.node.client
    for _ in range(20):
        await asyncio.sleep(seconds / 20)
        keys = [key async for key in client.scan_iter()]
        values: list[Any] = [await client.get(key) or b"" for key in keys]
        for key, good in zip(keys, values, strict=True):
            garbage = [b"", b"fj1\n", b"{}", chance.choice(values), _turned(chance, good), good[:-1]]
            await client.set(key, chance.choice(garbage))


def _turned(chance: random.Random, good: bytes) -> bytes:
    """Change one byte."""
    if not good:
        return b"?"
    at = chance.randrange(len(good))
    return good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]


async def full(redis: Redises, seconds: float) -> None:
    await redis.node.client.config_set("maxmemory", "1")
    await redis.node.client.config_set("maxmemory-policy", "noeviction")
    await asyncio.sleep(seconds)


async def read_only(redis: Redises, seconds: float) -> None:
    await redis.node.client.replicaof("127.0.0.1", str(redis.node.port))
    await asyncio.sleep(seconds)


async def slow(redis: Redises, seconds: float) -> None:
    redis.proxy.delay = 0.25  # each way
    await asyncio.sleep(seconds)
    redis.proxy.delay = 0


async def cut_off(redis: Redises, seconds: float) -> None:
    redis.proxy.pause()
    await asyncio.sleep(seconds)
    redis.proxy.resume()


FAULTS = (killed, frozen, flushed, filled_with_garbage, full, read_only, slow, cut_off)


async def unnoticed(
    database: str, folder: Path, fault: Callable[[Redises, float], Awaitable[None]], seconds: float
) -> None:
    async with own_redis(folder) as redis, site_with(database, folder, redis) as site:
        traffic = Traffic(site, [site.client] * 3)
        await traffic.prepare(3)
        async with traffic.flowing():
            await asyncio.sleep(0.3)
            assert await value_count(redis) or fault is full
            await fault(redis, seconds)
            await asyncio.sleep(0.2)
        assert traffic.slowest < 5


async def value_count(redis: Redises) -> int:
    return int(await redis.node.client.dbsize())


@pytest.mark.parametrize("fault", FAULTS)
async def test_readers_do_not_notice_what_befalls_redis(
    database: str, tmp_path: Path, fault: Callable[[Redises, float], Awaitable[None]]
) -> None:
    await unnoticed(database, tmp_path, fault, 3 if fault is frozen else 1)


@pytest.mark.prove
@pytest.mark.parametrize("fault", FAULTS)
async def test_readers_do_not_notice_it_for_half_a_minute(
    database: str, tmp_path: Path, fault: Callable[[Redises, float], Awaitable[None]]
) -> None:
    await unnoticed(database, tmp_path, fault, 30)


BUSY = """
select count(*) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet read' and wait_event_type = 'Lock'"""


async def test_a_frozen_redis_sends_no_stampede_to_the_database(database: str, tmp_path: Path) -> None:
    async with own_redis(tmp_path) as redis, site_with(database, tmp_path, redis) as site:
        traffic = Traffic(site)
        await traffic.prepare(2)
        schema = await value(database, "select schema from project.generation where state = 'current'")
        redis.node.send(signal.SIGSTOP)
        async with holding(database, f"lock table {schema}.entry in access exclusive mode"):
            reading = [
                asyncio.create_task(
                    site.client.get(f"/v1/articles/{article.id}", params={"after": article.position})
                )
                for article in traffic.articles * 100
            ]
            await until_held_up(database, "frankenjet read")
            await asyncio.sleep(0.3)
            busy = await value(database, BUSY)
        answers = await asyncio.gather(*reading)
        redis.node.send(signal.SIGCONT)
    assert {200} == {answer.status_code for answer in answers}
    assert busy <= 4, "each article is asked for once at a time, or twice when the first takes long"
