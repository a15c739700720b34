"""Fills one slice of a rebuild: reads its streams page by page, folds them, writes piece by piece."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from events.codec import Codec
from events.reading import reader_of
from kit.log.rows import COLUMNS
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.applying.apply import Applying
from projections.applying.prepare import Batch
from projections.builds.generation import skipped
from projections.projection import Projection
from projections.rebuild.pages import PAGE_EVENTS, pages
from projections.rebuild.slices import GONE, Aborted, Filled, Slice, begun, finish, move

_EVENTS = f"""
select {COLUMNS}
  from log.event
 where (stream, version) > ($1, $2) and ($3::uuid is null or stream < $3) and position <= $4
 order by stream, version limit $5"""

_PARKED = "select exists (select from project.parked where schema = $1 and stream = $2)"


COPYING = {
    "backend_flush_after": "256kB",
    "synchronous_commit": "off",
    "enable_seqscan": "off",
    "enable_sort": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "10000",  # polite workers may have to wait for the processor
}
"""Settings of a connection for `fill`: a replay takes the time that it takes.

What it writes goes to the disk piece by piece. Left to the kernel it goes in bursts, and for as long as one
lasts, every commit of an editor waits for its fsync.
"""


class _Moved(Exception):  # noqa: N818 - it is no fault
    """A worker that outlived the run that started it has filled in more meanwhile."""


async def fill(
    connection: Connection,
    codec: Codec,
    projection: Projection,
    schema: str,
    slice_: Slice,
    *,
    most: int = PAGE_EVENTS,
) -> int:
    """Write the rows of a slice that are not there yet, and mark it as filled.

    Each piece is folded first and then written in one short transaction, with the place that the slice has
    come to. Streams come one after the other, whole where they are small: then no row is read back.

    Args:
        connection: with the settings COPYING, in no transaction.
        codec: reads stored events.
        projection: whose rows they are.
        schema: of the generation; its tables have their primary keys.
        slice_: which streams.
        most: events of a piece.

    Returns:
        How many events were applied.

    Raises:
        Aborted: the generation has been dropped.
    """
    seen = 0
    try:
        while (place := await begun(connection, schema, slice_.number)) is not None:
            filling = _Filling(connection, codec, projection, schema, slice_, place, most)
            try:
                await filling.run()
            except _Moved:
                continue
            finally:
                filling.close()
                seen += filling.seen
    except GONE:
        raise Aborted(schema) from None
    return seen


class _Filling:
    """One run over a slice, from a place in it."""

    def __init__(
        self,
        connection: Connection,
        codec: Codec,
        projection: Projection,
        schema: str,
        slice_: Slice,
        place: Filled,
        most: int,
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._slice = slice_
        self._place = place
        self._worker = BesideLoop()
        self._applying = Applying(self._worker, projection, schema, most, read=reader_of(codec), tagged=False)
        self.seen = 0

    async def run(self) -> None:
        stream, parked = self._place.stream, []
        if stream is not None and await self._connection.fetchval(_PARKED, self._schema, stream):
            parked = [stream]
        self._applying.leave_out(parked, await skipped(self._connection, self._schema))
        async for rows in _whole_streams(self._connection, self._slice, self._place):
            left = rows
            while left:
                left = left[await self._apply_some(left) :]
        if not await finish(self._connection, self._schema, self._slice.number, self._place):
            raise _Moved

    def close(self) -> None:
        self._worker.close()

    async def _apply_some(self, rows: Sequence[Any]) -> int:
        """Apply the beginning of some rows; return of how many."""
        begun_before = rows[0]["stream"] == self._place.stream
        if begun_before:  # of this stream there may be rows in the tables; of the others there are none
            rows = rows[: _end_of_first(rows)]
        batch = await self._applying.apply_some(
            self._connection, rows, partial(self._commit, rows), rows_exist=begun_before
        )
        return 0 if batch is None else len(batch.events)

    async def _commit(self, rows: Sequence[Any], batch: Batch) -> None:
        count = len(batch.events)
        place = Filled(rows[count - 1]["stream"], rows[count - 1]["version"])
        async with self._connection.transaction():
            if not await move(
                self._connection, self._schema, self._slice.number, self._place, place, count, batch.digest
            ):
                raise _Moved
            await batch.write(self._connection, self._schema)
        self._place = place
        self.seen += count


class _Rows:
    """The rows of a slice behind a place, as a cursor that needs no transaction."""

    def __init__(self, connection: Connection, slice_: Slice, place: Filled) -> None:
        self._connection = connection
        self._slice = slice_
        self._after = place.stream or slice_.lower or UUID(int=0), place.version

    async def fetch(self, count: int) -> list[Any]:
        rows: list[Any] = await self._connection.fetch(
            _EVENTS, *self._after, self._slice.upper, self._slice.target, count
        )
        if rows:
            self._after = rows[-1]["stream"], rows[-1]["version"]
        return rows


async def _whole_streams(connection: Connection, slice_: Slice, place: Filled) -> AsyncIterator[list[Any]]:
    """Yield the rows behind a place, a page at a time; a stream is cut only when it fills a page alone."""
    held: list[Any] = []
    async for rows in pages(connection, _Rows(connection, slice_, place)):
        held += rows
        end = _begin_of_last(held) or len(held)
        yield held[:end]
        held = held[end:]
    if held:
        yield held


def _end_of_first(rows: Sequence[Any]) -> int:
    """Return how many rows belong to the stream of the first."""
    stream = rows[0]["stream"]
    return next((n for n, row in enumerate(rows) if row["stream"] != stream), len(rows))


def _begin_of_last(rows: Sequence[Any]) -> int:
    """Return where the rows of the stream of the last one begin."""
    stream, begin = rows[-1]["stream"], len(rows)
    while begin and rows[begin - 1]["stream"] == stream:
        begin -= 1
    return begin
