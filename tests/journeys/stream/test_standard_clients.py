"""Chromium's EventSource and the npm package `eventsource` follow through a restart by themselves."""

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.journeys.stream.following import Aircraft
from tests.journeys.test_generated_clients import installed, missing
from tests.servers.pages.chromium import chromium
from tests.servers.processes import Processes
from tests.servers.running import as_processes

LISTENING = """
window.heard = [];
window.source = new EventSource('/v1/events?after=0');
window.source.onmessage = (one) => window.heard.push([one.lastEventId, JSON.parse(one.data).sequence]);
"""

NODE = """
import { EventSource } from 'eventsource'
const source = new EventSource(process.argv[2])
source.onmessage = (one) => console.log(JSON.stringify([one.lastEventId, JSON.parse(one.data).sequence]))
"""

RENAMES = 3


async def through_a_restart(
    running: Processes, plane: Aircraft, heard: Callable[[], Awaitable[list[Any]]]
) -> None:
    """Publish, restart, rename, restart; check what was heard."""
    await plane.show()
    for number in range(1, RENAMES + 1):
        await until(heard, number)
        running.kill("serve", signal.SIGTERM if number % 2 else signal.SIGKILL)
        running.start("serve")
        await running.ready()
        await plane.step("PUT", "slug", {"slug": f"tu-144-{number}"})
    await until(heard, RENAMES + 1)
    await asyncio.sleep(0.5)
    found = await heard()
    assert [1, 2, 3, 4] == [sequence for _, sequence in found]
    assert sorted({int(id_) for id_, _ in found}) == [int(id_) for id_, _ in found]


async def until(heard: Callable[[], Awaitable[list[Any]]], count: int) -> None:
    async with asyncio.timeout(30):
        while len(await heard()) < count:  # noqa: ASYNC110 - another program hears
            await asyncio.sleep(0.1)


@pytest.mark.prove
async def test_a_browser_goes_on_by_itself_where_it_was_cut(database: str, tmp_path: Path) -> None:
    async with as_processes(database, tmp_path) as (running, site), chromium(tmp_path / "browser") as page:
        await page.go(f"http://localhost:{running.port}/docs")
        await page.run(LISTENING)

        async def heard() -> list[Any]:
            found: list[Any] = await page.run("window.heard")
            return found

        await through_a_restart(running, Aircraft(site), heard)


@pytest.mark.prove
async def test_the_usual_package_of_node_goes_on_by_itself_where_it_was_cut(
    database: str, tmp_path: Path
) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("npm and node are not installed")
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    installed(npm, "install", "--silent", "--no-audit", "--no-fund", "eventsource@4.0.0", folder=tmp_path)
    (tmp_path / "follow.js").write_text(NODE)
    async with as_processes(database, tmp_path) as (running, site):
        process = await asyncio.create_subprocess_exec(
            node, "follow.js", f"{running.url}/v1/events?after=0",
            cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told: list[Any] = []

        async def listen() -> None:
            assert process.stdout is not None
            async for line in process.stdout:  # as they come
                told.append(orjson.loads(line))  # noqa: PERF401 - others look at it meanwhile

        listening = asyncio.create_task(listen())

        async def heard() -> list[Any]:
            return list(told)

        try:
            await through_a_restart(running, Aircraft(site), heard)
        finally:
            process.terminate()
            await process.wait()
            await listening
