"""Takes what the outbox of accounts holds to the log: each event once, in the order of its account."""

import asyncio
from typing import Any
from uuid import UUID

from events.codec import Stored
from kit.errors import Problem
from kit.postgres.connect import AWAY, Pool
from write_side.log.append import Append, Claim, Conflict, NewEvent
from write_side.log.appender import Appender
from write_side.log.streams import READ_SECONDS

RELAY_SECONDS = 1.0
"""Seconds between two looks into the outbox."""

AT_ONCE = 100
"""Events that are taken at a look."""

_WAITING = f"""
select account, version, event, type, schema, meta, payload from auth.outbox
 order by account, version limit {AT_ONCE}"""

_TAKEN = "delete from auth.outbox where event = any($1)"

_IN_LOG = "select exists (select from log.event where stream = $1 and id = $2)"


async def keep_relaying(pool: Pool, appender: Appender) -> None:
    """Look again and again; a database that is away is asked later.

    The look has another use: a connection of the pool that has ended is replaced, and the new one is checked.
    """
    while True:
        try:
            more = await relay(pool, appender) == AT_ONCE
        except (Problem, *AWAY):
            more = False
        if not more:
            await asyncio.sleep(RELAY_SECONDS)


async def relay(pool: Pool, appender: Appender) -> int:
    """Append what waits, oldest of each account first, and return how many events those were.

    Several processes may do so at the same time, and one may be killed in the middle: an event has its id
    and its version since it was left, so the log knows it again.

    Args:
        pool: connections of the writer.
        appender: writes to the log.

    Raises:
        Problem: 503, the log does not take it now; what waits goes on waiting.
        OSError, asyncpg.PostgresError: the outbox cannot be reached.
    """
    waiting = await _ask(pool, "fetch", _WAITING)
    for row in waiting:
        await _append(pool, appender, row)
    if waiting:
        await _ask(pool, "execute", _TAKEN, [row["event"] for row in waiting])
    return len(waiting)


async def _append(pool: Pool, appender: Appender, row: Any) -> None:
    account: UUID = row["account"]
    event = NewEvent(row["event"], Stored(row["type"], row["schema"], row["payload"]), row["meta"])
    expected: int = row["version"] - 1
    while True:
        try:
            await appender.append(Append((Claim(account, expected, (event,)),)))
        except Conflict as conflict:
            # The log was brought from elsewhere: the stream of this account has other versions there.
            if await _ask(pool, "fetchval", _IN_LOG, account, event.id):
                return
            expected = conflict.actual
        else:
            return


async def _ask(pool: Pool, method: str, sql: str, *arguments: Any) -> Any:
    async with pool.acquire(timeout=READ_SECONDS) as connection:
        return await getattr(connection, method)(sql, *arguments, timeout=READ_SECONDS)
