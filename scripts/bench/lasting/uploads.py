"""Sends pictures by many clients at once, for `media`: a process of its own, as clients are elsewhere.

It is told what to send by a line of JSON, and says how often each status came, and how long all of it took.
"""

import asyncio
import hashlib
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import aiohttp
from PIL import Image

from kit.ids import new_id

BUSY = frozenset({429, 503})
"""Statuses of those that have to come again: so many wait to be read."""


async def sent(url: str, token: str, uploads: int, clients: int, size: int) -> dict[str, Any]:
    """Send pictures as other machines would, while this process measures.

    Args:
        url: of the server.
        token: of an editor.
        uploads: how many, each another file.
        clients: that send at the same time.
        size: bytes of each.

    Returns:
        `statuses`: how often each came, as text; `seconds` that it took.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "scripts.bench.lasting.uploads",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    wish = json.dumps([url, token, uploads, clients, size])
    said, _ = await process.communicate(wish.encode())
    if process.returncode:
        raise RuntimeError("pictures could not be sent")
    found: dict[str, Any] = json.loads(said)
    return found


async def _sent(url: str, token: str, uploads: int, clients: int, size: int) -> dict[str, Any]:
    pictures, statuses = _pictures(uploads, size), Counter[int]()
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(url, headers=headers) as client:
        began = time.perf_counter()
        await asyncio.gather(*(_send(client, pictures, statuses) for _ in range(clients)))
        return {"statuses": statuses, "seconds": time.perf_counter() - began}


async def _send(client: aiohttp.ClientSession, pictures: Iterator[bytes], statuses: Counter[int]) -> None:
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
        status = min(BUSY)
        while status in BUSY:
            async with client.post("/v1/media", json=wish, headers=again) as answer:
                await answer.read()
                status = answer.status
                if status in BUSY:
                    await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        statuses[status] += 1


def _pictures(count: int, size: int) -> Iterator[bytes]:
    """Yield so many photographs of about this size; each is another file."""
    side = max(16, int((size * 1.1) ** 0.5))
    target = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(target, "JPEG", quality=94)
    photograph = target.getvalue()
    for number in range(count):
        said = f"{number:08}".encode()
        yield photograph[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2) + said + photograph[2:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_sent(*json.loads(sys.stdin.readline())))))
