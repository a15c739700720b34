"""Watches over what runs on the thread of an event loop, which cannot watch over itself."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from projections.bound import Watched

LOOK = 0.015
"""Seconds between two looks while there is something to watch now and then."""

PATIENCE = 60
"""Looks at nothing after which it sleeps until it is wanted."""


class Watchdog:
    """A thread that looks at pieces of work. It sleeps while there are none, and ends with the process."""

    def __init__(self) -> None:
        self._current: Watched | None = None
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, work: Watched) -> Iterator[None]:
        """Watch over a piece of work of this thread, one at a time."""
        self._current = work
        if not self._wanted.is_set():
            self._begin()
        try:
            yield
        finally:
            self._current = None

    def _begin(self) -> None:
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        idle = 0
        while True:
            self._wanted.wait()
            time.sleep(LOOK)
            current = self._current
            idle = 0 if current is not None else idle + 1
            if current is not None:
                current.look()
            elif idle > PATIENCE:
                self._wanted.clear()
                idle = 0
                if self._current is not None:  # it came in this very moment
                    self._wanted.set()
