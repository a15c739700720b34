"""Readers of `/v1/changes` for tests, and aircraft that are written, shown and taken away."""

import asyncio
from typing import Any

import httpx2

from tests.servers.running import Editor, Site

TUPOLEV = {
    "title": {"ru": "Ту-144", "en": "Tu-144"},
    "slug": "tu-144",
    "summary": {"ru": "Сверхзвуковой.", "en": "A supersonic airliner."},
    "sources": [{"title": "A book"}],
    "first_flight": {"edtf": "1969"},
}


class Aircraft:
    """An aircraft that an editor writes and a moderator shows; remembers its version."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.id = ""
        self.version = 0
        self.position = 0
        self.revision = 0

    async def write(self, **content: Any) -> None:
        """Create it, or revise it."""
        if not self.id:
            made = await self._done(self.site.editor, "POST", "/aircraft", TUPOLEV | content)
            self.id = made["id"]
        else:
            made = await self._done(self.site.editor, "PATCH", f"/aircraft/{self.id}", content)
        self.revision += 1

    async def show(self, **content: Any) -> None:
        if content or not self.id:
            await self.write(**content)
        await self.step(
            "PUT", "publication", {"revision": self.revision, "force": True, "reason": "As it is"}
        )

    async def step(self, method: str, what: str, body: Any = None) -> None:
        await self._done(self.site.moderator, method, f"/aircraft/{self.id}/{what}", body)

    async def _done(self, who: Editor, method: str, path: str, body: Any = None) -> dict[str, Any]:
        made = await who.done(method, path, body, version=self.version or None)
        self.version = made["version"]
        self.position = made["position"]
        return made


async def changes(
    client: httpx2.AsyncClient, headers: dict[str, str] | None = None, **query: Any
) -> dict[str, Any]:
    """Return one page."""
    answer = await client.get("/v1/changes", params=query, headers=headers)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def told_by(
    client: httpx2.AsyncClient, position: int, headers: dict[str, str] | None = None, **query: Any
) -> list[dict[str, Any]]:
    """Return every event, once the head of the feed has come to a position."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("/v1/changes", params={"limit": 500} | query, headers=headers)
            assert answer.status_code in {200, 503}, answer.text  # the tables may still be made
            if answer.status_code == 200 and answer.json()["head"] >= position:
                items: list[dict[str, Any]] = answer.json()["items"]
                return items
            await asyncio.sleep(0.02)
