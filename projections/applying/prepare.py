"""The first half of applying: reads, loads and folds, and makes what is to be written; writes nothing."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from events.reading import Item
from kit.log.source import Read
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from kit.running.time_limit import TimeLimit
from projections.applying.batch import Folded, Loaded, More, fold, further, needed
from projections.applying.page_digest import PageDigest
from projections.applying.recent import Recent
from projections.applying.rows import Write, copying, write, writes
from projections.applying.stored_rows import StoredRows
from projections.builds.generation import put_aside
from projections.projection import Projection, RowKey


class Batch(NamedTuple):
    """So many of the events as there was time for, and what they come to; made before its transaction."""

    events: Sequence[Item]
    folded: Folded
    writes: Sequence[Write]
    digest: int
    cut: bool = False
    """There was no time for more of them."""

    async def write(self, connection: Connection, schema: str) -> None:
        """Write the rows and park what could not be applied; nothing here takes time but SQL."""
        await write(connection, self.writes)
        await put_aside(connection, schema, self.folded.parked)


type _WritesOf = Callable[[str, Folded], list[Write]]
"""Makes the statements that write what a batch comes to into a schema."""


class _Loaded(NamedTuple):
    """What is known before events are folded."""

    events: Sequence[Item]
    """Those for which there was time; what is too slow already, or fails, is Broken."""
    rows: dict[Table, dict[RowKey, dict[str, Any]]]
    heavy: Loaded
    parked: frozenset[UUID]


class Preparing:
    """Makes batches for the tables of one generation.

    Args:
        worker: where the pure parts run.
        projection: whose tables they are.
        schema: where they are.
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
        *,
        read: Read[Item] | None,
        recent: Recent | None,
        tagged: bool,
    ) -> None:
        self.parked: frozenset[UUID] = frozenset()
        self.skipped: frozenset[int] = frozenset()
        self._worker = worker
        self._projection = projection
        self._schema = schema
        self._read = read
        self._recent = recent
        self._tagged = tagged

    async def events(self, given: Sequence[Any]) -> Sequence[Item]:
        """Step 1: read stored rows as events; those for which there is no time come with the next batch."""
        if self._read is None:
            return given
        return await self._worker.run(partial(self._read, given), len(given))

    async def batch(
        self,
        connection: Connection,
        events: Sequence[Item],
        digest: PageDigest,
        *,
        rows_exist: bool,
        over: Folded | None,
    ) -> Batch:
        """Return what the beginning of some events comes to, as much as there is time for.

        Args:
            connection: in no transaction.
            events: in order.
            digest: of their page.
            rows_exist: whether there are rows to load.
            over: what the events before come to, where that is not written yet.
        """
        run, count, able = self._worker.run, len(events), events
        if self.skipped:
            able = [one for one in events if one.position not in self.skipped]
        parked = self.parked if over is None else self.parked | {one.stream for one in over.parked}
        if not rows_exist:
            loaded = _Loaded(able, {}, {}, parked)
            return await run(partial(self._fold, events, able, digest, loaded, _copied), count)
        stored = StoredRows(connection, self._schema, self._recent, over)
        loaded = await self._load(stored, able, parked)
        if self._projection.further:
            found = await run(partial(self._ask_or_fold, events, able, digest, loaded), count)
            if isinstance(found, Batch):
                return found
            loaded = await self._load_more(stored, loaded, found)
        return await run(partial(self._fold, events, able, digest, loaded, _merged), count)

    async def _load(self, stored: StoredRows, events: Sequence[Item], parked: frozenset[UUID]) -> _Loaded:
        """Step 2: load the rows that handlers will ask for."""
        asked = await self._worker.run(partial(needed, self._projection, events), len(events))
        rows = {table: await stored.light(table, keys) for table, keys in asked.keys.items()}
        events = [asked.broken.get(one.position, one) for one in events[: asked.events]]
        return _Loaded(events, rows, {}, parked)

    def _ask_or_fold(
        self,
        events: Sequence[Item],
        able: Sequence[Item],
        digest: PageDigest,
        loaded: _Loaded,
        bound: TimeLimit,
    ) -> Batch | More:
        """Step 3: fold, where those rows are enough; else tell what else handlers will ask for."""
        more = further(self._projection, loaded.events, loaded.rows, bound)
        if more.keys or more.heavy or more.broken or more.events < len(loaded.events):
            return more
        return self._fold(events, able, digest, loaded, _merged, bound)

    async def _load_more(self, stored: StoredRows, loaded: _Loaded, more: More) -> _Loaded:
        """Step 4: load that."""
        rows = dict(loaded.rows)
        for table, keys in more.keys.items():
            rows[table] = rows.get(table, {}) | await stored.light(table, keys)
        heavy = {table: await stored.heavy(table, keys) for table, keys in more.heavy.items()}
        events = [more.broken.get(one.position, one) for one in loaded.events[: more.events]]
        return loaded._replace(events=events, rows=rows, heavy=heavy)

    def _fold(
        self,
        events: Sequence[Item],
        able: Sequence[Item],
        digest: PageDigest,
        loaded: _Loaded,
        writes_of: _WritesOf,
        bound: TimeLimit,
    ) -> Batch:
        """Step 5: fold the events over the rows, and make the statements that write what they come to."""
        folded = fold(
            self._projection, loaded.events, loaded.rows, loaded.parked,
            heavy=loaded.heavy, tagged=self._tagged, bound=bound,
        )  # fmt: skip
        done = events
        if folded.events < len(able):
            end = able[folded.events].position
            done = list(takewhile(lambda one: one.position != end, events))
        return Batch(done, folded, writes_of(self._schema, folded), digest.upto(done))


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
