"""What a reader that leads waits for: kept in the database, where `status` and every other process see it."""

import asyncio
from collections.abc import Callable

from kit.postgres.connect import AWAY, PROJECTOR, connect, hang_up

LOOK_SECONDS = 0.5
"""Seconds between two looks whether it still waits for the same."""

MAX_REASON = 300
"""Characters of a reason that are kept."""

_NOTE = """
insert into project.waiting (reader, reason) values ($1, $2)
on conflict (reader) do update set reason = excluded.reason, since = clock_timestamp()"""

_FORGET = "delete from project.waiting where reader = $1"


async def keep_noted(dsn: str, reader: str, reason: Callable[[], str]) -> None:
    """Note what a reader waits for, and that it waits no more, without end; only changes cost a statement.

    Args:
        dsn: address of the database.
        reader: name of its cursor.
        reason: what it waits for now; empty: it does its work.
    """
    noted: str | None = None
    while True:
        wanted = reason()[:MAX_REASON]
        if wanted != noted:
            try:
                await _note(dsn, reader, wanted)
                noted = wanted
            except AWAY:
                noted = None  # tried again; the reader itself says what is wrong
        await asyncio.sleep(LOOK_SECONDS)


async def _note(dsn: str, reader: str, reason: str) -> None:
    connection = await connect(dsn, "frankenjet waiting", PROJECTOR)
    try:
        if reason:
            await connection.execute(_NOTE, reader, reason)
        else:
            await connection.execute(_FORGET, reader)
    finally:
        await hang_up(connection)
