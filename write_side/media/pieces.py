"""Files of media in files of ours: taken from a storage, measured, and given out again, piece by piece."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import BinaryIO, NamedTuple

from kit.storage.objects import PIECE, Storage


class TooLong(Exception):  # noqa: N818 - a verdict
    """A file is longer than it may be."""


class FileThatCame(NamedTuple):
    """What is known of a file that was taken from a storage."""

    type: str
    sha256: str


async def taken_from(storage: Storage, key: str, into: BinaryIO, most: int) -> FileThatCame:
    """Write an object into a file of ours, and go to its beginning.

    Args:
        storage: has it.
        key: of the object.
        into: empty.
        most: bytes that it may have.

    Raises:
        ObjectMissing: there is none.
        TooLong: it has more.
        StorageAway: it cannot be read now.
    """
    hasher, size = hashlib.sha256(), 0
    async with storage.open(key) as opened:
        async for piece in opened.pieces:
            size += len(piece)
            if size > most:
                raise TooLong
            await asyncio.to_thread(_taken, into, piece, hasher)
    await asyncio.to_thread(into.flush)
    into.seek(0)
    return FileThatCame(opened.object.type, hasher.hexdigest())


def measured(file: BinaryIO) -> tuple[int, str]:
    """Return the length of a file in bytes, and its SHA-256 in hex."""
    hasher = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        hasher.update(piece)
    return file.tell(), hasher.hexdigest()


async def pieces_of(file: BinaryIO) -> AsyncIterator[bytes]:
    """Yield the bytes of a file from its beginning."""
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


def _taken(file: BinaryIO, piece: bytes, hasher: "hashlib._Hash") -> None:
    hasher.update(piece)
    file.write(piece)
