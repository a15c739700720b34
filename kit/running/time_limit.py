"""Limits of the time that pure code may take, and how what takes too long is interrupted."""

import ctypes
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol


class TooSlow(Exception):  # noqa: N818 - a state of the event
    """An event took more CPU than one may."""


class _Interrupt(BaseException):
    """Raised in the thread from outside; no `except Exception` of a handler keeps it."""


class Elsewhere(BaseException):
    """What was begun on the thread of the event loop takes longer than that bears: another one does it."""


class TimeLimit(Protocol):
    """The limits of one piece of work, as the code that does it sees them."""

    def over(self) -> bool:
        """Tell whether the time of the piece is over."""

    def run[R](self, function: Callable[..., R], *args: Any) -> R:
        """Call a function for one event; raises TooSlow when that takes more CPU than one event may."""


class _Unbounded:
    def over(self) -> bool:
        return False

    def run[R](self, function: Callable[..., R], *args: Any) -> R:
        return function(*args)


NO_TIME_LIMIT: TimeLimit = _Unbounded()
"""Lets everything take its time."""


class TimedWork:
    """One piece of work: its thread tells when it begins and ends an event, and another one looks.

    Args:
        piece: seconds after which the work is asked to end; of CPU when it is done here.
        event: seconds of CPU that one event may take.
        here: whether this is the thread of the event loop; what takes too long is then Elsewhere.
    """

    def __init__(self, piece: float, event: float, *, here: bool = False) -> None:
        self._thread = threading.get_ident()
        self._here = here
        # A small piece that waits for a core is not slow. A large one is: others wait for what it has done.
        self._clock = time.thread_time if here else time.monotonic
        self._end = self._clock() + piece
        self._limit = event
        self._lock = threading.Lock()
        self._number = 0
        self._running = False
        self._wanted = False
        self._seen = -1
        self._since = 0.0
        self._cancelled = False

    def over(self) -> bool:
        return self._cancelled or self._clock() >= self._end

    def run[R](self, function: Callable[..., R], *args: Any) -> R:
        try:
            self._running = True
            try:
                return function(*args)
            finally:
                self._number += 1
                self._running = False
                if (
                    self._wanted
                ):  # the one that looks notes that it wants to interrupt before it looks at what runs
                    self._take_back()
        except _Interrupt:
            self._settle()
            if self._here:
                raise Elsewhere from None
            raise TooSlow(f"it took more than {self._limit:g} s of CPU") from None

    def _take_back(self) -> None:
        """Let no interruption arrive in what comes next."""
        with self._lock:
            self._running = self._wanted = False
            _throw(self._thread, None)

    def _settle(self) -> None:
        while True:
            with suppress(_Interrupt):  # it may have been sent twice
                self._take_back()
                return

    def look(self) -> None:
        """Interrupt the event that is at work when it has had its share; called by another thread."""
        used = _cpu_of(self._thread)
        with self._lock:
            if self._seen != self._number or not self._running:
                self._seen, self._since = self._number, used
            elif self._cancelled or used - self._since > self._limit:
                self._interrupt(self._seen)

    def cancel(self) -> None:
        """Let the work end at once: nobody waits for it any more."""
        self._cancelled = True
        with self._lock:
            self._interrupt(self._number)

    def _interrupt(self, number: int) -> None:
        self._wanted = True
        if self._running and self._number == number:
            _throw(self._thread, _Interrupt)


def _throw(thread: int, what: type[BaseException] | None) -> None:
    """Let a thread raise at its next step in Python; None: take back what has not arrived yet."""
    given = None if what is None else ctypes.py_object(what)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)


def _cpu_of(thread: int) -> float:
    """Return the CPU that a thread has used; where the system does not tell, that of the process."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    return time.process_time() if clock_of is None else time.clock_gettime(clock_of(thread))
