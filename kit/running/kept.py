"""Keeps a process of ours ready: started with the first work, and ended when there was none for long."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self


class KeptProcess[P]:
    """One process at a time, for whatever is to be done beside this one; many may use it at once.

    Args:
        start: starts one.
        runs: tells whether one has not ended.
        end: ends one, and returns when it is gone.
        idle: seconds without work after which it is ended.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[P]],
        runs: Callable[[P], bool],
        end: Callable[[P], Awaitable[object]],
        *,
        idle: float,
    ) -> None:
        self._start, self._runs, self._end_it, self._idle = start, runs, end, idle
        self._starting = asyncio.Lock()
        self._busy = Counter[P]()
        self._timer: asyncio.TimerHandle | None = None
        self._ending = set[asyncio.Future[object]]()
        self.current: P | None = None
        """The one that is ready."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()
        await asyncio.gather(*self._ending)

    @asynccontextmanager
    async def used(self) -> AsyncIterator[P]:
        """Use it meanwhile; one is started where there is none. Raises what `start` does."""
        process = await self._started()
        self._busy[process] += 1
        try:
            yield process
        finally:
            self._busy[process] -= 1
            self._rest(process)

    def leave(self) -> None:
        """Keep nothing ready: who comes next has another one, and this one ends when nobody uses it."""
        self._wait_no_longer()
        process, self.current = self.current, None
        if process is not None and not self._busy[process]:
            self._end(process)

    async def _started(self) -> P:
        async with self._starting:
            self._wait_no_longer()
            if self.current is not None and not self._runs(self.current):
                self.leave()
            if self.current is None:
                starting = asyncio.ensure_future(self._start())
                try:
                    self.current = await asyncio.shield(starting)
                except asyncio.CancelledError:
                    self._end(await starting)  # nobody else knows of it
                    raise
            return self.current

    def _rest(self, process: P) -> None:
        """Let what has nothing to do go on for a while, or end where it is not kept ready any more."""
        if self._busy[process]:
            return
        if process is self.current:
            self._wait_no_longer()
            self._timer = asyncio.get_running_loop().call_later(self._idle, self.leave)
        else:
            self._end(process)

    def _wait_no_longer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, process: P) -> None:
        del self._busy[process]
        ending = asyncio.ensure_future(self._end_it(process))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
