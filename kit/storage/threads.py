"""Threads for files alone: a disk that hangs holds up those who ask for a file, and nobody else."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

from kit.storage.objects import ASK_SECONDS, StorageAway

MOST = 8
"""Threads of one storage. Where all of them hang, who comes next hears so in as many seconds."""

IDLE_SECONDS = 10.0
"""Seconds without work after which a thread ends."""


class _Job(NamedTuple):
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    work: Callable[[], Any]
    dropped: Callable[[Any], None] | None


class FileThreads:
    """Does what may hang in a few threads, which the process does not wait for when it ends."""

    def __init__(self) -> None:
        self._jobs = SimpleQueue[_Job]()
        self._lock = Lock()
        self._threads = self._idle = self._queued = 0
        self.held = 0
        """Bytes that wait in memory until they are worth a thread's turn, of all files."""

    async def done[T](
        self,
        work: Callable[[], T],
        *,
        seconds: float = ASK_SECONDS,
        dropped: Callable[[T], None] | None = None,
    ) -> T:
        """Return what some work in a thread returns.

        Args:
            work: asks the file system.
            seconds: that are waited for it, its turn included. What has begun goes on then.
            dropped: is given what comes when nobody waits for it any more.

        Raises:
            StorageAway: it takes longer, or the system refuses it; no path is told.
        """
        future = self.begun(work, dropped)
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise StorageAway("the file system does not answer") from None
        except OSError as error:
            raise StorageAway(error.strerror or "") from error

    def begun[T](
        self, work: Callable[[], T], dropped: Callable[[T], None] | None = None
    ) -> asyncio.Future[T]:
        """Have some work done as soon as there is a thread for it, unless the future is cancelled before."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            self._queued += 1
            more = self._queued > self._idle and self._threads < MOST
            self._threads += more
        self._jobs.put(_Job(loop, future, work, dropped))
        if more:
            Thread(target=self._serve, name="files", daemon=True).start()
        return future

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            if not job.future.cancelled():
                _do(job)

    def _next(self) -> _Job | None:
        """Return the next job; None: there was none for long, and this thread ends."""
        with self._lock:
            self._idle += 1
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if not self._queued:
                        self._idle -= 1
                        self._threads -= 1
                        return None
            else:
                with self._lock:
                    self._idle -= 1
                    self._queued -= 1
                return job


def _do(job: _Job) -> None:
    found, error = None, None
    try:
        found = job.work()
    except BaseException as raised:  # noqa: BLE001 - who waits is told
        error = raised
    with suppress(RuntimeError):  # the loop has ended
        job.loop.call_soon_threadsafe(_tell, job, found, error)


def _tell(job: _Job, found: Any, error: BaseException | None) -> None:
    if job.future.done():
        if error is None and job.dropped is not None:
            job.dropped(found)
    elif error is None:
        job.future.set_result(found)
    else:
        job.future.set_exception(error)
