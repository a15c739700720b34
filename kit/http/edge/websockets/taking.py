"""Takes a connection over from the server below: its socket stays open when the server lets go of it."""

import asyncio
import os
import socket
from contextlib import suppress
from typing import NamedTuple

from kit.http.edge.connections import Ends, ends_of

_OPEN = "/dev/fd"
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


class OpenFile(NamedTuple):
    """What is open under a number, and stays the same as long as its inode does."""

    number: int
    inode: tuple[int, int]
    """Its device, and its number there."""
    ends: Ends | None
    """None: it is no connection of the internet."""

    @staticmethod
    def under(number: int, before: "OpenFile | None" = None) -> "OpenFile | None":
        """Return it; None: nothing is.

        Args:
            number: of the file.
            before: what was there at the last look; as long as it is the same, it is not asked for its ends.
        """
        try:
            seen = os.fstat(number)
        except OSError:
            return None
        inode = seen.st_dev, seen.st_ino
        if before is not None and before.inode == inode and seen.st_ino:  # 0: this system does not number it
            return before
        return OpenFile(number, inode, _ends_at(number))

    def is_there(self) -> bool:
        """Say whether it is still open, and its client still there."""
        return OpenFile.under(self.number) == self

    def take(self) -> TakenSocket | None:
        """Return the connection; None: it has ended, be there another one under its number, or with its ends.

        A client that has gone may come again from the same port, and is another for anyone who stands ahead.
        """
        with suppress(OSError):
            copy = os.dup(self.number)
            found = OpenFile.under(copy)
            if found is not None and (found.inode, found.ends) == (self.inode, self.ends):
                taken = socket.socket(fileno=copy)
                taken.settimeout(0)
                return TakenSocket(taken, self.number)
            os.close(copy)
        return None


class OpenFiles:
    """Those of this process, as they were found at the last look.

    To ask for a connection that was there then costs no look: many that come at once are found by one.
    """

    def __init__(self) -> None:
        self._by_number: dict[int, OpenFile] = {}
        self._by_ends: dict[Ends, OpenFile] = {}

    def find(self, ends: Ends) -> OpenFile | None:
        """Return the connection that has such ends; None: it has ended."""
        found = self._by_ends.get(ends)
        if found is None or not found.is_there():
            self._look()
            found = self._by_ends.get(ends)
        return found

    def _look(self) -> None:
        before, self._by_number = self._by_number, {}
        with os.scandir(_OPEN) as entries:
            numbers = [int(entry.name) for entry in entries]
        for number in numbers:
            found = OpenFile.under(number, before.get(number))
            if found is not None:
                self._by_number[number] = found
        self._by_ends = {one.ends: one for one in self._by_number.values() if one.ends is not None}


def _ends_at(number: int) -> Ends | None:
    """Return the ends of what is open under a number; None: it is no connection of the internet."""
    try:
        # The family is said, so that nobody has to ask the system for it. Of both, it is the one whose
        # addresses are longer: an address says its own family, and comes whole.
        found = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, fileno=number)
    except OSError:
        return None
    try:
        peer, own = found.getpeername(), found.getsockname()
    except OSError:
        return None
    finally:
        found.detach()
    return ends_of(peer, own) if isinstance(peer, tuple) and isinstance(own, tuple) else None
