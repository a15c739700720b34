"""Keeps one reader of the log at work: leads, runs, renews its lease, and begins again after trouble."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from kit.health.tasks import Task
from kit.log.cursor import LeaderCursor
from kit.log.lease import LEASE_SECONDS, RENEWALS, STANDBY_LOOK_SECONDS, Fenced
from kit.log.line import Line
from kit.postgres.connect import AWAY
from kit.retry import before_retry
from kit.running.ending import end

log = structlog.get_logger()

RESTART_SECONDS = 1.0
"""Seconds before a reader is started again."""

HALTED_SECONDS = 5.0
"""Further seconds after what no repetition mends by itself, such as a gap in the log."""


async def run_while_leading(
    dsn: str,
    name: str,
    holder: str,
    work: Callable[[LeaderCursor], Awaitable[None]],
    task: Task | None = None,
    line: Line | None = None,
) -> None:
    """Run a reader while this copy holds its lease, without end.

    Args:
        dsn: address of the database.
        name: the reader, as its cursor is called.
        holder: this process.
        work: runs without end with the cursor; ends by raising.
        task: where it notes how it does.
        line: the connection of its cursor, where several readers share one; None: one of its own.
    """
    task = task or Task()
    cursor: LeaderCursor | None = None
    while True:
        cursor = LeaderCursor(dsn, name, holder, cursor.seen if cursor else None, line=line)
        try:
            async with cursor:
                while not await cursor.lead():
                    task.beat(well=True)
                    await asyncio.sleep(STANDBY_LOOK_SECONDS)
                log.info("reader.leads", reader=name)
                task.begin()
                await _while_leading(cursor, work, task)
        except Fenced as fenced:
            task.failed(fenced)
            log.warning("reader.fenced", reader=name)
        except AWAY as error:
            task.failed(error)
            log.warning("reader.restarts", reader=name, error=f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - the others go on; this one says each time what stops it
            task.failed(error, halted=True)
            log.error("reader.halted", reader=name, error=f"{type(error).__name__}: {error}")  # noqa: TRY400
            await before_retry(HALTED_SECONDS)
        await before_retry(RESTART_SECONDS)


async def _while_leading(
    cursor: LeaderCursor, work: Callable[[LeaderCursor], Awaitable[None]], task: Task
) -> None:
    working = asyncio.ensure_future(work(cursor))
    try:
        while not working.done():
            await asyncio.wait([working], timeout=LEASE_SECONDS / RENEWALS)
            task.beat(well=not working.done())
            if not working.done() and not await cursor.lead():
                return
        await working
    finally:
        await end(working)
