"""rebuild-load: what editors and readers notice of a rebuild that is killed five times on its way."""

import asyncio
import random
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from events.codec import CODEC
from scripts.bench.command import editor, revise
from scripts.bench.read import ARTICLES, publish_articles, published, wait_ready
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.load import Load, get, load
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import process, product
from scripts.sample.synthetic import synthesize
from write_side.main import bus

EVENTS = 1_000_000
COMMANDS, READS = 50, 500
"""A second, each at a constant rate."""

READERS = 100
"""Connections that the reads are spread over."""

QUIET = 30.0
"""Seconds that are measured before the rebuild."""

PART = 5.0
WARM = 3
"""Parts that do not count: everything is asked for the first time."""

KILLS = 5
EVENTS_AN_ARTICLE = 13
"""Of ten revisions on average."""


class _Noticed(NamedTuple):
    """What those who use the site have seen."""

    commands: list[float]
    reads: list[float]
    refused: Counter[str]
    """Answers by whom they failed and with which status."""

    def add(self, commands: Load, reads: Load) -> None:
        self.commands.extend(commands.seconds)
        self.reads.extend(reads.seconds)
        for who, found in (("command", commands), ("read", reads)):
            self.refused.update({f"{who} {status}": times for status, times in found.refused.items()})


async def run(server: str, *, events: int = EVENTS) -> list[dict[str, Any]]:
    """Measure with and without a rebuild over a log of so many events; SystemExit when it fails."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        key = folder / "key.pem"
        token = await editor(dsn, key)
        await publish_articles(dsn)
        async with bus(dsn, CODEC) as running:
            await synthesize(running, events // EVENTS_AN_ARTICLE, 10)
            ids = [await published(running, f"write-{n}", "x") for n in range(COMMANDS)]
        versions = [3] * COMMANDS
        with product(dsn, key, folder) as port:
            await wait_ready(port, f"/v1/articles/write-{COMMANDS - 1}", seconds=events / 1_000 + 60)
            commands = [revise(ids[n], versions, n, token) for n in range(COMMANDS)]
            part = partial(_part, port, commands, [_reads()] * READERS)
            await _settle(dsn)
            for _ in range(WARM):
                await part()
            quiet, busy = _Noticed([], [], Counter()), _Noticed([], [], Counter())
            for _ in range(int(QUIET / PART)):
                quiet.add(*await part())
            rebuilding = asyncio.create_task(_rebuild(dsn, folder, events))
            while not rebuilding.done():
                busy.add(*await part())
    return [_figures(quiet, busy, events, rebuilding.result())]


async def _settle(dsn: str) -> None:
    """Do now what the server would otherwise do for the new log while the peer is measured."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _part(
    port: int, commands: list[Callable[[], bytes]], reads: list[Callable[[], bytes]]
) -> tuple[Load, Load]:
    return await asyncio.gather(
        load(port, commands, seconds=PART, every=len(commands) / COMMANDS),
        load(port, reads, seconds=PART, every=len(reads) / READS),
    )


def _reads() -> Callable[[], bytes]:
    numbers = count()
    return lambda: get(f"/v1/articles/cold-{next(numbers) % ARTICLES}")


async def _rebuild(dsn: str, folder: Path, events: int) -> int:
    """Rebuild beside the current generation to its end; return how often it was killed on the way.

    It compares what it has filled with what readers use, and fails when they differ.
    """
    kills = 0
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    arguments = ("-m", "scripts.main", "rebuild", "entries", "--fresh", "--json")
    for kill in range(KILLS + 1):
        with process(*arguments, log=folder / "rebuild.log", DATABASE_URL=dsn) as running:
            try:
                patience = chance.uniform(2, 2 + events / 100_000) if kill < KILLS else 3_600
                code = await asyncio.to_thread(running.wait, patience)
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
                await asyncio.to_thread(running.wait)
                kills += 1
            else:
                if code:
                    raise SystemExit(
                        f"frankenjet: the rebuild failed: {(folder / 'rebuild.log').read_text()}"
                    )

    return kills


def _figures(quiet: _Noticed, busy: _Noticed, events: int, kills: int) -> dict[str, Any]:
    for noticed in (quiet, busy):
        noticed.commands.sort()
        noticed.reads.sort()
    return result(
        "rebuild-load", quantile(busy.commands, 0.99) or 0.0, quantile(quiet.commands, 0.99) or 0.0,
        unit="ms (p99 of commands)", seconds=busy.commands, inverse=True, events=events, kills=kills,
        peer_name="the same commands without a rebuild", commands=len(busy.commands), reads=len(busy.reads),
        failed=busy.refused, failed_before=quiet.refused,
        read_p99_ms=quantile(busy.reads, 0.99), read_p99_before_ms=quantile(quiet.reads, 0.99),
        p50_before_ms=quantile(quiet.commands, 0.50),
    )  # fmt: skip
