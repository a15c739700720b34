"""Runs pure code on another thread: the event loop stays alive, and what takes too long is interrupted."""

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Protocol

PAGE_SECONDS = 0.25
"""After so long a piece of work is cut: what is done is written, and the rest comes next."""

EVENT_SECONDS = 2.0
"""CPU that one event may take. Ordinary ones take less than a thousandth of it."""

LOOK = 0.05
"""Seconds between two looks at the thread while it works."""


class TooSlow(Exception):  # noqa: N818 - a state of the event
    """An event took more CPU than one may."""


class _Interrupt(BaseException):
    """Raised in the thread from outside; no `except Exception` of a handler keeps it."""


class Bound(Protocol):
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


UNBOUNDED: Bound = _Unbounded()
"""Lets everything take its time."""


class _Watched:
    """One piece of work: the thread tells when it begins and ends an event, and the loop looks."""

    def __init__(self, thread: int, piece: float, event: float) -> None:
        self._thread = thread
        self._end = time.monotonic() + piece
        self._limit = event
        self._lock = threading.Lock()
        self._number = 0
        self._running = False
        self._sent = False
        self._seen = -1
        self._since = 0.0
        self._cancelled = False

    def over(self) -> bool:
        return self._cancelled or time.monotonic() >= self._end

    def run[R](self, function: Callable[..., R], *args: Any) -> R:
        try:
            self._running = True
            try:
                return function(*args)
            finally:
                self._ended()
        except _Interrupt:
            self._settle()
            raise TooSlow(f"it took more than {self._limit:g} s of CPU") from None

    def _ended(self) -> None:
        with self._lock:
            self._running = False
            self._number += 1
            if self._sent:  # it is on its way and must not arrive in what comes next
                self._sent = False
                _throw(self._thread, None)

    def _settle(self) -> None:
        while True:
            with suppress(_Interrupt):  # it may have been sent twice
                self._ended()
                return

    def look(self) -> None:
        """Interrupt the event that is at work when it has had its share; called by the loop."""
        used = _cpu_of(self._thread)
        with self._lock:
            if self._seen != self._number or not self._running:
                self._seen, self._since = self._number, used
            elif self._cancelled or used - self._since > self._limit:
                self._sent = True
                _throw(self._thread, _Interrupt)

    def cancel(self) -> None:
        """Let the work end at once: nobody waits for it any more."""
        self._cancelled = True
        with self._lock:
            if self._running:
                self._sent = True
                _throw(self._thread, _Interrupt)


class _Looks:
    """Looks at a piece of work from the loop for as long as it runs, and does what is done beside it."""

    def __init__(self, beside: Callable[[], Coroutine[Any, Any, None]] | None, every: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._beside, self._every = beside, every
        self._since = self._loop.time()
        self._next = self._loop.call_later(LOOK, self._look)
        self.watched: _Watched | None = None
        self.task: asyncio.Task[None] | None = None

    def _look(self) -> None:
        if self.watched is not None:
            self.watched.look()
        now, busy = self._loop.time(), self.task is not None and not self.task.done()
        if self._beside and now - self._since >= self._every and not busy:
            self._since = now
            self.task = self._loop.create_task(self._beside())
        self._next = self._loop.call_later(LOOK, self._look)

    def end(self) -> None:
        self._next.cancel()

    def cancel(self) -> None:
        """Nobody waits for the work any more."""
        for one in (self.watched, self.task):
            if one is not None:
                one.cancel()


class Worker:
    """A thread that does one piece of work after the other, for one event loop.

    It ends with the process, whatever it is doing.

    Args:
        piece: seconds after which a piece of work is asked to end.
        event: seconds of CPU that one event may take.

    Attributes:
        beside: done again and again while a piece takes long, such as the renewal of a lease.
        every: seconds between two of that.
        working: how many pieces are under way.
    """

    def __init__(self, piece: float = PAGE_SECONDS, event: float = EVENT_SECONDS) -> None:
        self._limits = piece, event
        self.beside: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.every = 1.0
        self.working = 0
        self._todo: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run[R](self, work: Callable[[Bound], R]) -> R:
        """Do a piece of work beside the loop; raises what it raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        looks = _Looks(self.beside, self.every)

        def tell(set_: Callable[[Any], None], found: Any) -> None:
            if not done.done():
                set_(found)

        def here() -> None:
            if done.cancelled():
                return
            looks.watched = _Watched(threading.get_ident(), *self._limits)
            try:
                outcome: tuple[Callable[[Any], None], Any] = done.set_result, work(looks.watched)
            except BaseException as error:  # noqa: BLE001 - whoever waits for it learns of it
                outcome = done.set_exception, error
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(tell, *outcome)

        self._start()
        self.working += 1
        self._todo.put(here)
        try:
            found = await done
        except asyncio.CancelledError:
            looks.cancel()
            raise
        finally:
            self.working -= 1
            looks.end()
        if looks.task is not None:
            await looks.task
        return found

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="bounded work", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            self._todo.get()()


def _throw(thread: int, what: type[BaseException] | None) -> None:
    """Let a thread raise at its next step in Python; None: take back what has not arrived yet."""
    given = None if what is None else ctypes.py_object(what)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)


def _cpu_of(thread: int) -> float:
    """Return the CPU that a thread has used; where the system does not tell, that of the process."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    return time.process_time() if clock_of is None else time.clock_gettime(clock_of(thread))
