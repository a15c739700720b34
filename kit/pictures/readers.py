"""Has pictures read, each by a process of its own, forked from one that is kept ready for a while."""

import asyncio
import os
import select
import signal
import time
from contextlib import suppress
from io import FileIO
from typing import BinaryIO, Self

from kit.pictures.asking import PictureRequest
from kit.pictures.forking_process import END_SECONDS, ForkingProcess
from kit.pictures.refusing import PictureRefused

MODULE = "kit.pictures.forking"

IDLE_SECONDS = 180.0
"""Seconds without a picture after which nothing is kept ready any more."""

TRIES = 2
"""For a picture whose process was lost, since what forks them was ended."""

_TOLD = 64 * 1024
"""Bytes that are heard of a process; one that says more has to wait with it, until it is ended."""

_LIMITS = frozenset({signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ, signal.SIGALRM})
"""By these a process is ended that takes too much."""


class ReadersAway(OSError):  # noqa: N818 - a state
    """No process could be had for a picture, or what forks them was ended. Later it may be otherwise."""


class PictureReaders:
    """Has pictures read, for one process. It starts what it needs with the first one.

    What is started ends by itself when this process does, however that ends.

    Args:
        module: run as `python -m`; it calls `forking.serve`.
        idle: seconds without a picture after which nothing is kept ready any more.
    """

    def __init__(self, module: str = MODULE, *, idle: float = IDLE_SECONDS) -> None:
        self._module, self._idle = module, idle
        self._starting = asyncio.Lock()
        self._ready: ForkingProcess | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave()
        await asyncio.gather(*self._ending)

    @property
    def pid(self) -> int | None:
        """Of the process that is kept ready, while there is one."""
        return None if self._ready is None else self._ready.process.pid

    async def told(self, request: PictureRequest, source: BinaryIO, target: BinaryIO) -> bytes:
        """Return what the process says that reads a picture, at most as much as a pipe holds.

        Args:
            request: what is done with it.
            source: it, a file at its beginning with a descriptor.
            target: an empty file with a descriptor.

        Raises:
            PictureRefused: the process was ended by a limit of its own.
            Busy: it did not come to its end in the time that it may take, of which it had no core most.
            ReadersAway: there was none, or it was lost.
        """
        for _ in range(TRIES):
            heard, writing = os.pipe()  # nobody empties it: what does not fit in is held by nobody
            try:
                with os.fdopen(writing, "wb", 0) as said:  # closed here however it is not sent
                    code = await self._code(request, source, target, said)
                if code is None:
                    self._leave()
                    await asyncio.to_thread(_gone_from, heard)
                    _rewind(source, target)
                    continue
                if -code in _LIMITS:
                    raise PictureRefused("takes-too-much")
                if code < 0:
                    self._leave()  # it tells of a hole, and the next one shall not be found at the same place
                return _at_once(heard)
            finally:
                os.close(heard)
        raise ReadersAway("no process can be had to read a picture")

    async def _code(
        self, request: PictureRequest, source: BinaryIO, target: BinaryIO, said: FileIO
    ) -> int | None:
        """Return how a process ended that read a picture; None: it was lost."""
        forking = await self._started()
        forking.busy += 1
        try:
            return await forking.code(request, source, target, said)
        except OSError:
            return None
        finally:
            forking.busy -= 1
            self._rest(forking)

    async def _started(self) -> ForkingProcess:
        async with self._starting:
            if self._timer is not None:
                self._timer.cancel()
            if self._ready is not None and self._ready.process.poll() is not None:
                self._leave()
            if self._ready is None:
                starting = asyncio.ensure_future(asyncio.to_thread(ForkingProcess, self._module))
                try:
                    self._ready = await asyncio.shield(starting)
                except asyncio.CancelledError:
                    self._end(await starting)  # nobody else knows of it
                    raise
            return self._ready

    def _rest(self, forking: ForkingProcess) -> None:
        """Let what has nothing to do go on for a while, or end where it is not kept ready any more."""
        if forking.busy:
            return
        if forking is self._ready:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._leave)
        else:
            self._end(forking)

    def _leave(self) -> None:
        """Keep nothing ready; the next picture begins with another process."""
        if self._timer is not None:
            self._timer.cancel()
        forking, self._ready = self._ready, None
        if forking is not None and not forking.busy:
            self._end(forking)

    def _end(self, forking: ForkingProcess) -> None:
        task = asyncio.get_running_loop().create_task(forking.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _at_once(heard: int) -> bytes:
    """Return what there is to hear at this moment."""
    os.set_blocking(heard, False)
    with suppress(BlockingIOError):
        return os.read(heard, _TOLD)
    return b""


def _gone_from(heard: int) -> None:
    """Return when no process can say anything any more; raises ReadersAway when one goes on."""
    end = time.monotonic() + END_SECONDS
    while select.select([heard], [], [], max(0.0, end - time.monotonic()))[0]:
        if not os.read(heard, _TOLD):
            return
    raise ReadersAway("a process that was lost goes on")


def _rewind(source: BinaryIO, target: BinaryIO) -> None:
    """Have files as they were before a process had them."""
    source.seek(0)
    target.seek(0)
    target.truncate()
