"""An adversary for the log: rude writers, readers that tail it, maintenance meanwhile; then it is counted."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kit.ids import named_id
from kit.postgres.connect import WRITER, connect
from tests.write_side.log.audit import Counted, Seen, Tally, audit
from tests.write_side.log.writers import Told, write

PROCESSES = 3
READERS = 3


class Attack(NamedTuple):
    """One run: the seed decides what is tried, the machine decides when."""

    dsn: str
    seed: int
    seconds: float
    streams: tuple[UUID, ...]
    """Hot streams: every writer wants them."""
    keys: tuple[UUID, ...]
    """Idempotency-Keys: every writer uses them, each stands for one request."""


async def attack(dsn: str, seed: int, seconds: float) -> tuple[Tally, Counted]:
    """Attack a log for some seconds; count what is wrong with it, all to be 0, and what could go wrong.

    Args:
        dsn: address of a database whose log is empty; the login owns it.
        seed: decides what is tried.
        seconds: how long the writers write.
    """
    run = Attack(
        dsn,
        seed,
        seconds,
        tuple(named_id("adversary", str(seed), str(n)) for n in range(6)),
        tuple(named_id("adversary key", str(seed), str(n)) for n in range(200)),
    )
    end = time.monotonic() + seconds
    stopped = asyncio.Event()
    readers = [asyncio.create_task(_tail(dsn, random.Random(seed + n), stopped)) for n in range(READERS)]  # noqa: S311
    nuisances = [
        asyncio.create_task(_keep_at_it(nuisance, dsn, random.Random(seed + n), end))  # noqa: S311
        for n, nuisance in enumerate((_hold_a_snapshot, _maintain, _terminate), 100)
    ]
    try:
        told = await _writers(run)
    finally:
        await asyncio.gather(*nuisances)
        stopped.set()
        seen = await asyncio.gather(*readers)
    return await audit(dsn, told, seen)


async def _writers(run: Attack) -> list[Told]:
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        work = [
            loop.run_in_executor(
                pool, write, run.dsn, run.seed * 1_000 + n, run.seconds, run.streams, run.keys
            )
            for n in range(PROCESSES)
        ]
        return [one for told in await asyncio.gather(*work) for one in told]


async def _tail(dsn: str, chance: random.Random, stopped: asyncio.Event) -> Seen:
    """Read the log as its readers do: what is after the cursor, in order, again and again."""
    connection = await connect(dsn, "frankenjet reader", WRITER)
    seen: list[tuple[int, UUID]] = []
    cursor = 0
    try:
        while True:
            finished = stopped.is_set()
            rows = await connection.fetch(
                "select position, id from log.event where position > $1 order by position limit 500", cursor
            )
            seen += [(row["position"], row["id"]) for row in rows]
            cursor = seen[-1][0] if seen else 0
            if finished and not rows:
                return seen
            await asyncio.sleep(chance.choice((0, 0, 0.001, 0.01)))
    finally:
        await connection.close()


async def _keep_at_it(
    nuisance: Callable[[asyncpg.Connection, random.Random], Awaitable[None]],
    dsn: str,
    chance: random.Random,
    end: float,
) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        while time.monotonic() < end:
            with suppress(asyncpg.PostgresError):
                await nuisance(connection, chance)
    finally:
        connection.terminate()


async def _hold_a_snapshot(connection: asyncpg.Connection, chance: random.Random) -> None:
    async with connection.transaction(isolation="repeatable_read"):
        await connection.fetchval("select count(*) from log.event")
        await asyncio.sleep(chance.uniform(0.1, 0.6))


async def _maintain(connection: asyncpg.Connection, chance: random.Random) -> None:
    sql = chance.choice(
        (
            "analyze log.event",
            "vacuum log.event",
            "vacuum (analyze) log.key",
            "create index concurrently if not exists adversary on log.event (id)",
            "drop index concurrently if exists log.adversary",
        )
    )
    await connection.execute(sql, timeout=30)
    await asyncio.sleep(chance.uniform(0, 0.05))


async def _terminate(connection: asyncpg.Connection, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0.2, 0.8))
    await connection.execute(
        "select pg_terminate_backend(pid) from (select pid from pg_stat_activity"
        " where datname = current_database() and application_name = 'frankenjet append'"
        " order by random() limit 1) one"
    )
