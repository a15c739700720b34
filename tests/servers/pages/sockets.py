"""A client of WebSockets, with as much of them as tests need: whole texts out, whole messages in."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_LONG, _LONGER = 126, 127


class Closed(NamedTuple):
    """How the other end closed; 0: it only hung up."""

    code: int
    reason: str


class Socket:
    """One that is open, or was refused: then `status` is no 101."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self.head = head
        self.status = int(head[9:12])

    async def say(self, message: Any) -> None:
        """Send a message as JSON."""
        await self._send(_TEXT, json.dumps(message).encode())

    async def _send(self, kind: int, raw: bytes) -> None:
        size = len(raw)
        if size < _LONG:
            length = bytes([0x80 | size])
        elif size < 1 << 16:
            length = bytes([0x80 | _LONG]) + size.to_bytes(2)
        else:
            length = bytes([0x80 | _LONGER]) + size.to_bytes(8)
        mask = b"mask"
        body = bytes(byte ^ mask[at % 4] for at, byte in enumerate(raw))
        self._writer.write(bytes([0x80 | kind]) + length + mask + body)
        await self._writer.drain()

    async def hear(self) -> Any:
        """Return the next message, read as JSON, or how it was closed."""
        whole = b""
        while True:
            try:
                first, size = await self._reader.readexactly(2)
                if size in {_LONG, _LONGER}:
                    size = int.from_bytes(await self._reader.readexactly(2 if size == _LONG else 8))
                piece = await self._reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return Closed(0, "")
            kind = first & 0x0F
            if kind == _CLOSE:
                return Closed(int.from_bytes(piece[:2]), piece[2:].decode())
            if kind == _PING:
                await self._send(_PONG, piece)
            elif kind != _PONG:
                whole += piece
                if first & 0x80:
                    return json.loads(whole)

    async def body(self) -> bytes:
        """Return what a refusal says."""
        return await self._reader.read()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


async def connected(port: int, path: str, **headers: str) -> Socket:
    """Ask for a socket of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * 1024 * 1024)
    key = base64.b64encode(os.urandom(16)).decode()
    given = {
        "Host": f"127.0.0.1:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    } | headers
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    return Socket(reader, writer, await reader.readuntil(b"\r\n\r\n"))


@asynccontextmanager
async def socket_at(port: int, path: str, **headers: str) -> AsyncIterator[Socket]:
    """Yield a socket, and hang up afterwards."""
    found = await connected(port, path, **headers)
    try:
        yield found
    finally:
        await found.close()
