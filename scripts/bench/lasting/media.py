"""media: pictures sent by many at once, and how long commands on texts take meanwhile."""

import asyncio
import hashlib
import io
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from PIL import Image

from events.codec import CODEC
from kit.ids import new_id
from scripts.bench.command import editor
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
                pictures, sent = _pictures(uploads, size), Counter[int]()
                began = time.perf_counter()
                meanwhile = await commands.timed(
                    _all([_send(client, pictures, sent) for _ in range(clients)])
                )
                took = time.perf_counter() - began
    before, during = (quantile(sorted(one), 0.99) or 0.0 for one in (undisturbed, meanwhile))
    return [
        result(
            "media", during, before, unit="ms (p99 of commands)",
            seconds=meanwhile, inverse=True,
            peer_name="the same commands undisturbed", commands=len(meanwhile), uploads=sent[201],
            refused=sum(sent.values()) - sent[201], uploads_per_second=round(uploads / took, 1),
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


async def _all(doing: list[Any]) -> None:
    await asyncio.gather(*doing)


async def _send(client: aiohttp.ClientSession, pictures: Iterator[bytes], sent: Counter[int]) -> None:
    """Send one picture after the other in three steps, and count how each of them ended."""
    for file in pictures:
        sha256 = hashlib.sha256(file).hexdigest()
        said = {"type": "image/jpeg", "size": len(file), "sha256": sha256}
        async with client.post("/v1/media/uploads", json=said) as answer:
            begun = await answer.json()
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in begun["fields"].items():
            form.add_field(name, value)
        form.add_field("file", file, filename="file")
        async with client.post(begun["url"], data=form) as answer:
            await answer.read()
        again = {"Idempotency-Key": str(new_id())}
        wish = {"upload": begun["id"], "sha256": sha256}
        status = 503
        while status == 503:  # noqa: PLR2004 - so many wait to be read that this one has to come again
            async with client.post("/v1/media", json=wish, headers=again) as answer:
                await answer.read()
                status = answer.status
        sent[status] += 1


def _pictures(count: int, size: int) -> Iterator[bytes]:
    """Yield so many photographs of about this size; each is another file."""
    side = max(16, int((size * 1.1) ** 0.5))
    target = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(target, "JPEG", quality=94)
    photograph = target.getvalue()
    for number in range(count):
        said = f"{number:08}".encode()
        yield photograph[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2) + said + photograph[2:]
