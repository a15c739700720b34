"""A small TCP proxy that does to a connection what networks do: delay, pause, reset, refuse, cut."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pytest


class Proxy:
    """Listens on a free loopback port and passes bytes on to one target.

    Args:
        host, port: the target; a host that begins with a slash is a folder with a socket of PostgreSQL.
        tls: server context; what comes in is then TLS, what goes out is plain.
    """

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.target = (host, port)
        self.port = 0
        self.delay = 0.0
        """Seconds that each chunk of bytes is held back, both ways."""
        self.taken = 0
        """Bytes taken from those who connect since the start, passed on or not."""
        self.upstream = 0
        """Bytes passed on to the target since the start."""
        self.accepted = 0
        """Connections taken since the start."""
        self._tls = tls
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cut_after: int | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()
        self.resume()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no new connections; those that are open go on."""
        if self._server is not None:
            self._server.close()
            self._server = None
            await asyncio.sleep(0)

    def pause(self) -> None:
        """Let nothing through, in either direction, and say nothing about it: a half-open network."""
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def reset(self) -> None:
        """Break every open connection with a RST."""
        for writer in list(self._open):
            _reset(writer)

    def cut_after(self, upstream_bytes: int) -> None:
        """Break the connections once this many further bytes have gone to the target."""
        self._cut_after = self.upstream + upstream_bytes

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            far_reader, far_writer = await _opened(*self.target)
        except OSError:
            _reset(writer)
            return
        ends = {writer, far_writer}
        if self._server is None:  # it has come to refuse meanwhile
            for end in ends:
                _reset(end)
            return
        self._open |= ends
        for source, sink, up in ((reader, far_writer, True), (far_reader, writer, False)):
            task = asyncio.create_task(self._pump(source, sink, ends, up=up))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        ends: set[asyncio.StreamWriter],
        *,
        up: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                self.taken += len(data) if up else 0
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                room = None if self._cut_after is None or not up else self._cut_after - self.upstream
                sink.write(data[:room])
                if up:
                    self.upstream += len(data[:room])
                if room is not None and len(data) >= room:
                    await sink.drain()
                    self._cut_after = None
                    self.reset()
                    return
                await sink.drain()
        await self._flowing.wait()  # a half-open network does not tell of an end either
        for writer in ends:
            writer.close()
        self._open -= ends


async def _opened(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return await asyncio.open_connection(host, port)


def _reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    raw = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@contextlib.asynccontextmanager
async def proxied(dsn: str) -> AsyncIterator[tuple[Proxy, str]]:
    """Yield a proxy in front of the server, and the address that leads over it."""
    parts = urlsplit(dsn)
    if not parts.hostname:
        pytest.skip("the server listens on no TCP port")
    async with Proxy(parts.hostname, parts.port or 5432) as proxy:
        user = parts.netloc.rpartition("@")[0]
        yield proxy, parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()
