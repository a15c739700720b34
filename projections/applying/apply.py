"""The one loop that applies events to the tables of a read model: read, load, fold, commit, park."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from events.reading import Item
from kit.log.source import Read
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.applying.batch import broken_by
from projections.applying.batch_size import BatchSize
from projections.applying.page_digest import PageDigest
from projections.applying.prepare import Batch, Preparing
from projections.applying.recent import Recent
from projections.applying.rows import REFUSALS
from projections.projection import Projection

type Commit = Callable[[Batch], Awaitable[None]]
"""Writes a batch in one transaction, which proves that nobody else has written its rows since they were
loaded: by the term of a lease, or by a place that has not moved."""


class Applying:
    """Applies events to the tables of one generation, batch by batch.

    What follows the log, fills a slice of a rebuild or lets parked events in does it by this. They differ in
    what their transaction moves, and in whether there are rows to load.

    Args:
        worker: where the pure parts run.
        projection: whose tables they are.
        schema: where they are.
        limit: events of a batch at the most.
        read: makes events of stored rows; None: what comes is read already.
        recent: rows that need not be loaded; None: each is.
        tagged: whether purge tags are wanted.
    """

    def __init__(
        self,
        worker: BesideLoop,
        projection: Projection,
        schema: str,
        limit: int,
        *,
        read: Read[Item] | None = None,
        recent: Recent | None = None,
        tagged: bool = True,
    ) -> None:
        self._preparing = Preparing(worker, projection, schema, read=read, recent=recent, tagged=tagged)
        self._recent = recent
        self._size = BatchSize(limit)

    def leave_out(self, parked: Iterable[UUID], skipped: Iterable[int]) -> None:
        """Note which streams are parked, and which positions an operator has decided to skip."""
        self._preparing.parked, self._preparing.skipped = frozenset(parked), frozenset(skipped)

    async def apply_some(
        self, connection: Connection, given: Sequence[Any], commit: Commit, *, rows_exist: bool = True
    ) -> Batch | None:
        """Prepare the beginning of what is given and commit it; returns as `commit` does."""
        batch = await self.prepare(connection, given, rows_exist=rows_exist)
        return await self.commit(connection, batch, commit, rows_exist=rows_exist)

    async def prepare(
        self,
        connection: Connection,
        given: Sequence[Any],
        digest: PageDigest | None = None,
        *,
        rows_exist: bool = True,
        over: Batch | None = None,
    ) -> Batch:
        """Return what the beginning of what is given comes to, as much as one batch takes.

        When a row is refused that is looked for or made, half of it is tried, until the event of that row
        stands alone; that one is parked.

        Args:
            connection: in no transaction.
            given: events in order, or stored rows of them; at least one.
            digest: of the page that is given, where others apply it too.
            rows_exist: False: no row of these streams is there yet, so none is loaded, and all are copied.
            over: of the events before, where it is not committed yet.
        """
        wanted = given[: self._size.now]
        events = await self._preparing.events(wanted)
        digest = digest or PageDigest()
        folded = None if over is None else over.folded
        while True:
            try:
                batch = await self._preparing.batch(
                    connection, events, digest, rows_exist=rows_exist, over=folded
                )
            except REFUSALS as error:
                alone = len(events) == 1
                events = [broken_by(events[0], error)] if alone else events[: len(events) // 2]
            else:
                return batch._replace(cut=len(batch.events) < len(wanted))

    async def commit(
        self, connection: Connection, batch: Batch, commit: Commit, *, rows_exist: bool = True
    ) -> Batch | None:
        """Commit what was prepared.

        When the database refuses a row, nothing is applied, and the next batch is half as long, until the
        event that it refuses stands alone; that one is parked.

        Args:
            connection: in no transaction.
            batch: prepared last.
            commit: writes a batch.
            rows_exist: as it was prepared.

        Returns:
            What is committed; None when the database refused a row among several.
        """
        try:
            await commit(batch)
        except REFUSALS as error:
            if len(batch.events) > 1:
                self.failed(batch)
                return None
            refused = [broken_by(batch.events[0], error)]
            batch = await self._preparing.batch(
                connection, refused, PageDigest(), rows_exist=rows_exist, over=None
            )
            await commit(batch)
        except BaseException:
            self.failed(batch)
            raise
        self.committed(batch)
        return batch

    def failed(self, batch: Batch) -> None:
        """Note that a batch could not be written: the next one is smaller."""
        self._size.failed(len(batch.events))

    def committed(self, batch: Batch) -> None:
        """Note that a batch is written."""
        self._size.took(len(batch.events), cut=batch.cut)
        if batch.folded.parked:
            self._preparing.parked |= {one.stream for one in batch.folded.parked}
        if self._recent is not None:
            self._recent.wrote(batch.folded.changed, len(batch.events))
