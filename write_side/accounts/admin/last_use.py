"""When tokens of programs were last used, noted once a minute, where no request waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from kit.postgres.connect import AWAY, Pool
from kit.running.ending import end
from write_side.accounts.admin.bot_tokens import note_use

NOTE_SECONDS = 60.0

WAIT_SECONDS = 1.0
"""Longest time that a connection is waited for."""


@asynccontextmanager
async def noting_use(pool: Pool, used: set[UUID], seconds: float = NOTE_SECONDS) -> AsyncIterator[None]:
    """Note what was used, again and again, and at the end.

    Args:
        pool: connections that may change accounts.
        used: where ids of tokens are put as they are used; they are taken from there.
        seconds: between two times.
    """

    async def take() -> None:
        taken = set(used)
        if not taken:
            return
        with suppress(*AWAY):
            async with pool.acquire(timeout=WAIT_SECONDS) as connection:
                await note_use(connection, taken)
            used.difference_update(taken)

    async def keep_taking() -> None:
        while True:
            await asyncio.sleep(seconds)
            await take()

    noting = asyncio.create_task(keep_taking(), name="note the use of tokens")
    try:
        yield
    finally:
        await end(noting)
        await take()
