"""A rebuild is killed, resumed and aborted in each of its phases; readers notice nothing of it."""

import asyncio
import os
import random
import signal
import time
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from kit.postgres.connect import Connection
from projections.catalog import PROJECTIONS
from scripts.models.discard import abort
from scripts.models.rebuild import rebuild
from tests.adversaries.holding import holding, until_held_up
from tests.adversaries.prove import MINUTES, SEED
from tests.adversaries.traffic import Traffic
from tests.adversaries.truth import arrived, check, feed
from tests.given.lives import random_lives
from tests.projections.driving import projector
from tests.servers.copies.starting import Process, start
from tests.servers.running import as_processes, in_process
from write_side.log.appender import Appender

STATES = "select generation, state from project.generation where model = 'entries' order by 1"

FRESH = "select schema from project.generation where model = 'entries' and state in ('filling', 'following')"

PHASES = {
    "replay": "lock table {0}.revision in share mode",
    "index": "lock table {0}.revision in row exclusive mode",
    "follow": "select from project.cursor where schema = '{0}' for update",
}
"""What holds a rebuild up in each of its phases."""


def started(dsn: str, said: BinaryIO | None = None) -> Process:
    """Start `frankenjet rebuild entries --fresh` as an operator does; what it says goes to a file."""
    words = ("rebuild", "entries", "--fresh", "--json")
    return start("scripts.main", words, {"PATH": os.defpath, "DATABASE_URL": dsn}, errors=said)


async def states(connection: Connection) -> list[tuple[int, str]]:
    return [tuple(row) for row in await connection.fetch(STATES)]


async def fresh_schema(connection: Connection) -> str:
    """Wait for the schema that a rebuild fills."""
    async with asyncio.timeout(30):
        while (schema := await connection.fetchval(FRESH)) is None:  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.005)
    return str(schema)


async def test_a_rebuild_that_is_killed_in_each_phase_ends_well_while_readers_read(
    database: str, tmp_path: Path
) -> None:
    async with (
        in_process(database, tmp_path) as site,
        projector(database) as connection,
        Appender(database) as appender,
    ):
        await feed(appender, random_lives(1, articles=20, steps=1_000))
        traffic = Traffic(site, pause=0.05)
        await traffic.prepare(2)
        families: list[psutil.Process] = []
        async with traffic.flowing():
            for lock in PHASES.values():
                running = started(database)
                async with holding(database, lock.format(await fresh_schema(connection))):
                    await until_held_up(database, "frankenjet rebuild")
                    families += psutil.Process(running.pid).children(recursive=True)
                    assert families, "the log is long enough for a worker process"
                    running.send_signal(signal.SIGKILL)
                    assert -signal.SIGKILL == await asyncio.to_thread(running.wait)
            assert 0 == await asyncio.to_thread(started(database).wait)
        _, orphans = psutil.wait_procs(families, 15)
        assert [] == orphans
        assert [(1, "old"), (2, "current")] == await states(connection)
        await arrived(connection, PROJECTIONS)
    await check(database, PROJECTIONS)


@pytest.mark.parametrize("phase", ["replay", pytest.param("follow", marks=pytest.mark.prove)])
async def test_a_rebuild_that_is_told_to_end_ends_soon_and_says_so(
    database: str, tmp_path: Path, phase: str
) -> None:
    async with projector(database) as connection, Appender(database) as appender:
        await feed(appender, random_lives(1, articles=20, steps=1_000))
        assert 0 == await rebuild(database, None, fresh=False, jobs=1, as_json=True)
        with (tmp_path / "said").open("wb") as said:
            running = started(database, said)
            async with holding(database, PHASES[phase].format(await fresh_schema(connection))):
                await until_held_up(database, "frankenjet rebuild")
                family = psutil.Process(running.pid).children(recursive=True)
                assert family, "the log is long enough for a worker process"
                began = time.monotonic()
                running.send_signal(signal.SIGTERM)
                code = await asyncio.to_thread(running.wait, 30)
                took = time.monotonic() - began
        assert (143, True) == (code, took < 10), took
        assert [] == psutil.wait_procs(family, 15)[1]
        assert (tmp_path / "said").read_text().endswith("was stopped; the next one goes on from there\n")


@pytest.mark.parametrize("phase", ["replay", pytest.param("index", marks=pytest.mark.prove), "follow"])
async def test_an_abort_in_any_phase_leaves_readers_what_they_had(
    database: str, tmp_path: Path, phase: str
) -> None:
    async with (
        in_process(database, tmp_path) as site,
        projector(database) as connection,
        Appender(database) as appender,
    ):
        await feed(appender, random_lives(1, articles=20, steps=1_000))
        traffic = Traffic(site)
        await traffic.prepare(2)
        async with traffic.flowing():
            running = asyncio.create_task(rebuild(database, "entries", fresh=True, jobs=1, as_json=True))
            schema = await fresh_schema(connection)
            async with holding(database, PHASES[phase].format(schema)):
                await until_held_up(database, "frankenjet rebuild")
                aborting = asyncio.create_task(abort(database, "entries"))
                await asyncio.sleep(0.2)
            assert 0 == await aborting
            assert 1 == await running
            await asyncio.sleep(0.5)
        assert [(1, "current")] == await states(connection)
        assert not await connection.fetchval("select to_regnamespace($1) is not null", schema)
        await arrived(connection, PROJECTIONS)
    await check(database, PROJECTIONS)


@pytest.mark.prove
async def test_a_long_rebuild_that_is_killed_five_times_under_load_ends_well(
    database: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    async with projector(database) as connection, Appender(database) as appender:
        for part in range(max(5, int(MINUTES * 10))):
            await feed(appender, random_lives(SEED + part, articles=500, steps=10_000))
        async with as_processes(database, tmp_path) as (_, site):
            traffic = Traffic(site, [site.client] * 4, pause=0.01)
            await traffic.prepare(10)
            async with traffic.flowing():
                for _ in range(5):
                    running = started(database)
                    await asyncio.sleep(chance.uniform(1, 4))
                    running.send_signal(signal.SIGKILL)
                    await asyncio.to_thread(running.wait)
                assert 0 == await asyncio.to_thread(started(database).wait)
            newest = (await states(connection))[-1]
            assert newest[0] > 1
            assert newest[1] == "current"
            await arrived(connection, PROJECTIONS)
    await check(database, PROJECTIONS)
