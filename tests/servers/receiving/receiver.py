"""A receiver of requests that behaves as it is told: answers, hangs, redirects, sends without end."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from kit.running.ending import end


class Received(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


HANGS, ENDLESS, BREAKS = 0, 1, 2
"""What it may do instead of an answer: say nothing; send a body without end; hang up."""


@dataclass
class Receiver:
    """What it was sent, in order, and what it answers."""

    answer: Callable[[Received], int] = lambda _: 204
    """A status, or one of the three above. A redirect leads to a place inside."""
    received: list[Received] = field(default_factory=list)
    sent_bytes: int = 0
    """Of bodies without end."""
    port: int = 0
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._take(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, _ = first.split(" ")
            one = Received(method, path, headers, body)
            self.received.append(one)
            await self._reply(self.answer(one), reader, writer)

    async def _reply(self, what: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if what == HANGS:
            await reader.read()  # until the other side gives up
        elif what == ENDLESS:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
                self.sent_bytes += 65_536
        elif what != BREAKS:
            inwards = "Location: http://169.254.169.254/latest/meta-data\r\n" if 300 <= what < 400 else ""
            writer.write(f"HTTP/1.1 {what} Said\r\n{inwards}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()


@asynccontextmanager
async def receiving(
    answer: Callable[[Received], int] = lambda _: 204, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Yield a receiver at a free port of this machine."""
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.begin, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await end(*receiver.serving)
