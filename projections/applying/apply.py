"""The one loop that applies events to the tables of a read model: read, load, fold, commit, park."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from events.reading import Item
from kit.log.digest import digest_of
from kit.log.source import Read
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from kit.running.time_limit import TimeLimit
from projections.applying.batch import (
    Folded,
    Loaded,
    More,
    broken_by,
    by_position,
    fold,
    further,
    needed,
)
from projections.applying.batch_size import BatchSize
from projections.applying.recent import Recent
from projections.applying.rows import REFUSALS, Write, copying, load, write, writes
from projections.builds.generation import put_aside
from projections.projection import Projection, RowKey


class Batch(NamedTuple):
    """So many of the events as there was time for, and what they come to; made before its transaction."""

    events: Sequence[Item]
    folded: Folded
    writes: Sequence[Write]
    digest: int

    async def write(self, connection: Connection, schema: str) -> None:
        """Write the rows and park what could not be applied; nothing here takes time but SQL."""
        await write(connection, self.writes)
        await put_aside(connection, schema, self.folded.parked)


type Commit = Callable[[Batch], Awaitable[None]]
"""Writes a batch in one transaction, which proves that nobody else has written its rows since they were
loaded: by the term of a lease, or by a place that has not moved."""


type _WritesOf = Callable[[str, Folded], list[Write]]
"""Makes the statements that write what a batch comes to into a schema."""


class _Loaded(NamedTuple):
    """What is known before events are folded."""

    events: Sequence[Item]
    """Those for which there was time; what is too slow already, or fails, is Broken."""
    rows: dict[Table, dict[RowKey, dict[str, Any]]]
    heavy: Loaded


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

    Attributes:
        parked: streams that are parked: further events of them are parked as well.
        skipped: positions that an operator has decided to skip.
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
        self.parked: frozenset[UUID] = frozenset()
        self.skipped: frozenset[int] = frozenset()
        self._worker = worker
        self._projection = projection
        self._schema = schema
        self._read = read
        self._recent = recent
        self._tagged = tagged
        self._size = BatchSize(limit)

    async def apply_some(
        self, connection: Connection, given: Sequence[Any], commit: Commit, *, rows_exist: bool = True
    ) -> Batch | None:
        """Apply the beginning of what is given, as much as one batch takes.

        When the database refuses a row, nothing is applied, and the next batch is half as long, until the
        event that it refuses stands alone; that one is parked.

        Args:
            connection: in no transaction.
            given: events in order, or stored rows of them; at least one.
            commit: writes a batch.
            rows_exist: False: no row of these streams is there yet, so none is loaded, and all are copied.

        Returns:
            What is committed; None when the database refused a row among several.
        """
        given = given[: self._size.now]
        events = await self._events(given)
        batch = await self._batch(connection, events, rows_exist=rows_exist)
        done = len(batch.events)
        self._size.trying(done)
        try:
            await self._commit(batch, commit)
        except REFUSALS as error:
            if done > 1:
                return None
            batch = await self._batch(connection, [broken_by(events[0], error)], rows_exist=rows_exist)
            await self._commit(batch, commit)
        self._size.took(done, cut=done < len(given))
        if batch.folded.parked:
            self.parked |= {one.stream for one in batch.folded.parked}
        return batch

    async def _events(self, given: Sequence[Any]) -> Sequence[Item]:
        """Step 1: read stored rows as events; those for which there is no time come with the next batch."""
        if self._read is None:
            return given
        return await self._worker.run(partial(self._read, given), len(given))

    async def _batch(self, connection: Connection, events: Sequence[Item], *, rows_exist: bool) -> Batch:
        run, count, able = self._worker.run, len(events), events
        if self.skipped:
            able = [one for one in events if one.position not in self.skipped]
        if not rows_exist:
            return await run(partial(self._fold, events, able, _Loaded(able, {}, {}), _copied), count)
        loaded = await self._load(connection, able)
        if self._projection.further:
            found = await run(partial(self._ask_or_fold, events, able, loaded), count)
            if isinstance(found, Batch):
                return found
            loaded = await self._load_more(connection, loaded, found)
        return await run(partial(self._fold, events, able, loaded, _merged), count)

    async def _load(self, connection: Connection, events: Sequence[Item]) -> _Loaded:
        """Step 2: load the rows that handlers will ask for."""
        asked = await self._worker.run(partial(needed, self._projection, events), len(events))
        rows = {table: await self._rows(connection, table, keys) for table, keys in asked.keys.items()}
        return _Loaded([asked.broken.get(one.position, one) for one in events[: asked.events]], rows, {})

    def _ask_or_fold(
        self, events: Sequence[Item], able: Sequence[Item], loaded: _Loaded, bound: TimeLimit
    ) -> Batch | More:
        """Step 3: fold, where those rows are enough; else tell what else handlers will ask for."""
        more = further(self._projection, loaded.events, loaded.rows, bound)
        if more.keys or more.heavy or more.broken or more.events < len(loaded.events):
            return more
        return self._fold(events, able, loaded, _merged, bound)

    async def _load_more(self, connection: Connection, loaded: _Loaded, more: More) -> _Loaded:
        """Step 4: load that."""
        rows = dict(loaded.rows)
        for table, keys in more.keys.items():
            rows[table] = rows.get(table, {}) | await self._rows(connection, table, keys)
        heavy = {
            table: await load(connection, self._schema, table, keys, heavy=True)
            for table, keys in more.heavy.items()
        }
        events = [more.broken.get(one.position, one) for one in loaded.events[: more.events]]
        return _Loaded(events, rows, heavy)

    async def _rows(
        self, connection: Connection, table: Table, keys: AbstractSet[RowKey]
    ) -> dict[RowKey, dict[str, Any]]:
        known = self._recent.known(table, keys) if self._recent else {}
        return known | await load(connection, self._schema, table, keys - known.keys())

    def _fold(
        self,
        events: Sequence[Item],
        able: Sequence[Item],
        loaded: _Loaded,
        writes_of: _WritesOf,
        bound: TimeLimit,
    ) -> Batch:
        """Step 5: fold the events over the rows, and make the statements that write what they come to."""
        folded = fold(
            self._projection, loaded.events, loaded.rows, self.parked,
            heavy=loaded.heavy, tagged=self._tagged, bound=bound,
        )  # fmt: skip
        done = events
        if folded.events < len(able):
            end = able[folded.events].position
            done = list(takewhile(lambda one: one.position != end, events))
        return Batch(done, folded, writes_of(self._schema, folded), digest_of(by_position(done)))

    async def _commit(self, batch: Batch, commit: Commit) -> None:
        """Step 6: write it, in one transaction."""
        await commit(batch)
        if self._recent is not None:
            self._recent.wrote(batch.folded.changed, len(batch.events))


def _copied(schema: str, folded: Folded) -> list[Write]:
    """Write rows of which none is there yet."""
    made: list[Write] = []
    for table, changed in folded.changed.items():
        if rows := [row for row in changed.values() if row is not None]:
            made.append(copying(schema, table, rows))
    return made


def _merged(schema: str, folded: Folded) -> list[Write]:
    """Write rows over those that are there."""
    made: list[Write] = []
    for table, changed in folded.changed.items():
        if changed:
            made += writes(schema, table, changed, folded.fresh[table])
    return made
