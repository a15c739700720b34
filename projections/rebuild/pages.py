"""Reads events for a replay page by page: with bounded memory, and giving way to those who write."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from kit.postgres.connect import Connection

PAGE_EVENTS = 2_000
PAGE_BYTES = 8_000_000
"""What is fetched at once: so many events, or fewer when they are large."""

FIRST_PAGE = 100
GROWTH = 4
"""The first page of a slice, whose events may all be large, and how many times larger the next may be."""


async def pages(
    connection: Connection, cursor: Any, *, rest: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[list[Any]]:
    """Yield the rows of a cursor, learning from each page how many the next one may have.

    While the log grows, somebody works: then a replay rests after each page for as long as that has taken, so
    that it takes half of what it would take. Niceness alone does not do: it says nothing to the server.

    Args:
        connection: that of the cursor.
        cursor: yields the next rows of log.event, with their payload.
        rest: waits so many seconds.
    """
    count = FIRST_PAGE
    head = await connection.fetchval("select log.head()")
    while True:
        began = time.monotonic()
        rows = await cursor.fetch(count)
        if not rows:
            return
        yield rows
        size = 1 + sum(len(row["payload"]) for row in rows)
        count = max(1, min(PAGE_EVENTS, GROWTH * len(rows), PAGE_BYTES * len(rows) // size))
        before, head = head, await connection.fetchval("select log.head()")
        if before != head:
            await rest(time.monotonic() - began)
