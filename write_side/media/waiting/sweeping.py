"""Removes what was sent, whole or in parts, and not confirmed within a day; every process does so."""

import asyncio
from datetime import datetime

import structlog

from kit import clock
from kit.storage.objects import Storage, StorageAway
from write_side.media.keys import ANNOUNCED, WAITING, asked_at, upload_of
from write_side.media.waiting.parts import give_up, left_unfinished
from write_side.media.waiting.unconfirmed import WAITS

EVERY_SECONDS = 3_600.0

log = structlog.get_logger()


async def sweep(storage: Storage) -> int:
    """Remove what has waited for a day; return how much that was.

    Raises:
        StorageAway: it cannot be done now.
    """
    await storage.tidy(WAITING)
    ends = clock.now() - WAITS
    swept = await _files(storage, ends)
    async for one in left_unfinished(storage, ends):
        await storage.parts.drop(one.key, one.upload)
        swept += 1
    return swept


async def _files(storage: Storage, ends: datetime) -> int:
    swept, after = 0, ""
    while True:
        page = await storage.list(WAITING, after)
        for one in page.objects:
            upload = upload_of(one.key)
            if upload is not None and asked_at(upload) >= ends:
                continue
            if one.key.endswith(ANNOUNCED):
                await give_up(storage, one.key)
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
