"""Reads events as they are stored: their columns, and pages that are bounded by count and by bytes."""

from collections.abc import AsyncIterator
from typing import Any

from kit.postgres.connect import Connection

COLUMNS = "position, stream, version, id, recorded_at, schema, type, meta, payload"
"""Of log.event: in this order everybody reads them, and `kit.log.chain.canonical` takes them."""

PAGE_EVENTS = 2_000
PAGE_BYTES = 8_000_000
"""What one page holds at the most; an event that alone is larger makes a page of its own."""

EVENT_BYTES = 768 * 1024
"""Bytes of payload that no stored event has more of."""


def bounded(chosen: str, order: str, size: str) -> str:
    """Return the SQL of a page: events in an order, up to the one with which their payload is too large.

    Args:
        chosen: SQL after "from" that says which events a page may have.
        order: column by which they are ordered.
        size: SQL of the bytes of payload that a page may have; its first event may be larger.
    """
    return f"""
select {COLUMNS} from (
  select *, sum(octet_length(payload)) over (order by {order}) - octet_length(payload) as before
    from {chosen}) sized
 where before < {size} order by {order}"""


_FEW = f"""
select {COLUMNS} from log.event where position > $1 and position <= $2 order by position limit $3"""
"""So few that they are no page too large, whatever each has: it takes half of the work that counting does."""

_PAGE = bounded("log.event where position > $1 and position <= $2", "position", "$3")


async def page(
    connection: Connection, after: int, upto: int, *, limit: int = PAGE_EVENTS, size: int = PAGE_BYTES
) -> list[Any]:
    """Return rows of the log with after < position <= upto, in order.

    Args:
        connection: may read the log.
        after: position before the first.
        upto: last position to regard.
        limit: positions at the most.
        size: bytes of payload at the most, and of one event at the least.
    """
    last, few = min(upto, after + limit), size // EVENT_BYTES
    rows: list[Any] = await connection.fetch(_FEW, after, last, few)
    if rows and len(rows) == few:
        size -= sum([len(row["payload"]) for row in rows])
        rows += await connection.fetch(_PAGE, rows[-1]["position"], last, size)
    return rows


async def pages(connection: Connection, after: int, upto: int) -> AsyncIterator[list[Any]]:
    """Yield the rows with after < position <= upto, a page at a time, none of them empty; step over gaps."""
    while after < upto:
        if rows := await page(connection, after, upto):
            yield rows
        after = rows[-1]["position"] if rows else min(upto, after + PAGE_EVENTS)
