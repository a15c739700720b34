"""Fills one slice of a rebuild: read its streams, fold them in memory, COPY the rows."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from events.codec import Codec
from kit.db import Connection
from projections.batch import Folded, by_position, fold
from projections.digest import MODULUS, digest_of
from projections.fill_long import LongStream
from projections.generation import put_aside, skipped
from projections.pages import pages
from projections.projection import Projection
from projections.refused import without_refused
from projections.rows import REFUSALS, copy
from projections.slices import GONE, Aborted, Slice, claim, mark
from projections.source import Item, decoded

FLUSH_BYTES = 8_000_000
"""Rows are written whenever the events behind them pass this size and a stream is complete."""

HELD_BYTES = 64_000_000
"""A stream whose events pass this size is not held whole: it is written piece by piece, as a long one is."""

_EVENTS = """
select position, stream, version, id, recorded_at, type, schema, meta, payload
  from log.event
 where ($1::uuid is null or stream >= $1) and ($2::uuid is null or stream < $2) and position <= $3
 order by stream, version"""


COPYING = {
    "backend_flush_after": "256kB",
    "synchronous_commit": "off",
    "enable_seqscan": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "60000",  # a page may take a busy machine seconds to fold
}
"""Settings of a connection for `fill`: a replay takes the time that it takes.

What it writes goes to the disk piece by piece. Left to the kernel it goes in bursts, and for as long as one
lasts, every commit of an editor waits for its fsync.
"""


async def fill(
    connection: Connection,
    codec: Codec,
    projection: Projection,
    schema: str,
    slice_: Slice,
    *,
    flush: int = FLUSH_BYTES,
    held: int = HELD_BYTES,
) -> int:
    """Write all rows of a slice and mark it, in one transaction, unless that was done before.

    Streams come one after the other and whole, so no row needs to be read back from the tables; but for a
    stream that is too large to be held.

    Args:
        connection: with the settings COPYING.
        codec: reads stored events.
        projection: whose rows they are.
        schema: of the generation; its tables have their primary keys.
        slice_: which streams.
        flush: bytes, see FLUSH_BYTES.
        held: bytes, see HELD_BYTES.

    Returns:
        How many events were applied.

    Raises:
        Aborted: the generation has been dropped.
    """
    seen = 0
    digest = 0
    try:
        async with connection.transaction():
            if await claim(connection, schema, slice_.number):
                passed_over = await skipped(connection, schema)
                piecemeal = LongStream(connection, projection, schema)
                async for items, whole in _pieces(connection, codec, slice_, flush, held):
                    wanted = [one for one in items if one.position not in passed_over]
                    if whole:
                        await _write(connection, projection, schema, wanted)
                    else:
                        await piecemeal.apply(wanted)
                    seen += len(items)
                    digest = (digest + digest_of(by_position(items))) % MODULUS
                await mark(connection, schema, slice_.number, seen, digest)
    except GONE:
        raise Aborted(schema) from None
    return seen


async def _pieces(
    connection: Connection, codec: Codec, slice_: Slice, flush: int, most: int
) -> AsyncIterator[tuple[list[Item], bool]]:
    """Yield the events of a slice, and of each piece whether it holds whole streams only."""
    cursor = await connection.cursor(_EVENTS, slice_.lower, slice_.upper, slice_.target)
    held: list[Any] = []
    size = 0
    begun: UUID | None = None  # a stream whose beginning has been yielded already
    async for rows in pages(connection, cursor):
        for row in rows:
            if size > flush:
                complete = row["stream"] != held[-1]["stream"]
                if complete or size > most:
                    yield list(decoded(held, codec)), complete and held[0]["stream"] != begun
                    begun = None if complete else row["stream"]
                    held, size = [], 0
            held.append(row)
            size += len(row["payload"])
    if held:
        yield list(decoded(held, codec)), held[0]["stream"] != begun


async def _write(connection: Connection, projection: Projection, schema: str, items: list[Item]) -> None:
    """Fold whole streams and write their rows; what the database refuses is parked, as it is live."""

    async def apply(some: Sequence[Item]) -> None:
        await _copy(connection, schema, fold(projection, some, {}, frozenset(), tagged=False))

    try:
        async with connection.transaction():
            await apply(items)
    except REFUSALS:
        cut = _middle(items)
        if cut is None:
            await apply(await without_refused(connection, items, apply))
            return
        await _write(connection, projection, schema, items[:cut])
        await _write(connection, projection, schema, items[cut:])


def _middle(items: Sequence[Item]) -> int | None:
    """Return where a stream begins, near the middle; None when there is one stream only."""
    begins = [n for n in range(1, len(items)) if items[n].stream != items[n - 1].stream]
    return min(begins, key=lambda n: abs(n - len(items) // 2), default=None)


async def _copy(connection: Connection, schema: str, folded: Folded) -> None:
    for table, changed in folded.changed.items():
        rows = [row for row in changed.values() if row is not None]
        if rows:
            await copy(connection, schema, table, rows)
    await put_aside(connection, schema, folded.parked)
