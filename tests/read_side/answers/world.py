"""A layer of whole answers with an application behind it that counts its calls."""

import asyncio
from typing import Any

import httpx2
from starlette.types import Receive, Scope, Send

from kit.auth.identity import IDENTITY
from read_side.answers.cached import Cached
from read_side.answers.respond import KEEP, Keep
from read_side.fresh.served import PollResult, Served

SCHEMA = "read_entries_aaaaaaaaaaaa_1"


class World:
    """A layer, an application that counts its calls, and polls that a test makes up."""

    def __init__(self, *, limit: int = 1_000_000) -> None:
        self.now = 100.0
        self.served = Served({"entries": "aaaaaaaaaaaa"}, clock=lambda: self.now)
        self.calls: list[dict[str, Any]] = []
        self.tags: tuple[str, ...] = ("entry:1",)
        self.stamp = 10
        self.status = 200
        self.body = b"text"
        self.during: Any = lambda: None
        self.asks_who = False
        """The route asks who sends the request."""
        self.etag = ""
        """Of every answer; empty: each has one of its own."""
        self.until: float | None = None
        self.wait: asyncio.Barrier | None = None
        self.layer = Cached(self.app, self.served, limit=limit)
        self.poll(10)

    def poll(
        self, position: int, *purges: tuple[int, list[str]], schema: str = SCHEMA, cut: bool = False
    ) -> None:
        self.served.saw(self.now, position, [PollResult("entries", schema, position, 0, cut, purges)])

    async def app(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.calls.append(dict(scope))
        if self.asks_who:
            scope.setdefault("state", {})[IDENTITY] = None
        stamp, body = self.stamp, self.body
        self.during()
        if self.wait is not None:
            await self.wait.wait()
        headers = [
            (b"etag", self.etag.encode() or b'"%d"' % len(self.calls)),
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"text/plain"),
        ]
        keep = {KEEP: Keep({SCHEMA: stamp}, "/v1/x", self.tags, self.until)} if self.tags else {}
        await send({"type": "http.response.start", "status": self.status, "headers": headers, **keep})
        await send({"type": "http.response.body", "body": body})

    async def get(self, path: str = "/x", method: str = "GET", **headers: str) -> httpx2.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.layer), base_url="http://t"
        ) as client:
            for name in ("accept", "accept-encoding"):
                if name not in names:
                    del client.headers[name]
            return await client.request(method, path, headers=names)
