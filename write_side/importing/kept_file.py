"""A file that was sent, for as long as its import runs; what a killed process has left is removed later."""

import asyncio
import fcntl
import tempfile
from collections.abc import AsyncIterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from kit import clock

PREFIX = "frankenjet-import-"

AT_ONCE = 1024 * 1024
"""Bytes that are held before they are written."""

YOUNG = 60.0
"""Seconds in which a file may not be locked yet by the process that makes it."""


class KeptFile:
    """A file of this process's own. Its lock ends with the process, so others know when nobody needs it."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.NamedTemporaryFile(prefix=PREFIX, delete=False)  # noqa: SIM115
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self.path = Path(self._file.name)

    @classmethod
    async def of(cls, pieces: AsyncIterable[bytes]) -> Self:
        """Write a file as it comes."""
        kept = cls()
        try:
            held = bytearray()
            async for piece in pieces:
                held += piece
                if len(held) >= AT_ONCE:
                    await asyncio.to_thread(kept._file.write, bytes(held))
                    held.clear()
            await asyncio.to_thread(kept._file.write, bytes(held))
            await asyncio.to_thread(kept._file.flush)
        except BaseException:
            kept.remove()
            raise
        return kept

    def remove(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
        self._file.close()


def remove_left_files(folder: Path | None = None) -> None:
    """Remove the files of processes that were killed on the way; those of other users stay.

    Args:
        folder: where they are; None: where temporary files are.
    """
    for path in (folder or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if clock.now().timestamp() - path.stat().st_mtime > YOUNG:
                path.unlink()
