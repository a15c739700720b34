"""Asks an ASGI application directly, byte by byte, where an HTTP client would tidy up what it sends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.types import ASGIApp, Message


@dataclass
class Answered:
    """What came back."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        found = [value for known, value in self.headers if known == name]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def problem(self) -> str:
        """Kind of problem; checks that the document is what it says."""
        assert self.header("content-type") == "application/problem+json"
        document = self.json
        assert document["status"] == self.status
        assert document["request_id"] == self.header("x-request-id")
        kind: str = document["type"].removeprefix("/problems/")
        return kind


async def ask(
    app: ASGIApp,
    method: str,
    target: bytes | str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
    scheme: str = "http",
    host: str | None = "test",
) -> Answered:
    """Send one request; a body given in pieces is sent in chunks, without Content-Length."""
    raw = target.encode("latin-1") if isinstance(target, str) else target
    path, _, query = raw.partition(b"?")
    sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    if host is not None:
        sent.insert(0, (b"host", host.encode()))
    pieces = [body] if isinstance(body, bytes) else list(body)
    if not isinstance(body, bytes):
        sent.append((b"transfer-encoding", b"chunked"))
    elif body and not any(name == b"content-length" for name, _ in sent):
        sent.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": sent,
        "client": ("192.0.2.7", "50000"),
        "server": ("test", "80"),
        "state": {},
    }
    answered = Answered()
    waiting = [
        {"type": "http.request", "body": piece, "more_body": index + 1 < len(pieces)}
        for index, piece in enumerate(pieces)
    ]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert answered.status == 0, "answered twice"
            answered.status = message["status"]
            answered.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        else:
            answered.body += message.get("body", b"")

    await app(scope, receive, send)
    return answered
