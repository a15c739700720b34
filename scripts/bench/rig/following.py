"""Lets the real engine follow a log to its end, and says how long that took."""

import asyncio
import time

from events.codec import CODEC
from kit.postgres.connect import PROJECTOR, connect
from kit.running.ending import end
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import make
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine


async def follow_to_end(dsn: str) -> tuple[int, float]:
    """Follow with every read model from the beginning; return (events, seconds)."""
    connection = await connect(dsn, "bench follow", PROJECTOR)
    try:
        for one in PROJECTIONS:
            await make(connection, one, fingerprint(one), generation=1, state="current", indexed=True)
        head = await connection.fetchval("select log.head()")
        began = time.perf_counter()
        running = asyncio.create_task(Engine(dsn, CODEC, PROJECTIONS, "bench").run())
        while await connection.fetchval("select min(position) from project.cursor") < head:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # each look takes time from the thread that is measured
        took = time.perf_counter() - began
        await end(running)
    finally:
        await connection.close()
    return head, took
