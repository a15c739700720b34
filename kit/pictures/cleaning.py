"""Has pictures of strangers read and written again, each by a process of its own, a few at a time."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, BinaryIO, Literal, NamedTuple, Self

import msgspec

from kit.pictures.asking import PictureRequest
from kit.pictures.formats import HEAD, format_of
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused, as_said
from kit.running.child import Busy

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Pictures that are read at the same time: each may take a core, and memory, and commands need some, too."""

MOST_WAITING = 32
"""Pictures that may wait for that; more are sent away."""

TURN_SECONDS = 6.0
"""Seconds that one waits for the others, at the most."""

SECONDS = 18.0
"""Seconds until it has to be read, however much of them it waits for a core.

Who sent it waits for both, and a connection on which nothing moves for half a minute is cut.
"""

_Side = Annotated[int, msgspec.Meta(ge=1, le=20_000)]


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
        seconds: until one has to be read.
        turn: seconds that it waits for the others.
        readers: has them read.
    """

    def __init__(
        self, seconds: float = SECONDS, turn: float = TURN_SECONDS, readers: PictureReaders | None = None
    ) -> None:
        self._seconds, self._turn = seconds, turn
        self._readers = readers or PictureReaders()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._readers.__aexit__(*exc)

    async def clean(self, source: BinaryIO, target: BinaryIO, *, square: int = 0) -> CleanPicture:
        """Write a picture again.

        Args:
            source: a file at its beginning, with a descriptor.
            target: an empty file, with a descriptor; what is in it after a refusal is nothing.
            square: pixels of a side that it has at the most, as a square; 0: it stays as it is.

        Raises:
            PictureRefused: it is not taken.
            Busy: too many wait, or the machine has no time for it.
            ReadersAway: none can be read now.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._a_turn():
                request = PictureRequest("clean", square, self._seconds)
                told = await self._readers.told(request, source, target)
        finally:
            self._waiting -= 1
        picture = CleanPicture(*msgspec.structs.astuple(as_said(told, _Written)))
        target.seek(0)
        if (found := format_of(target.read(HEAD))) is None or found.type != picture.type:
            raise PictureRefused("broken")
        return picture

    @asynccontextmanager
    async def _a_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._turn):
                await self._turns.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self._turns.release()


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["image/jpeg", "image/png"]
    width: _Side
    height: _Side
    came_as: str
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")] | None
