"""Cuts connections that take the room of others: those where nothing moves, and the surplus of an address."""

import asyncio
import os
import socket
import struct
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from kit.http.addresses import client_of

STILL_SECONDS = 30.0
"""Seconds after which a connection is cut where no byte of a request or an answer has moved."""

RECENT = 1.0
"""Seconds within which something has moved on a connection that is not cut to make room, unless its address
has more than it may have."""

LOOK_SECONDS = 1.0
"""Seconds between two looks when there are many files open."""

SELDOM = 5
"""Looks of which one is enough while there are few."""

SOON = 0.2
"""Seconds until the next look while an address has too many: who is cut comes back at once."""

ROOM = 7 / 8
"""Part of all connections beyond which the stillest are cut, so that there is always room for a new one."""

_OPEN = Path("/proc/self/fd")
_TIMES = struct.Struct("=44xI4xI")
"""Of the kernel's `struct tcp_info`: milliseconds since data were sent last, and since they were received."""

_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})

_AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: what waits to be sent is thrown away with the connection."""


class HeldConnection(NamedTuple):
    """A connection that the server holds."""

    still: float
    """Seconds since anything moved, in either direction."""
    address: str
    """Of its client, or the network of that."""
    file: int
    peer: tuple[object, ...]


class Connections:
    """Looks at the connections of this process that came in at certain ports.

    The server takes connections, and its limits are for all of them together; who has how many, and whether
    anybody reads, it does not ask. The kernel knows both. A connection is cut by shutting its socket
    down, which the server meets as the end of the connection. On Linux; elsewhere it cuts nothing.

    Args:
        ports: where connections come in.
        limit: open at the same time, after which the server takes no more.
        per_address: from one address, or network of IPv6, beyond which the stillest of it are cut.
        still: seconds after which one is cut where nothing has moved.
    """

    def __init__(
        self, ports: Collection[int], *, limit: int, per_address: int, still: float = STILL_SECONDS
    ) -> None:
        self._ports = frozenset(ports)
        self._room = int(limit * ROOM)
        self._per_address = per_address
        self._still = still
        self._crowded = False
        """An address had too many at the last look."""
        self._log = structlog.get_logger("http")

    async def run(self) -> None:
        """Look until cancelled."""
        if sys.platform != "linux":
            return
        looks = 0
        while True:
            await asyncio.sleep(SOON if self._crowded else LOOK_SECONDS)
            looks += 1
            many = len(_open_files()) > min(self._per_address, self._room) // 2
            if many or self._crowded or looks % SELDOM == 0:
                self._crowded = False
                try:
                    self.look()
                except Exception:  # noqa: BLE001 - said, and tried again: it guards, and nothing waits for it
                    self._log.exception("connections.not-seen")

    def look(self) -> int:
        """Cut what has to be cut now; return how many that were."""
        found = sorted(self._all(), reverse=True)
        surplus = len(found) - self._room
        of_address = Counter(one.address for one in found)
        cut = 0
        for one in found:
            crowd = of_address[one.address] > self._per_address
            self._crowded |= crowd
            if crowd or one.still >= self._still or (surplus > 0 and one.still >= RECENT):
                of_address[one.address] -= 1
                surplus -= 1
                cut += self._cut(one)
        if cut:
            self._log.warning("connections.cut", cut=cut, of=len(found))
        return cut

    def cut_all(self) -> None:
        """Cut every one, whatever it is about."""
        for one in list(self._all()):
            self._cut(one)

    def _all(self) -> Iterator[HeldConnection]:
        for number in _open_files():
            with suppress(OSError), _held(number) as held:
                if held.family in _INTERNET and held.getsockname()[1] in self._ports:
                    peer = held.getpeername()
                    sent, received = _TIMES.unpack(
                        held.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TIMES.size)
                    )
                    yield HeldConnection(min(sent, received) / 1000, client_of(peer[0]), number, peer)

    def _cut(self, one: HeldConnection) -> bool:
        """Cut it, unless it has ended meanwhile and its number is another file's."""
        with suppress(OSError), _held(one.file) as held:
            if held.family in _INTERNET and held.getpeername() == one.peer:
                _shut(held)
                return True
        return False


class Ends(NamedTuple):
    """What tells one connection of a process from all others."""

    client: str
    client_port: int
    port: int
    """At which it came in."""


def ends_of(client: tuple[object, ...], server: tuple[object, ...]) -> Ends:
    """Return the ends of a connection, by the addresses of its client and of the server."""
    host, port = client[:2]
    return Ends(str(host).removeprefix("::ffff:"), int(str(port)), int(str(server[1])))


def cut_those(ends: Collection[Ends]) -> None:
    """Cut connections of this process; on Linux, elsewhere none."""
    for number in _open_files():
        with suppress(OSError), _held(number) as held:
            if held.family in _INTERNET and ends_of(held.getpeername(), held.getsockname()) in ends:
                _shut(held)


def _shut(held: socket.socket) -> None:
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    held.shutdown(socket.SHUT_RDWR)


def _open_files() -> list[int]:
    return [int(entry.name) for entry in _OPEN.iterdir()] if sys.platform == "linux" else []


@contextmanager
def _held(file: int) -> Iterator[socket.socket]:
    """Hold what is open under a number, so that it stays what it is while it is looked at.

    Raises:
        OSError: it is no socket, or not open any more.
    """
    copy = os.dup(file)
    try:
        held = socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise
    with held:
        yield held
