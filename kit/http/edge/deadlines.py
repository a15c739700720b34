"""Ends waits that last too long, with one timer for all of them, since a timer each would cost too much."""

import asyncio
from collections.abc import Awaitable


class Expired(Exception):  # noqa: N818 - it says what happened
    """What was waited for did not come in time."""


class _Wait:
    __slots__ = ("deadline", "expired", "task")

    def __init__(self, task: asyncio.Task[object], deadline: float) -> None:
        self.task = task
        self.deadline = deadline
        self.expired = False


class Deadlines:
    """Watches over waits; they end at most one `tick` after their deadline.

    Args:
        tick: seconds between two looks at what is waiting.
    """

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._waits: set[_Wait] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def until[T](self, deadline: float, wanted: Awaitable[T]) -> T:
        """Return what is waited for.

        Args:
            deadline: moment by the clock of the running event loop.
            wanted: it is cancelled when time is up.

        Raises:
            Expired: when it did not come in time.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        wait = _Wait(task, deadline)
        if not self._waits:
            self._watch()
        self._waits.add(wait)
        try:
            return await wanted
        except asyncio.CancelledError:
            if wait.expired and task.uncancel() == 0:
                raise Expired from None
            raise
        finally:
            self._waits.discard(wait)

    def _watch(self) -> None:
        """Start looking, unless the timer of an earlier wait in this event loop still runs."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(self._tick, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        now = loop.time()
        for wait in self._waits:
            if wait.deadline <= now and not wait.expired:
                wait.expired = True
                wait.task.cancel()
        if self._waits:
            loop.call_later(self._tick, self._look, loop)
        else:
            self._loop = None
