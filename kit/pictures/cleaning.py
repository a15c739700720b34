"""Has pictures of strangers read and written again, each by a process of its own, a few at a time."""

import os
from collections.abc import Hashable
from time import monotonic
from typing import Annotated, BinaryIO, Literal, NamedTuple, Self

import msgspec

from kit.pictures.asking import PictureRequest
from kit.pictures.formats import HEAD, format_of
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused, as_said
from kit.pictures.turns import PictureTurns

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Pictures that are read at the same time: each may take a core, and memory, and commands need some, too."""

MOST_PLACES = 32
"""Pictures that may be on their way to that, or wait for it; more are sent away."""

MOST_OF_ONE = 16
"""Of these, pictures of the same account."""

TURN_SECONDS = 12.0
"""Seconds that one waits for the others, at the most: longer than most pictures of others take."""

SECONDS = 24.0
"""Seconds until it has to be read, those included, and however many of them it waits for a core.

Who sent it waits as long, and a connection on which nothing moves for half a minute is cut.
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
    """Reads pictures, for one process; who has one read has a place in its `turns` before he gets the file.

    Args:
        seconds: until one has to be read.
        turn: of these, that it waits for the others.
        readers: has them read.
    """

    def __init__(
        self, seconds: float = SECONDS, turn: float = TURN_SECONDS, readers: PictureReaders | None = None
    ) -> None:
        self._seconds, self._turn = seconds, turn
        self._readers = readers or PictureReaders()
        self.turns = PictureTurns(AT_ONCE, MOST_PLACES, MOST_OF_ONE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._readers.__aexit__(*exc)

    async def clean(
        self, whose: Hashable, source: BinaryIO, target: BinaryIO, *, square: int = 0
    ) -> CleanPicture:
        """Write a picture again.

        Args:
            whose: he who has a place for it.
            source: a file at its beginning, with a descriptor.
            target: an empty file, with a descriptor; what is in it after a refusal is nothing.
            square: pixels of a side that it has at the most, as a square; 0: it stays as it is.

        Raises:
            PictureRefused: it is not taken.
            Busy: too many wait, or the machine has no time for it.
            ReadersAway: none can be read now.
        """
        began = monotonic()
        async with self.turns.turn(whose, self._turn):
            request = PictureRequest("clean", square, self._seconds - (monotonic() - began))
            told = await self._readers.told(request, source, target)
        picture = CleanPicture(*msgspec.structs.astuple(as_said(told, _Written)))
        target.seek(0)
        if (found := format_of(target.read(HEAD))) is None or found.type != picture.type:
            raise PictureRefused("broken")
        return picture


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["image/jpeg", "image/png"]
    width: _Side
    height: _Side
    came_as: str
    colour: Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")] | None
