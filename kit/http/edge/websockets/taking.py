"""Takes a connection over from the server below: its socket stays open when the server lets go of it."""

import asyncio
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kit.http.edge.connections import Ends, ends_of

_OPEN = Path("/dev/fd")
"""The open files of this process, on Linux and on macOS."""

_LOOKS = 0.001
"""Seconds between two looks whether the server has let go."""

SECONDS = 2.0
"""Time in which it has to."""


class TakenSocket(NamedTuple):
    """A connection that is still the server's, too."""

    copy: socket.socket
    """Ours: a second file of the same connection."""
    original: int
    """Number of the server's file."""

    async def alone(self) -> None:
        """Wait until the server has closed its file, which it does when its last byte is on its way.

        Raises:
            RuntimeError: it does not.
        """
        until = asyncio.get_running_loop().time() + SECONDS
        while self._is_shared():  # nobody tells
            if asyncio.get_running_loop().time() > until:
                raise RuntimeError("the server keeps a connection that is none of HTTP any more")
            await asyncio.sleep(_LOOKS)

    def _is_shared(self) -> bool:
        try:
            return os.path.sameopenfile(self.copy.fileno(), self.original)
        except OSError:
            return False


def take(ends: Ends, known: Collection[int] = ()) -> TakenSocket | None:
    """Return a connection of this process; None: it has ended.

    Args:
        ends: of the connection.
        known: files that are others for sure.
    """
    for number in _open_files():
        if number not in known and _ends_at(number) == ends:
            with suppress(OSError):
                copy = socket.socket(fileno=os.dup(number))
                # Between the look and the copy it may have ended, and its number be another file's.
                if _ends_at(copy.fileno()) == ends:
                    copy.settimeout(0)
                    return TakenSocket(copy, number)
                copy.close()
    return None


def _open_files() -> Iterator[int]:
    return (int(entry.name) for entry in list(_OPEN.iterdir()))


def _ends_at(number: int) -> Ends | None:
    """Return the ends of what is open under a number; None: it is no connection of the internet."""
    try:
        # The family is said, so that nobody has to ask the system for it; an address says its own.
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=number)
    except OSError:
        return None
    try:
        peer, own = found.getpeername(), found.getsockname()
    except OSError:
        return None
    finally:
        found.detach()
    return ends_of(peer, own) if isinstance(peer, tuple) and isinstance(own, tuple) else None
