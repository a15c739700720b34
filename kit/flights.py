"""Work that several want at the same time, done once for all of them."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Flights:
    """Lets one caller do the work that others wait for under the same key."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def share[T](self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `work` returns, or raise what it raises; while it runs, all callers share it.

        A caller that goes away does not take the work with it.
        """
        task: asyncio.Task[T] | None = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.get_running_loop().create_task(work())
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    def _landed(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains when every caller has gone
