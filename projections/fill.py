"""Fills one slice of a rebuild: read its streams, fold them in memory, COPY the rows."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from events.codec import Codec
from kit.db import PROJECTOR, Connection, connect
from projections.batch import Folded, by_position, fold
from projections.digest import MODULUS, digest_of
from projections.generation import put_aside, skipped
from projections.projection import Projection
from projections.refused import without_refused
from projections.rows import REFUSALS, copy
from projections.slices import GONE, Aborted, Slice, claim, mark
from projections.source import Item, decoded

PAGE = 2_000
FLUSH_BYTES = 8_000_000
"""Rows are written whenever the events behind them pass this size and a stream is complete."""

_EVENTS = """
select position, stream, version, id, recorded_at, type, schema, meta, payload
  from log.event
 where ($1::uuid is null or stream >= $1) and ($2::uuid is null or stream < $2) and position <= $3
 order by stream, version"""


async def open_for_copy(dsn: str) -> Connection:
    """Open a connection for `fill`: a replay takes the time that it takes.

    What it writes goes to the disk piece by piece. Left to the kernel it goes in bursts, and for as long as
    one lasts, every commit of an editor waits for its fsync.
    """
    return await connect(
        dsn, "frankenjet rebuild", PROJECTOR, backend_flush_after="256kB",
        synchronous_commit="off", enable_seqscan="off", statement_timeout="0", lock_timeout="0",
        idle_in_transaction_session_timeout="0",  # a page may take a busy machine seconds to fold
    )  # fmt: skip


async def fill(
    connection: Connection, codec: Codec, projection: Projection, schema: str, slice_: Slice
) -> int:
    """Write all rows of a slice and mark it, in one transaction, unless that was done before.

    Streams come one after the other and whole, so no row needs to be read back from the tables.

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
                async for items in _whole_streams(connection, codec, slice_):
                    await _write(
                        connection,
                        projection,
                        schema,
                        [one for one in items if one.position not in passed_over],
                    )
                    seen += len(items)
                    digest = (digest + digest_of(by_position(items))) % MODULUS
                await mark(connection, schema, slice_.number, seen, digest)
    except GONE:
        raise Aborted(schema) from None
    return seen


async def _whole_streams(connection: Connection, codec: Codec, slice_: Slice) -> AsyncIterator[list[Item]]:
    cursor = await connection.cursor(_EVENTS, slice_.lower, slice_.upper, slice_.target)
    held: list[Any] = []
    size = 0
    while rows := await cursor.fetch(PAGE):
        for row in rows:
            if size > FLUSH_BYTES and row["stream"] != held[-1]["stream"]:
                yield list(decoded(held, codec))
                held, size = [], 0
            held.append(row)
            size += len(row["payload"])
    if held:
        yield list(decoded(held, codec))


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
