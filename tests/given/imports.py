"""Files that an administrator sends over HTTP, and what is told of them."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2

from scripts.accounts.issuing import token_for
from tests.servers.running import Site, settings_for

BYTES = "application/octet-stream"


async def admin_of(dsn: str, folder: Path, name: str = "Admin") -> dict[str, str]:
    """Make an administrator, and return the headers by which he is known."""
    made = await token_for(settings_for(dsn, folder), dsn, name, "admin", "15m", grant=True, bot=False)
    return {"Authorization": f"Bearer {made.token}"}


async def send(
    site: Site, admin: dict[str, str], content: bytes, query: str, type_: str = BYTES
) -> httpx2.Response:
    """Send a file."""
    headers = admin | {"Content-Type": type_}
    return await site.client.post(f"/v1/imports?{query}", content=content, headers=headers)


async def ended(site: Site, admin: dict[str, str], begun: httpx2.Response) -> dict[str, Any]:
    """Wait until an import has ended, and return what is told of it."""
    assert 202 == begun.status_code, begun.text
    async with asyncio.timeout(60):
        while True:
            answer = await site.client.get(begun.headers["location"], headers=admin)
            assert 200 == answer.status_code, answer.text
            told: dict[str, Any] = answer.json()
            if told["state"] != "running":
                return told
            await asyncio.sleep(0.05)
