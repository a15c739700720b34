"""Removes the files of pictures that are nobody's any more, or became nobody's because a process died."""

import asyncio
from contextlib import suppress

import structlog

from kit.errors import Problem
from kit.storage.objects import Storage, StorageAway
from write_side.accounts.avatars.unconfirmed import sweep_unconfirmed
from write_side.accounts.work import AccountWork

EVERY_SECONDS = 60.0
"""Seconds between two looks, unless one was taken away in this process."""

_LEFT = """
select key from auth.avatar
 where account is null and (removed_at is not null or made_at < now() - interval '15 minutes')
 order by made_at limit 1000"""

_GONE = "delete from auth.avatar where key = $1 and account is null"

_TAKEN = """
update auth.avatar set removed_at = coalesce(removed_at, clock_timestamp())
 where key = any($1) and account is null returning key"""
"""From now on nobody can be given one of them."""

log = structlog.get_logger("accounts")


async def sweep_avatars(work: AccountWork, storage: Storage) -> int:
    """Remove what is nobody's; return how many files that were.

    Raises:
        Problem: 503, the database is away.
        StorageAway: the storage is.
    """
    removed = 0
    while True:
        async with work.transaction() as connection:
            left = [row["key"] for row in await connection.fetch(_LEFT)]
            keys = [row["key"] for row in await connection.fetch(_TAKEN, left)]
        for key in keys:
            await storage.delete(key)
            async with work.transaction() as connection:
                await connection.execute(_GONE, key)
            removed += 1
        if not keys:
            return removed


async def keep_sweeping_avatars(work: AccountWork, storage: Storage) -> None:
    """Sweep now, when one was taken away or somebody erased, and each minute; what fails is done later."""
    while True:
        work.avatars_left.clear()
        try:
            await sweep_avatars(work, storage)
            await sweep_unconfirmed(work, storage)
        except Problem:
            pass
        except StorageAway as away:
            log.warning("avatars.not_removed", reason=str(away))
        with suppress(TimeoutError):
            await asyncio.wait_for(work.avatars_left.wait(), EVERY_SECONDS)
