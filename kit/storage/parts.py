"""Uploads in parts: a large file whose connection breaks is gone on with, not sent again from the start."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple, Protocol

PART = 8 * 1024 * 1024
"""Bytes of each part but the last one. A client sends a file that is larger than this in such parts."""


class FilePart(NamedTuple):
    """A part of a file."""

    number: int
    """From 1."""
    first: int
    """Its first byte in the file, from 0."""
    size: int
    """Bytes, exactly."""


class UnfinishedUpload(NamedTuple):
    """An upload in parts that is neither joined nor dropped."""

    key: str
    upload: str
    begun: float
    """Second since 1970 at which it was."""


class PartsMissing(LookupError):  # noqa: N818 - a verdict
    """Not all parts have arrived whole; the upload stays.

    Attributes:
        numbers: of those that are missing.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, numbers)))
        self.numbers = numbers


class PartStorage(Protocol):
    """Takes objects in parts, in any order and at once. Each method raises StorageAway within seconds."""

    async def begin(self, key: str, *, media_type: str) -> str:
        """Begin an upload in parts and return its name; nothing is under the key yet."""

    async def address(self, key: str, upload: str, part: FilePart) -> str:
        """Return where somebody can send exactly this part by a PUT within 15 minutes. It asks nobody."""

    async def arrived(self, key: str, upload: str) -> Mapping[int, int]:
        """Return the parts that are there: from their numbers to their bytes.

        Raises:
            ObjectMissing: there is no such upload: it was joined or dropped.
        """

    async def join(self, key: str, upload: str, parts: Sequence[FilePart]) -> None:
        """Make the object of its parts, in place of one under the same key; the upload is gone then.

        Raises:
            PartsMissing: some are not there, or have another length.
            ObjectMissing: there is no such upload: it was joined or dropped.
        """

    async def drop(self, key: str, upload: str) -> None:
        """Remove an upload and its parts; nothing happens where there is none."""

    def unfinished(self, prefix: str = "") -> AsyncIterator[UnfinishedUpload]:
        """Yield the uploads of keys that begin so, in no order, but none of names that are no keys."""


def parts_of(size: int) -> Sequence[FilePart]:
    """Return the parts of a file of so many bytes: all of one length, and the last one of what is left."""
    firsts = range(0, size, PART)
    return [FilePart(number, first, min(PART, size - first)) for number, first in enumerate(firsts, 1)]


def missing(parts: Sequence[FilePart], arrived: Mapping[int, int]) -> Sequence[FilePart]:
    """Return the parts that are not there, or not with their length."""
    return [one for one in parts if arrived.get(one.number) != one.size]
