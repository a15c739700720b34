"""media: pictures sent by many at once, and how long commands on texts take meanwhile."""

import asyncio
import tempfile
import time
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp

from events.codec import CODEC
from scripts.bench.command import editor
from scripts.bench.lasting.uploads import sent
from scripts.bench.read import published
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import LIMITS, answers, process_of_product
from write_side.main import bus

UPLOADS = 1_000
CLIENTS = 16
BYTES = 2_000_000
"""Of each picture."""

RATE = 20.0
"""Commands a second, by one editor."""

QUIET_SECONDS = 15.0
"""Seconds of commands to which nothing else happens."""


async def run(
    server: str,
    *,
    uploads: int = UPLOADS,
    clients: int = CLIENTS,
    size: int = BYTES,
    quiet: float = QUIET_SECONDS,
) -> list[dict[str, Any]]:
    """Send commands at a constant rate, undisturbed and while pictures come."""
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        token = await editor(dsn, folder / "key.pem")
        async with bus(dsn, CODEC) as running:
            article = await published(running, "media", "x")
        given = {"FRANKENJET_STATE": str(folder), "FRANKENJET_LIMITS": LIMITS}
        with process_of_product(dsn, folder / "key.pem", folder, **given) as (_, port):
            answers(port)
            headers = {"Authorization": f"Bearer {token}"}
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as client:
                commands = _Commands(client, article)
                undisturbed = await commands.timed(asyncio.sleep(quiet))
                sending = asyncio.create_task(sent(f"http://127.0.0.1:{port}", token, uploads, clients, size))
                meanwhile = await commands.timed(sending)
                statuses, took = itemgetter("statuses", "seconds")(await sending)
    before, during = (quantile(sorted(one), 0.99) or 0.0 for one in (undisturbed, meanwhile))
    return [
        result(
            "media", during, before, unit="ms (p99 of commands)",
            seconds=meanwhile, inverse=True,
            peer_name="the same commands undisturbed", commands=len(meanwhile), uploads=statuses["201"],
            refused=sum(statuses.values()) - statuses["201"], uploads_per_second=round(uploads / took, 1),
            megabytes_per_second=round(uploads * size / took / 1e6, 1),
        )
    ]  # fmt: skip


class _Commands:
    """One editor, who revises one article all the time."""

    def __init__(self, client: aiohttp.ClientSession, article: UUID) -> None:
        self._client = client
        self._path = f"/v1/articles/{article}"
        self._version = 3

    async def timed(self, other: Any) -> list[float]:
        """Do so until something else is done; return the seconds that each command took."""
        task, found, began = asyncio.ensure_future(other), list[float](), time.perf_counter()
        while not task.done():
            await asyncio.sleep(max(0.0, began + len(found) / RATE - time.perf_counter()))
            asked = time.perf_counter()
            body = {"title": f"Revision {self._version}", "reason": "A correction"}
            if_match = {"If-Match": f'"v{self._version}"'}
            async with self._client.patch(self._path, json=body, headers=if_match) as answer:
                self._version = (await answer.json())["version"]
            found.append(time.perf_counter() - asked)
        await task
        return found
