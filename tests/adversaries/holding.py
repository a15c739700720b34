"""Holds others up at a chosen point, by locks that they will want."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

HELD_UP = """
select count(*) > 0 from pg_stat_activity
 where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'"""


@asynccontextmanager
async def holding(dsn: str, lock: str) -> AsyncIterator[None]:
    """Hold what a statement locks."""
    holder = await asyncpg.connect(dsn)
    try:
        async with holder.transaction():
            await holder.execute(lock)
            yield
    finally:
        await holder.close()


async def until_held_up(dsn: str, name: str, seconds: float = 30) -> None:
    """Wait until a connection of this application name waits for a lock."""
    looker = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(seconds):
            while not await looker.fetchval(HELD_UP, name):  # noqa: ASYNC110 - another process will
                await asyncio.sleep(0.005)
    finally:
        await looker.close()
