"""The way to the database falls silent, and everybody is told to stop: nobody waits for an answer."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kit.db import READER, connect
from scripts.app import Build
from tests.faults.test_postgres import article
from tests.running import in_process, projecting, settings_for
from tests.write_side.log.test_outages import proxied

ENDS = 8.0
"""Seconds: a supervisor has not lost its patience yet."""


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
        working = asyncio.create_task(projecting(settings_for(dsn, tmp_path), Build()))
        async with asyncio.timeout(20):
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
