"""A client of an event stream that is as strict as the standard, over a real connection or in the process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson


class Heard(NamedTuple):
    """An event as a client has it."""

    id: str
    name: str
    data: Any


class Sse:
    """An open stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self.head = head
        self._text = b""
        self.ended = False

    async def hear(self) -> Heard | None:
        """Return the next event; None: the stream has ended."""
        while not self.ended:
            block, found, rest = self._text.partition(b"\n\n")
            if found:
                self._text = rest
                fields = dict(line.split(b": ", 1) for line in block.split(b"\n"))
                if b"data" in fields:
                    name = fields.get(b"event", b"message").decode()
                    return Heard(fields.get(b"id", b"").decode(), name, orjson.loads(fields[b"data"]))
                continue
            try:
                size = int(await self._reader.readuntil(b"\r\n"), 16)
                self._text += (await self._reader.readexactly(size + 2))[:size]
                self.ended = not size
            except (asyncio.IncompleteReadError, ConnectionError):
                self.ended = True
        return None

    async def events(self, count: int) -> list[Heard]:
        """Return so many events, heartbeats left out."""
        found: list[Heard] = []
        while len(found) < count and (one := await self.hear()) is not None:
            if one.name == "message":
                found.append(one)
        return found

    def cut(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def opened(port: int, query: str = "", *headers: str, window: int = 0) -> AsyncIterator[Sse]:
    """Open a stream of a server at a port; `window`: bytes that wait here for who reads slowly, 0: many."""
    connection = socket.socket()
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.setblocking(False)  # noqa: FBT003 - the name of the standard library
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=window or 2**16)
    try:
        lines = "".join(f"{one}\r\n" for one in headers)
        writer.write(f"GET /v1/events{query} HTTP/1.1\r\nHost: test\r\n{lines}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        yield Sse(reader, writer, head)
    finally:
        writer.transport.abort()
