"""A process that has one picture read, for tests that kill it."""

import asyncio
import sys
from pathlib import Path

from kit.pictures.asking import PictureRequest
from kit.pictures.readers import PictureReaders


async def ask(target: Path) -> None:
    """Have a reader hang that writes its pid into a file."""
    async with PictureReaders("tests.kit.pictures.taken_over") as readers:
        with target.with_name("source").open("w+b") as source, target.open("w+b") as file:
            asking = asyncio.create_task(readers.told(PictureRequest("hang", None, 600.0), source, file))
            while not target.read_bytes().endswith(b" "):  # noqa: ASYNC110, ASYNC240 - another process does it
                await asyncio.sleep(0.02)
            print(readers.pid, flush=True)  # noqa: T201 - the test reads it
            await asking


if __name__ == "__main__":
    asyncio.run(ask(Path(sys.argv[1])))
