"""Pictures that are sent as a browser does it: ask for a form, send it, confirm."""

import hashlib
from typing import Any

import httpx2

from tests.servers.running import Editor


def announced(file: bytes, media_type: str = "image/png") -> dict[str, Any]:
    """Return how a file is announced."""
    return {"type": media_type, "size": len(file), "sha256": hashlib.sha256(file).hexdigest()}


async def sent(editor: Editor, file: bytes, media_type: str = "image/png", **other: Any) -> str:
    """Announce a file and send it, and return the id of the upload."""
    begun = await editor.done("POST", "/media/uploads", announced(file, media_type) | other)
    answer = await submit(editor.client, begun, file)
    assert 204 == answer.status_code, answer.text
    return str(begun["id"])


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
