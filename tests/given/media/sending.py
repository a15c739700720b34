"""Pictures that are sent as a browser does it: ask for a form, send it, confirm."""

import asyncio
import hashlib
import random
from typing import Any

import httpx2

from tests.servers.running import Editor


def announced(file: bytes, media_type: str = "image/png") -> dict[str, Any]:
    """Return how a file is announced."""
    return {"type": media_type, "size": len(file), "sha256": hashlib.sha256(file).hexdigest()}


async def sent(editor: Editor, file: bytes, media_type: str = "image/png", **other: Any) -> str:
    """Announce a file and send it, and return the id of the upload."""
    begun = await editor.done("POST", "/media/uploads", announced(file, media_type) | other)
    if "parts" in begun:
        assert {200, 204}.issuperset(await send_parts(editor.client, begun, file))
        return str(begun["id"])
    answer = await submit(editor.client, begun, file)
    assert 204 == answer.status_code, answer.text
    return str(begun["id"])


def padded(file: bytes, size: int) -> bytes:
    """Return a picture with so much behind it that it is so large; that is not kept."""
    return file + random.Random(size).randbytes(size - len(file))  # noqa: S311 - repeatable, not secret


async def send_parts(
    client: httpx2.AsyncClient, standing: dict[str, Any], file: bytes, *numbers: int
) -> list[int]:
    """Send parts of a file at once, to the addresses of an answer, and return the statuses.

    Args:
        client: sends them.
        standing: the answer that tells of them.
        file: the whole of it.
        numbers: of those that are sent; none: all that are missing.
    """
    wanted = [one for one in standing["parts"] if not numbers or one["number"] in numbers]
    puts = (put_part(client, one, file) for one in wanted)
    return [answer.status_code for answer in await asyncio.gather(*puts)]


async def put_part(client: httpx2.AsyncClient, part: dict[str, Any], file: bytes) -> httpx2.Response:
    """Send one part to its address."""
    first = part["first"]
    return await client.put(part["url"], content=file[first : first + part["size"]])


async def submit(
    client: httpx2.AsyncClient, begun: dict[str, Any], file: bytes, **fields: str
) -> httpx2.Response:
    """Send the form of an upload, with some fields changed."""
    form = begun["fields"] | fields
    return await client.post(begun["url"], data=form, files={"file": ("../../any name", file)})


async def confirm(editor: Editor, upload: str, file: bytes, key: str = "") -> httpx2.Response:
    """Say that a file was sent."""
    wish = {"upload": upload, "sha256": hashlib.sha256(file).hexdigest()}
    return await editor.send("POST", "/media", wish, key=key)


async def registered(editor: Editor, file: bytes, media_type: str = "image/png") -> dict[str, Any]:
    """Send and confirm a file, and return the receipt."""
    answer = await confirm(editor, await sent(editor, file, media_type), file)
    assert answer.status_code in {200, 201}, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt
