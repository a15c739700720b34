"""The way to the database falls silent, and everybody is told to stop: nobody waits for an answer."""

import asyncio
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import psutil
import pytest

from kit.postgres.connect import AWAY, READER, connect
from kit.running.processes import wait_until
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from scripts.app import WholeBuild
from tests.faults.test_postgres import article
from tests.given.lives import random_lives, store
from tests.projections.driving import projector
from tests.servers.proxy import Proxy, proxied
from tests.servers.running import in_process, projecting, settings_for

ARTICLE = PROJECTIONS[0]
HERE = BuildModule("tests.projections.made")

ENDS = 20.0
"""Seconds: silence is noticed after some 6 s, and the machine may have other things to do."""


async def test_a_site_stops_although_its_database_is_silent(database: str, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with (
        proxied(database) as (proxy, dsn),
        asyncio.timeout(None) as limit,
        in_process(dsn, tmp_path) as site,
    ):
        await asyncio.gather(
            *(site.editor.done("POST", "/articles", article(f"many-{n}")) for n in range(20))
        )
        proxy.pause()
        limit.reschedule(loop.time() + ENDS)


@pytest.mark.parametrize("after", [0, 2, 4, 6, 8, 10, 14])
async def test_a_projector_stops_however_early_its_database_falls_silent(
    database: str, tmp_path: Path, after: int
) -> None:
    async with proxied(database) as (proxy, dsn):
        working = asyncio.create_task(projecting(settings_for(dsn, tmp_path), WholeBuild()))
        async with asyncio.timeout(30):
            while proxy.upstream < after * 1_000:  # noqa: ASYNC110 - it is said
                await asyncio.sleep(0)
        proxy.pause()
        await asyncio.sleep(0.2)
        working.cancel()
        _, left = await asyncio.wait([working], timeout=ENDS)
        assert not left


async def test_a_connection_to_a_server_that_falls_silent_meanwhile_is_given_up(database: str) -> None:
    async with proxied(database) as (proxy, dsn):
        for upstream in (100, 500, 700, 900, 1_100):
            connecting: asyncio.Task[Any] = asyncio.create_task(connect(dsn, "test", READER))
            before = proxy.upstream
            while proxy.upstream < before + upstream and not connecting.done():  # noqa: ASYNC110
                await asyncio.sleep(0)
            proxy.pause()
            done, _ = await asyncio.wait([connecting], timeout=ENDS)
            assert done
            if connecting.exception() is None:
                connecting.result().terminate()
            proxy.resume()
            proxy.reset()


async def _begun(database: str) -> Generation:
    await store(database, random_lives(71, articles=30, steps=600))
    async with projector(database) as connection:
        return await begin(connection, ARTICLE, fingerprint(ARTICLE), 1)


def _workers() -> list[psutil.Process]:
    """Return the processes that fold slices; Python keeps one more, which watches over semaphores."""
    return [one for one in psutil.Process().children() if _folds(one)]


def _folds(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it has ended, and nobody has taken leave of it yet
        return False


async def _at_work(proxy: Proxy) -> None:
    """Return when a worker has asked for its slice."""
    async with asyncio.timeout(30):
        while proxy.accepted < 4 or proxy.upstream < 9_000:  # noqa: ASYNC110 - it is said
            await asyncio.sleep(0.005)


async def test_a_rebuild_ends_with_its_workers_when_the_database_falls_silent(database: str) -> None:
    generation = await _begun(database)
    async with proxied(database) as (proxy, dsn):
        proxy.delay = 0.03
        replaying = asyncio.create_task(replay(dsn, HERE, generation, jobs=1, told=lambda _progress: None))
        await _at_work(proxy)
        proxy.pause()
        done, _ = await asyncio.wait([replaying], timeout=3 * ENDS)
        assert done
        assert isinstance(replaying.exception(), (*AWAY, BrokenProcessPool))
        assert wait_until(lambda: not _workers(), ENDS)
    await replay(database, HERE, generation, jobs=1, told=lambda _progress: None)


async def test_a_rebuild_that_is_told_to_stop_leaves_no_worker_behind(database: str) -> None:
    generation = await _begun(database)
    async with proxied(database) as (proxy, dsn):
        proxy.delay = 0.03
        replaying = asyncio.create_task(replay(dsn, HERE, generation, jobs=1, told=lambda _progress: None))
        await _at_work(proxy)
        assert _workers()
        replaying.cancel()
        await asyncio.wait([replaying], timeout=ENDS)
        assert replaying.cancelled()
        assert wait_until(lambda: not _workers(), 30)
