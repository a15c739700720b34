"""Removes files that were sent and not confirmed within a day; every process does so."""

import asyncio
from datetime import timedelta

import structlog

from kit import clock
from kit.storage.objects import Storage, StorageAway
from write_side.media.keys import WAITING, asked_at

WAITS = timedelta(days=1)
EVERY_SECONDS = 3_600.0

log = structlog.get_logger()


async def sweep(storage: Storage) -> int:
    """Remove what has waited for a day, oldest first; return how much that was.

    Raises:
        StorageAway: it cannot be done now.
    """
    swept, after, ends = 0, "", clock.now() - WAITS
    while True:
        page = await storage.list(WAITING, after)
        for one in page.objects:
            asked = asked_at(one.key)
            if asked is not None and asked >= ends:
                return swept  # the rest is younger
            await storage.delete(one.key)
            swept += 1
        if page.after is None:
            return swept
        after = page.after


async def keep_sweeping(storage: Storage) -> None:
    """Sweep once an hour."""
    while True:
        try:
            swept = await sweep(storage)
        except StorageAway as away:
            log.warning("media.not_swept", reason=str(away))
        else:
            if swept:
                log.info("media.swept", files=swept)
        await asyncio.sleep(EVERY_SECONDS)
