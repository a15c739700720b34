"""Has pictures of strangers read and written again, each by a process of its own, a few at a time."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, BinaryIO, Literal, NamedTuple

import msgspec

from kit.checkout import ROOT
from kit.pictures.formats import HEAD, format_of
from kit.running.child import Busy

REASONS = {
    "not-a-picture": "It is no JPEG, PNG, WebP, AVIF or GIF.",
    "too-many-pixels": "It has more than 60 million pixels, or a side of more than 20,000.",
    "broken": "It cannot be read to its end.",
    "takes-too-much": "To read it takes too much memory or time.",
}
"""Why a picture is refused, and the same in words."""

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Pictures that are read at the same time: each may take a core, and memory, and commands need some, too."""

MOST_WAITING = 32
"""Pictures that may wait for that; more are sent away."""

SECONDS = 25.0
"""Seconds that one may take, however much of them it waits for a core."""

NICE = 15
"""Pictures wait for commands, not the other way round."""

_TOLD = 64 * 1024
"""Bytes that are heard of a process; one that says more has to wait with it, until it is ended."""

READER = (sys.executable, "-m", "kit.pictures.reading")

_Side = Annotated[int, msgspec.Meta(ge=1, le=20_000)]


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
        reader: the program that reads one: from standard input to standard output.
    """

    def __init__(self, seconds: float = SECONDS, reader: Sequence[str] = READER) -> None:
        self._seconds = seconds
        self._reader = reader
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def clean(self, source: BinaryIO, target: BinaryIO, *, square: int = 0) -> CleanPicture:
        """Write a picture again.

        Args:
            source: a file at its beginning, with a descriptor.
            target: an empty file, with a descriptor; what is in it after a refusal is nothing.
            square: pixels of a side that it has at the most, as a square; 0: it stays as it is.

        Raises:
            PictureRefused: it is not taken.
            Busy: too many wait.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            reader = (*self._reader, str(square)) if square else self._reader
            async with self._turns:
                told = await told_by(reader, source, target, self._seconds)
        finally:
            self._waiting -= 1
        picture = CleanPicture(*msgspec.structs.astuple(as_said(told, _Written)))
        target.seek(0)
        if (found := format_of(target.read(HEAD))) is None or found.type != picture.type:
            raise PictureRefused("broken")
        return picture


async def told_by(reader: Sequence[str], source: BinaryIO, target: BinaryIO, seconds: float) -> bytes:
    """Run a reader and return what it says; raises PictureRefused where it was ended by a limit."""
    heard, said = os.pipe()  # nobody empties it: what does not fit in is held by nobody
    try:
        try:
            process = await _started(reader, source, target, said)
        finally:
            os.close(said)
        with suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            async with asyncio.timeout(seconds):
                await asyncio.to_thread(process.wait)
        except TimeoutError:
            raise PictureRefused("takes-too-much") from None
        finally:
            await _ended(process)
        if -(process.returncode or 0) in {signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ}:
            raise PictureRefused("takes-too-much")
        os.set_blocking(heard, False)
        with suppress(BlockingIOError):
            return os.read(heard, _TOLD)
        return b""
    finally:
        os.close(heard)


async def _started(
    reader: Sequence[str], source: BinaryIO, target: BinaryIO, said: int
) -> subprocess.Popen[bytes]:
    """Start a reader by a thread: where commands run, copying a large process would hold them up."""

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            reader,
            stdin=source,
            stdout=target,
            stderr=said,
            env={"PYTHONPATH": str(ROOT)},
            start_new_session=True,  # Ctrl-C reaches us alone
        )

    starting = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _ended(await starting)  # nobody else knows of it
        raise


async def _ended(process: subprocess.Popen[bytes]) -> None:
    """End a process, unless it has ended; return when it is gone."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)


class _Refused(msgspec.Struct, forbid_unknown_fields=True):
    refused: str


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["image/jpeg", "image/png"]
    width: _Side
    height: _Side
    came_as: str
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")] | None


def as_said[T](told: bytes, type_: type[T]) -> T:
    """Return what a reader has found. It has read what a stranger sent, so that it may say anything.

    Args:
        told: what it wrote; the last line counts.
        type_: what it says where it does not refuse.

    Raises:
        PictureRefused: it refuses, or says something else.
    """
    line = told.rstrip().rpartition(b"\n")[2]
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(line, type=type_)
    reason = ""
    with suppress(msgspec.DecodeError):
        reason = msgspec.json.decode(line, type=_Refused).refused
    raise PictureRefused(reason if reason in REASONS else "broken")
