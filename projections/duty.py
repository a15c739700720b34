"""Keeps one reader of the log at work: leads, runs, renews its lease, and begins again after trouble."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kit.db import AWAY
from projections.cursor import LeasedCursor
from projections.lease import SECONDS, Fenced

log = structlog.get_logger()

AGAIN = 1.0
"""Seconds before a standby asks for the lease again, and before a reader is started anew."""

HALTED = 5.0
"""Further seconds after what no repetition mends by itself, such as a gap in the log."""


async def on_duty(dsn: str, name: str, holder: str, work: Callable[[LeasedCursor], Awaitable[None]]) -> None:
    """Run a reader while this copy holds its lease, for ever.

    Args:
        dsn: address of the database.
        name: the reader, as its cursor is called.
        holder: this process.
        work: runs for ever with the cursor; ends by raising.
    """
    while True:
        try:
            async with LeasedCursor(dsn, name, holder) as cursor:
                while not await cursor.lead():  # noqa: ASYNC110 - the lease is in the database
                    await asyncio.sleep(AGAIN)
                log.info("reader.leads", reader=name)
                await _while_leading(cursor, work)
        except Fenced:
            log.warning("reader.fenced", reader=name)
        except AWAY as error:
            log.warning("reader.restarts", reader=name, error=f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - the others go on; this one says each time what stops it
            log.error("reader.halted", reader=name, error=f"{type(error).__name__}: {error}")  # noqa: TRY400
            await asyncio.sleep(HALTED)
        await asyncio.sleep(AGAIN)


async def _while_leading(cursor: LeasedCursor, work: Callable[[LeasedCursor], Awaitable[None]]) -> None:
    working = asyncio.ensure_future(work(cursor))
    try:
        while not working.done():
            await asyncio.wait([working], timeout=SECONDS / 4)
            if not working.done() and not await cursor.lead():
                return
        await working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
