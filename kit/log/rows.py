"""Reads events as they are stored, byte for byte, for those who vouch for the log."""

from collections.abc import AsyncIterator
from typing import Any

from kit.postgres.connect import Connection

COLUMNS = "position, stream, version, id, recorded_at, schema, type, meta, payload"
"""In the order of the arguments of `kit.log.chain.canonical`."""

PAGE = 2_000
PAGE_BYTES = 8_000_000
"""What one page holds at the most; an event that alone is larger makes a page of its own."""

_PAGE = f"""
select {COLUMNS} from (
  select *, sum(octet_length(payload)) over (order by position) - octet_length(payload) as before
    from log.event where position > $1 and position <= $2) sized
 where before < $3 order by position"""


async def page(
    connection: Connection, after: int, upto: int, *, limit: int = PAGE, size: int = PAGE_BYTES
) -> list[Any]:
    """Return rows of the log with after < position <= upto, in order.

    Args:
        connection: may read the log.
        after: position before the first.
        upto: last position to regard.
        limit: positions at the most.
        size: bytes of payload at the most.
    """
    rows: list[Any] = await connection.fetch(_PAGE, after, min(upto, after + limit), size)
    return rows


async def pages(connection: Connection, after: int, upto: int) -> AsyncIterator[list[Any]]:
    """Yield the rows with after < position <= upto, a page at a time; gaps are stepped over."""
    while after < upto:
        rows = await page(connection, after, upto)
        yield rows
        after = rows[-1]["position"] if rows else min(upto, after + PAGE)
