"""Loads the product once, and becomes each process that is asked for, in a copy of itself: see `starting`."""

import gc
import json
import os
import runpy
import signal
import socket
import struct
import sys
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any

LOADED = ("scripts.serve", "scripts.project", "scripts.seed", "valkey.asyncio")
"""What nearly every process of the tests loads first; the rest is loaded by the one that needs it."""

FDS = 3
"""Descriptors that come with what is asked: its two outputs, and where it is told how it ended."""

NUMBER = struct.Struct("i")
"""As which a process id or an exit code is told."""

LONGEST = 256 * 1024
"""Bytes of what is asked."""


class Original:
    """Waits for what is asked of it; tells the id of each copy, and later how that ended.

    Args:
        asked: where it is asked; it ends when nobody holds the other end any more.
    """

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        self._told: dict[int, int] = {}

    def copies(self) -> dict[str, Any]:
        """Make copies until nobody can ask any more; return only in a copy, with what it is to become."""
        signal.signal(signal.SIGCHLD, self._ended)
        while True:
            said, descriptors, _, _ = socket.recv_fds(self._asked, LONGEST, FDS)
            if not said:
                os._exit(0)
            if self._copy(descriptors[-1]):
                break
            for one in descriptors[:-1]:
                os.close(one)
        self._asked.close()
        for one in self._told.values():
            os.close(one)
        os.setsid()
        for number, one in enumerate(descriptors[:-1], start=1):
            os.dup2(one, number)
        for one in descriptors:
            os.close(one)
        wanted: dict[str, Any] = json.loads(said)
        return wanted

    def _copy(self, told: int) -> bool:
        """Return True in a new copy; the original notes whom to tell about it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        else:
            self._told[pid] = told
            os.write(told, NUMBER.pack(pid))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return not pid

    def _ended(self, _number: int, _frame: FrameType | None) -> None:
        """Tell how those ended who have ended since."""
        while self._told:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            told = self._told.pop(pid)
            with suppress(BrokenPipeError):  # nobody wants to know
                os.write(told, NUMBER.pack(os.waitstatus_to_exitcode(status)))
            os.close(told)


def become(wanted: dict[str, Any]) -> None:
    """Be a process that runs a module as `python -m` does."""
    os.environ.clear()  # noqa: TID251 - as the one who asks wants it
    os.environ.update(wanted["environment"])  # noqa: TID251
    sys.argv[1:] = wanted["words"]
    runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)


def load() -> None:
    """Load what processes begin with, find all names, and look for no garbage in all that."""
    gc.disable()
    from scripts.cli.build_names import find_all, names_of_this_build

    names = names_of_this_build()
    for name in LOADED:
        import_module(name)
    from projections.builds.fingerprint import fingerprint
    from tests.projections.made import PROJECTIONS

    find_all(names)
    for one in PROJECTIONS:
        fingerprint(one)
    gc.enable()
    gc.freeze()
    alive = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are all that is wanted
    if alive > 1:
        raise RuntimeError(f"{alive} threads run after loading, and a copy would have only one of them")


if __name__ == "__main__":
    place = socket.socket(fileno=int(sys.argv[1]))
    load()
    become(Original(place).copies())
