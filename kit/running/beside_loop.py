"""Runs pure code beside the event loop, which stays alive; small pieces on its own thread, under a watch."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any

from kit.running.time_limit import Elsewhere, TimedWork, TimeLimit
from kit.running.watchdog import Watchdog

PAGE_SECONDS = 0.25
"""After so long a piece of work is cut: what is done is written, and the rest comes next."""

EVENT_SECONDS = 2.0
"""CPU that one event may take. Ordinary ones take less than a thousandth of it."""

LOOK_SECONDS = 0.05
"""Seconds between two looks at the thread while it works."""

FEW_EVENTS = 8
"""So many events are begun on the thread of the loop: two hops between threads cost more than they do."""

HERE_SECONDS = 0.01
"""CPU after which they are done on the other thread after all."""


type _Todo = SimpleQueue[Callable[[], None] | None]


class _Looks:
    """Looks at a piece of work from the loop for as long as it runs, and does what is done beside it."""

    def __init__(self, while_working: Callable[[], Coroutine[Any, Any, None]] | None, every: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._while_working, self._every = while_working, every
        self._since = self._loop.time()
        self._next = self._loop.call_later(LOOK_SECONDS, self._look)
        self.watched: TimedWork | None = None
        self.task: asyncio.Task[None] | None = None
        self._given_up = False

    def _look(self) -> None:
        if self.watched is not None:
            self.watched.cancel() if self._given_up else self.watched.look()
        now, busy = self._loop.time(), self.task is not None and not self.task.done()
        if self._while_working and now - self._since >= self._every and not busy:
            self._since = now
            self.task = self._loop.create_task(self._while_working())
        self._next = self._loop.call_later(LOOK_SECONDS, self._look)

    def end(self) -> None:
        self._next.cancel()

    def cancel(self) -> None:
        """Nobody waits for the work any more. It is interrupted until it ends: once can get lost."""
        self._given_up, self._while_working = True, None
        for one in (self.watched, self.task):
            if one is not None:
                one.cancel()


class BesideLoop:
    """Does one piece of work after the other for one event loop: small ones at once, others beside it.

    That thread ends when the worker is closed, when nobody has the worker any more, and with the process,
    whatever it is doing.

    Args:
        piece: seconds after which a piece of work is asked to end.
        event: seconds of CPU that one event may take.
        watchdog: of the thread of the loop, where another worker has one already.

    Attributes:
        watchdog: watches over what is done on the thread of the loop.
        while_working: done again and again while a piece takes long, such as the renewal of a lease.
        every: seconds between two of that.
        working: how many pieces are under way.
    """

    def __init__(
        self,
        piece: float = PAGE_SECONDS,
        event: float = EVENT_SECONDS,
        watchdog: Watchdog | None = None,
    ) -> None:
        self._limits = piece, event
        self.while_working: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.every = 1.0
        self.working = 0
        self.watchdog = watchdog or Watchdog()
        self._todo: _Todo | None = None
        self._end: weakref.finalize[[None], BesideLoop] | None = None

    def close(self) -> None:
        """Let the threads end when they have done what they are doing; the next work begins others."""
        self.watchdog.close()
        if self._end is not None:
            self._end()
            self._todo = self._end = None

    async def run[R](self, work: Callable[[TimeLimit], R], events: int = FEW_EVENTS + 1) -> R:
        """Do a piece of work and raise what it raises.

        Args:
            work: pure: what was begun here may be done once more elsewhere.
            events: how many it is about.
        """
        if events <= FEW_EVENTS:
            watched = TimedWork(HERE_SECONDS, HERE_SECONDS, here=True)
            with suppress(Elsewhere), _no_collection(), self.watchdog.watching(watched):
                return work(watched)
        return await self._elsewhere(work)

    async def _elsewhere[R](self, work: Callable[[TimeLimit], R]) -> R:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        looks = _Looks(self.while_working, self.every)

        def tell(set_: Callable[[Any], None], found: Any) -> None:
            looks.end()
            if not done.done():
                set_(found)

        def here() -> None:
            outcome: tuple[Callable[[Any], Any], Any] = done.cancel, None
            if not done.cancelled():
                looks.watched = TimedWork(*self._limits)
                try:
                    outcome = done.set_result, work(looks.watched)
                except BaseException as error:  # noqa: BLE001 - the one that waits for it learns of it
                    outcome = done.set_exception, error
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(tell, *outcome)

        self.working += 1
        self._started().put(here)
        try:
            found = await done
        except asyncio.CancelledError:
            looks.cancel()
            raise
        finally:
            self.working -= 1
        if looks.task is not None:
            await looks.task
        return found

    def _started(self) -> _Todo:
        if self._todo is None:
            self._todo = SimpleQueue()
            self._end = weakref.finalize(self, self._todo.put, None)
            self._end.atexit = False
            threading.Thread(target=_serve, args=(self._todo,), name="beside loop", daemon=True).start()
        return self._todo


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off the collection of garbage, which would be taken for slow work, and cut in what it calls."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _serve(todo: _Todo) -> None:
    """Do what comes, without knowing whose it is: what nobody has any more can go, and says so with None."""
    while (work := todo.get()) is not None:
        work()
        del work
