"""Requests over many connections, as fast as answers come or at a given rate, cheap beside the server."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

OK = (b"HTTP/1.1 200", b"HTTP/1.1 201", b"HTTP/1.1 304")


class Load(NamedTuple):
    """What a loop saw."""

    rate: float
    """Requests answered per second."""
    seconds: list[float]
    """Latency of each."""
    refused: dict[str, int]
    """Answers other than 200, 201 and 304: how many of each status."""


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete (Content-Length is trusted).

    At a given rate it waits until that request is due; one that is late counts from when it was due.
    """

    def __init__(self, following: Callable[[], bytes], load: "_Loop", due: float) -> None:
        self._next = following
        self._load = load
        self._due = due
        self._held = b""
        self._missing = 0
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a TCP connection
        self._send_when_due()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            if self._missing <= 0:
                self._complete()
            return
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._held[:end].lower()
        place = head.find(b"content-length:")
        length = 0 if place < 0 else int(head[place + 15 :].split(b"\r\n", 1)[0])
        if not self._held.startswith(OK):
            self._load.refused[self._held[9:12].decode()] += 1
        self._missing = length - (len(self._held) - end - 4)
        if self._missing <= 0:
            self._complete()

    def _complete(self) -> None:
        self._load.seconds.append(time.perf_counter() - self._sent)
        self._held, self._missing = b"", 0
        if self._load.every:
            self._due += self._load.every
        if max(self._due, time.perf_counter()) < self._load.end:
            self._send_when_due()
        else:
            self._load.leave(self._transport)

    def _send_when_due(self) -> None:
        early = self._due - time.perf_counter() if self._load.every else 0.0
        if early > 0:
            asyncio.get_running_loop().call_later(early, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._sent = self._due if self._load.every else time.perf_counter()
        if self._transport is not None:
            self._transport.write(self._next())


class _Loop:
    def __init__(self, connections: int, seconds: float, every: float) -> None:
        self.seconds: list[float] = []
        self.refused: Counter[str] = Counter()
        self.every = every
        self.end = time.perf_counter() + seconds
        self.open = connections
        self.over = asyncio.Event()

    def leave(self, transport: asyncio.Transport | None) -> None:
        if transport is not None:
            transport.close()
        self.open -= 1
        if not self.open:
            self.over.set()


async def load(
    port: int,
    requests: list[Callable[[], bytes]],
    *,
    seconds: float,
    every: float = 0.0,
    host: str = "127.0.0.1",
) -> Load:
    """Run one connection for each source of requests for so many seconds.

    Args:
        port: of the server on the loopback.
        requests: for each connection, a function that returns the bytes of its next request.
        seconds: how long.
        every: seconds between the requests of a connection; 0: each follows the last answer at once.
        host: where the server listens.
    """
    loop = asyncio.get_running_loop()
    running = _Loop(len(requests), seconds, every)
    began = time.perf_counter()
    for number, following in enumerate(requests):
        due = began + every * number / len(requests)
        await loop.create_connection(partial(_Connection, following, running, due), host, port)
    await running.over.wait()
    took = time.perf_counter() - began
    return Load(len(running.seconds) / took, running.seconds, running.refused)


def get(path: str, **headers: str) -> bytes:
    """Return the bytes of a GET."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{more}\r\n".encode()
