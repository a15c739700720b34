"""read-redis: what readers notice of whatever befalls Redis, against a site that has none."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from redis.asyncio import Redis

from kit.auth.keys import ensure_signing_key
from kit.embedded.state import open_state
from kit.embedded.valkey import Valkey
from kit.postgres.connect import Connection, connect
from scripts.bench.read import ARTICLES, CONNECTIONS, others, publish_articles, wait_ready
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.load import Load, load
from scripts.bench.rig.redis_faults import FAULTS, RedisFault, RedisUnderTest, slow
from scripts.bench.rig.relay import Relay
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import product

WATCHED = 20
"""Articles whose content is compared all the while."""

FAULT_SECONDS = 5.0
"""How long each fault lasts."""

IDLE_SECONDS = 1.5
"""Seconds without readers, to see what the database is asked anyway."""

RECOVERY_SECONDS = 20.0
"""Seconds within which Redis has to be used again after a fault; the longest pause is 10."""

_END = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet read'"""
"""A connection tells how much was asked of it when it ends; the pool opens others."""

_ASKED = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"


class Phase(NamedTuple):
    """What was seen while one fault lasted."""

    name: str
    cold: Load
    """The site without Redis, just before."""
    faulty: Load
    wrong: int
    """Answers whose content was not the right one."""
    queries: float
    """Transactions of the database for each read, beside those that go on without readers."""
    used_again: float
    """Seconds from the end of the fault until Redis was asked by readers again."""


class Sites(NamedTuple):
    """Two processes that serve the same tables, compared with each other."""

    cold: int
    """Port of the one without Redis."""
    cached: int
    """Port of the one with."""
    connection: Connection
    """To their database, as its owner."""


async def run(server: str, seconds: float = FAULT_SECONDS) -> list[dict[str, Any]]:
    """Measure the reads of each fault in turn, each beside reads of a site without Redis.

    Args:
        server: address of a PostgreSQL where databases may be made.
        seconds: how long each fault lasts.
    """
    with _folder() as folder, own_database(server) as dsn:
        ensure_signing_key(folder / "key.pem")
        await publish_articles(dsn)
        with Valkey(open_state(folder / "state")) as valkey:
            address = valkey.start()
            if not address:
                raise SystemExit("frankenjet: bench read-redis needs Valkey, which is not installed here")
            return await _measure(dsn, folder, valkey, address.removeprefix("unix://"), seconds)


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder that others may pass through: root's Valkey runs as another user."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


async def _measure(
    dsn: str, folder: Path, valkey: Valkey, socket: str, seconds: float
) -> list[dict[str, Any]]:
    key = folder / "key.pem"
    connection = await connect(dsn, "bench read-redis")
    client = Redis(unix_socket_path=socket)
    phases: list[Phase] = []
    try:
        async with Relay(socket) as relay:
            cache = RedisUnderTest(valkey, client, relay)
            with (
                product(dsn, key, folder) as cold,
                product(dsn, key, folder, redis_url=f"unix://{socket}", projector=False) as near,
                product(dsn, key, folder, redis_url=relay.url, projector=False) as far,
            ):
                for port in (cold, near, far):
                    await wait_ready(port, f"/v1/articles/cold-{ARTICLES - 1}")
                for name, fault in FAULTS.items():
                    sites = Sites(cold, far if fault is slow else near, connection)
                    await _used_again(cache, sites)
                    phases.append(await _phase(cache, sites, name, fault, seconds))
                    print(f"read-redis: {name} measured", file=sys.stderr)
    finally:
        await client.aclose()
        await connection.close()
    return _results(phases)


async def _phase(cache: RedisUnderTest, sites: Sites, name: str, fault: RedisFault, seconds: float) -> Phase:
    cold = await load(sites.cold, [others()] * CONNECTIONS, seconds=seconds)
    await load(sites.cached, [others()] * CONNECTIONS, seconds=seconds)  # so that there are copies
    idle = await _asked(sites)
    await asyncio.sleep(IDLE_SECONDS)
    before = await _asked(sites)
    idle_rate = (before.transactions - idle.transactions) / (before.at - idle.at)
    wrong: list[str] = []
    watching = asyncio.create_task(_watch(sites, wrong))
    end = await fault(cache)
    faulty = await load(sites.cached, [others()] * CONNECTIONS, seconds=seconds)
    watching.cancel()
    await asyncio.wait([watching])
    after = await _asked(sites)
    asked = after.transactions - before.transactions - idle_rate * (after.at - before.at)
    await end()
    again = await _used_again(cache, sites)
    return Phase(name, cold, faulty, len(wrong), asked / len(faulty.seconds), again)


async def _watch(sites: Sites, wrong: list[str]) -> None:
    """Compare what both sites answer, again and again; note what differs."""
    paths = [f"/v1/articles/cold-{n}?after=1" for n in range(0, ARTICLES, ARTICLES // WATCHED)]
    async with httpx2.AsyncClient(timeout=5) as client:
        right = {path: (await client.get(f"http://127.0.0.1:{sites.cold}{path}")).content for path in paths}
        for path in cycle(paths):
            answer = await client.get(f"http://127.0.0.1:{sites.cached}{path}")
            if answer.status_code != 200 or answer.content != right[path]:  # noqa: PLR2004
                wrong.append(f"{answer.status_code} for {path}")
            await asyncio.sleep(0.05)


class Question(NamedTuple):
    """What a database has been asked so far."""

    transactions: int
    at: float


async def _asked(sites: Sites) -> Question:
    """Return how many transactions the database has had, once the readers' connections have told theirs."""
    await sites.connection.fetch(_END)
    await asyncio.sleep(0.3)
    return Question(await sites.connection.fetchval(_ASKED), time.monotonic())


async def _used_again(cache: RedisUnderTest, sites: Sites) -> float:
    """Return after how many seconds a reader asks Redis; TimeoutError when none does."""
    began = time.monotonic()
    async with httpx2.AsyncClient(timeout=5) as client:
        while time.monotonic() < began + RECOVERY_SECONDS:
            before = await _looked_up(cache)
            await client.get(f"http://127.0.0.1:{sites.cached}/v1/articles/cold-0?after=1")
            if await _looked_up(cache) > before:
                return time.monotonic() - began
            await asyncio.sleep(0.05)
    raise TimeoutError("Redis is not used again")


async def _looked_up(cache: RedisUnderTest) -> int:
    found = await cache.client.info("stats")
    return int(found["keyspace_hits"]) + int(found["keyspace_misses"])


def _results(phases: list[Phase]) -> list[dict[str, Any]]:
    cold = sorted(quantile(sorted(one.cold.seconds), 0.99) or 0.0 for one in phases)[len(phases) // 2]
    return [
        result(
            f"read-redis-{one.name}", quantile(sorted(one.faulty.seconds), 0.99) or 0.0, cold,
            unit="ms (p99)", seconds=one.faulty.seconds, inverse=True,
            peer_name="the same reads of a site without Redis (read-cold)",
            max_ms=round(max(one.faulty.seconds) * 1000, 3), reads=len(one.faulty.seconds),
            refused=one.faulty.refused, wrong=one.wrong, queries_per_read=round(one.queries, 3),
            used_again_s=round(one.used_again, 2),
        )
        for one in phases
    ]  # fmt: skip
