"""What a serving process does with files of media besides answering: it opens their storage, and sweeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.pictures.cleaning import Cleaner
from kit.running.ending import end
from kit.storage.objects import Storage
from write_side.media.files import MediaFiles
from write_side.media.waiting.sweeping import keep_sweeping


@asynccontextmanager
async def media_files(storage: Storage) -> AsyncIterator[MediaFiles]:
    """Open a storage for media, and close it again. It need not answer yet, or ever."""
    async with storage, Cleaner() as cleaner:
        sweeping = asyncio.create_task(keep_sweeping(storage), name="sweep files that nobody confirmed")
        files = MediaFiles(storage, cleaner)
        try:
            yield files
        finally:
            await end(sweeping)
            await files.end()
