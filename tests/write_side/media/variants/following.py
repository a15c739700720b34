"""A follower of pictures for tests, in this process or as one that ends at a chosen step."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from events.codec import CODEC
from kit.health.tasks import Throughput
from kit.log.cursor import LeaderCursor
from kit.pictures.readers import PictureReaders
from kit.storage.files import FileStorage
from kit.storage.objects import StoredObject
from write_side.media.variants.follower import READER, VariantsFollower


@asynccontextmanager
async def following(dsn: str, storage: FileStorage, window: int = 5_000) -> AsyncIterator[VariantsFollower]:
    """Lead, and yield a follower that goes on from its cursor."""
    async with (
        storage,
        PictureReaders() as readers,
        LeaderCursor(dsn, READER, str(os.getpid())) as cursor,
    ):
        while not await cursor.lead():  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.1)
        follower = VariantsFollower(cursor, CODEC, storage, readers, Throughput(), window)
        await follower.begin()
        yield follower


async def caught_up(dsn: str, storage: FileStorage, window: int = 5_000) -> None:
    """Follow to the end of the log."""
    async with following(dsn, storage, window) as follower:
        while await follower.step():
            pass


class Deadly(FileStorage):
    """A storage that kills this process before it has done so many steps, or behind the last one."""

    def __init__(self, folder: Path, steps: int, *, after: bool) -> None:
        super().__init__(folder)
        self._left = steps
        self._after = after

    async def put(
        self, key: str, pieces: AsyncIterable[bytes], *, media_type: str, sha256: str = ""
    ) -> StoredObject:
        self._left -= 1
        if self._left == 0 and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = await super().put(key, pieces, media_type=media_type, sha256=sha256)
        print(key, flush=True)  # noqa: T201 - the test counts what was written
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    async def delete(self, key: str) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        await super().delete(key)


if __name__ == "__main__":
    asyncio.run(
        caught_up(sys.argv[1], Deadly(Path(sys.argv[2]), int(sys.argv[3]), after=sys.argv[4] == "after"))
    )
