"""Assembles the write side of a process: the log's writers, the bus, the routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from events.codec import Codec
from kit.db import WRITER, pool
from kit.errors import Problem
from write_side.bus import Bus
from write_side.log.appender import Appender
from write_side.log.streams import Streams
from write_side.log.wake import Wake

KEYS_KEPT_HOURS = 48
"""How long the answer under an Idempotency-Key can be had again."""


@asynccontextmanager
async def bus(dsn: str, codec: Codec, *, readers: int = 4) -> AsyncIterator[Bus]:
    """Open the write side on one log and close it again.

    Args:
        dsn: address of the database, direct or of session connections.
        codec: the events that may be written and read.
        readers: connections for loading streams.
    """
    async with (
        await pool(dsn, "frankenjet streams", WRITER, size=readers) as connections,
        Wake(dsn) as wake,
        Appender(dsn, wake.appended) as appender,
    ):
        streams = Streams(connections, codec)
        forgetting = asyncio.create_task(_forget(streams), name="forget old keys")
        running = Bus(appender, streams, codec)
        try:
            yield running
        finally:
            forgetting.cancel()
            await asyncio.gather(forgetting, return_exceptions=True)
            await running.aclose()


async def _forget(streams: Streams) -> None:
    while True:
        with suppress(Problem):
            await streams.forget_receipts(KEYS_KEPT_HOURS)
        await asyncio.sleep(3600)
