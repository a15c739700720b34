"""Projectors of the tests' own build as real processes: started, killed, frozen and thawed at will."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.copies.starting import Process, send_to_session, start

_ENDED = {signal.SIGTERM: {0, -signal.SIGTERM}}
"""Exit codes of those who are told to end: it is how they end well, unless they were still starting."""


class Fleet:
    """Processes by name, each in a session of its own; nobody else's are ever touched."""

    def __init__(self, dsn: str, folder: Path, lease: float, redis: tuple[str, ...]) -> None:
        self._arguments = (dsn, str(lease), *redis)
        self._folder = folder
        self.running: dict[str, Process] = {}

    def start(self, name: str) -> int:
        """Start a projector; return its process id."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self.running[name] = start(
                "tests.projections.run_made", self._arguments, {"PATH": os.defpath}, log
            )
        return self.running[name].pid

    def send(self, name: str, number: signal.Signals) -> None:
        send_to_session(self.running[name], number)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End a projector and wait until it is gone; one that had ended by itself is no part of any test."""
        self.send(name, number)
        code = self.running.pop(name).wait(30)
        assert code in _ENDED.get(number, {-number}), (
            f"{name} had ended with {code}: {self.said(name)[-2000:]}"
        )

    def name_of(self, pid: int) -> str | None:
        return next((name for name, one in self.running.items() if one.pid == pid), None)

    def said(self, name: str) -> str:
        """Return what a projector has written to its log."""
        return (self._folder / f"{name}.log").read_text()


@contextmanager
def fleet(dsn: str, folder: Path, lease: float = 1.0, redis: tuple[str, ...] = ()) -> Iterator[Fleet]:
    """Yield projectors that are all ended afterwards.

    Args:
        dsn: the database.
        folder: for their output.
        lease: seconds that their leases hold.
        redis: address and prefix of the shared cache; empty: they put nothing there.
    """
    ships = Fleet(dsn, folder, lease, redis)
    try:
        yield ships
    finally:
        for name in list(ships.running):
            ships.kill(name)
