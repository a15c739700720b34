"""Watches over what runs on the thread of an event loop, which cannot watch over itself."""

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from kit.running.time_limit import TimedWork

LOOK, SELDOM = 0.015, 0.06
"""Seconds between two looks: at work that takes long; at nothing, as between short ones."""

IDLE_SECONDS = 0.5
"""Seconds of nothing after which it sleeps until it is wanted."""


class _Post:
    """What the thread looks at; it knows nothing of the watchdog, so that this can go while it sleeps."""

    def __init__(self) -> None:
        self.current: TimedWork | None = None
        self.wanted = threading.Event()
        self.over = False

    def leave(self) -> None:
        self.over = True
        self.wanted.set()


class Watchdog:
    """A thread that looks at pieces of work. It sleeps while there are none.

    It ends when the watchdog is closed, or when nobody has it any more.
    """

    def __init__(self) -> None:
        self._post = _Post()
        self._end: weakref.finalize[[], Watchdog] | None = None

    def close(self) -> None:
        """Let the thread end; the next work begins another one."""
        if self._end is not None:
            self._end()
            self._post, self._end = _Post(), None

    @contextmanager
    def watching(self, work: TimedWork) -> Iterator[None]:
        """Watch over a piece of work of this thread, one at a time."""
        post = self._post
        post.current = work
        if not post.wanted.is_set():
            self._begin()
        try:
            yield
        finally:
            post.current = None

    def _begin(self) -> None:
        post = self._post
        post.wanted.set()
        if self._end is None:
            self._end = weakref.finalize(self, post.leave)
            self._end.atexit = False
            threading.Thread(target=_watch, args=(post,), name="watchdog", daemon=True).start()


def _watch(post: _Post) -> None:
    pause, idle = LOOK, 0.0
    while not post.over:
        post.wanted.wait()
        time.sleep(pause)
        current = post.current
        if current is not None:
            current.look()
            pause, idle = LOOK, 0.0
        else:
            idle += pause
            pause = min(2 * pause, SELDOM)
        if idle > IDLE_SECONDS:
            post.wanted.clear()
            pause, idle = LOOK, 0.0
            if post.current is not None or post.over:  # it came in this very moment
                post.wanted.set()
        del current
