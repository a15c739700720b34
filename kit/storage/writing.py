"""Writes a file beside its place while its pieces come: at its place is nothing before it is whole."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from kit.storage.folders import made
from kit.storage.threads import FileThreads

HELD = 1024 * 1024
"""Bytes of a file that are held before they are written."""

MOST_HELD = 32 * 1024 * 1024
"""Bytes that are held of all files of a storage; beyond that each piece is written as it comes, so that
nobody takes the memory by sending slowly on many connections."""

LEAVING_SECONDS = 0.3
"""Seconds that are waited until a file that was given up is removed."""


@asynccontextmanager
async def beside(threads: FileThreads, folder: Path) -> AsyncIterator[IO[bytes]]:
    """Open a file in a folder, and remove it at the end unless it was moved away.

    Args:
        threads: do it.
        folder: is made when it is needed.

    Raises:
        StorageAway: it cannot be opened now.
    """
    file = await threads.done(partial(_begun, folder), dropped=_given_up)
    try:
        yield file
    finally:
        # A disk that hangs does it later: who waits for it has waited long enough.
        await asyncio.wait([threads.begun(partial(_given_up, file))], timeout=LEAVING_SECONDS)


async def written(
    threads: FileThreads,
    file: IO[bytes],
    pieces: AsyncIterable[bytes],
    hasher: "hashlib._Hash | None" = None,
) -> int:
    """Write pieces into a file as they come, a megabyte at a time, and return how many bytes that were.

    Args:
        threads: do it.
        file: where to.
        pieces: come.
        hasher: is told of them, in the threads.

    Raises:
        StorageAway: they cannot be written now.
    """
    held, length, size = list[bytes](), 0, 0
    try:
        async for piece in pieces:
            size += len(piece)
            held.append(piece)
            length += len(piece)
            threads.held += len(piece)
            if length >= HELD or threads.held > MOST_HELD:
                await threads.done(partial(_write, file, held, hasher))
                threads.held -= length
                held, length = [], 0
        await threads.done(partial(_write, file, held, hasher))
    finally:
        threads.held -= length
    return size


def _begun(folder: Path) -> IO[bytes]:
    made(folder)
    return tempfile.NamedTemporaryFile(dir=folder, delete=False)


def _write(file: IO[bytes], pieces: Sequence[bytes], hasher: "hashlib._Hash | None") -> None:
    for piece in pieces:
        if hasher is not None:
            hasher.update(piece)
        file.write(piece)


def _given_up(file: IO[bytes]) -> None:
    """Remove a file that was written, unless it has been moved to its place."""
    with suppress(OSError):  # on a full disk, what was not written yet cannot be written now either
        file.close()
    Path(file.name).unlink(missing_ok=True)
