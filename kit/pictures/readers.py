"""Has pictures read, each by a process of its own, forked from one that is kept ready for a while."""

import asyncio
import os
import select
import signal
import time
from contextlib import suppress
from functools import partial
from io import FileIO
from typing import BinaryIO, Self

from kit.pictures.asking import PictureRequest
from kit.pictures.forking_process import END_SECONDS, ForkingProcess
from kit.pictures.refusing import PictureRefused
from kit.running.kept import KeptProcess

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
        self._kept = KeptProcess(
            partial(asyncio.to_thread, ForkingProcess, module),
            ForkingProcess.runs,
            ForkingProcess.end,
            idle=idle,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._kept.__aexit__(*exc)

    @property
    def pid(self) -> int | None:
        """Of the process that is kept ready, while there is one."""
        return None if self._kept.current is None else self._kept.current.process.pid

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
                    self._kept.leave()
                    await asyncio.to_thread(_gone_from, heard)
                    _rewind(source, target)
                    continue
                if -code in _LIMITS:
                    raise PictureRefused("takes-too-much")
                if code < 0:
                    self._kept.leave()  # it tells of a hole: the next one is found at another place
                return _at_once(heard)
            finally:
                os.close(heard)
        raise ReadersAway("no process can be had to read a picture")

    async def _code(
        self, request: PictureRequest, source: BinaryIO, target: BinaryIO, said: FileIO
    ) -> int | None:
        """Return how a process ended that read a picture; None: it was lost."""
        async with self._kept.used() as forking:
            try:
                return await forking.code(request, source, target, said)
            except OSError:
                return None


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
