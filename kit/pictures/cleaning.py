"""Has pictures of strangers read and written again, each by a process of its own, a few at a time."""

import asyncio
import json
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from kit.checkout import ROOT
from kit.running.child import Busy

REASONS = {
    "not-a-picture": "It is no JPEG, PNG, WebP, AVIF or GIF.",
    "too-many-pixels": "It has more than 60 million pixels, or a side of more than 20,000.",
    "broken": "It cannot be read to its end.",
    "takes-too-much": "To read it takes too much memory or time.",
}
"""Why a picture is refused, and the same in words."""

AT_ONCE = 2
"""Pictures that are read at the same time: each may take a core, and memory."""

MOST_WAITING = 32
"""Pictures that may wait for that; more are sent away."""

SECONDS = 25.0
"""Seconds that one may take, however much of them it waits for a core."""

_TOLD = 4096
"""Bytes at the end of what a process says."""


class PictureRefused(Exception):  # noqa: N818 - a verdict
    """A file is no picture that is kept; the reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


class CleanPicture(NamedTuple):
    """What was written."""

    type: str
    width: int
    height: int
    came_as: str
    """Media type of what was read."""
    colour: str | None = None
    """The average of its pixels in sRGB, such as #4a6b8c; None: all of it is transparent."""


class Cleaner:
    """Reads pictures, for one process.

    Args:
        seconds: that one may take.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def clean(self, source: BinaryIO, target: BinaryIO) -> CleanPicture:
        """Write a picture again.

        Args:
            source: a file at its beginning, with a descriptor.
            target: an empty file, with a descriptor; what is in it after a refusal is nothing.

        Raises:
            PictureRefused: it is not taken.
            Busy: too many wait.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turns:
                return await _read(source, target, self._seconds)
        finally:
            self._waiting -= 1


async def _read(source: BinaryIO, target: BinaryIO, seconds: float) -> CleanPicture:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kit.pictures.reading",
        stdin=source,
        stdout=target,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,  # Ctrl-C reaches us alone
    )
    try:
        async with asyncio.timeout(seconds):
            _, told = await process.communicate()
    except TimeoutError:
        raise PictureRefused("takes-too-much") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _said(process.returncode or 0, told)


def _said(code: int, told: bytes) -> CleanPicture:
    """Return what a process has found; one that was ended by a signal says nothing."""
    if -code in {signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ}:
        raise PictureRefused("takes-too-much")
    try:
        said = json.loads(told[-_TOLD:].rstrip().rpartition(b"\n")[2])
    except ValueError:
        raise PictureRefused("broken") from None
    if not isinstance(said, dict) or "refused" in said:
        reason = said.get("refused") if isinstance(said, dict) else None
        raise PictureRefused(reason if reason in REASONS else "broken")
    return CleanPicture(**said)
