"""What a piece of the log comes to: computed within a budget, before the transaction that writes it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from events.reading import Item
from kit.log.digest import digest_of
from kit.postgres.connect import Connection
from kit.running.beside_loop import Worker
from kit.running.time_limit import Bound
from projections.applying.batch import Folded, More, by_position, fold, further, needed
from projections.applying.recent import Recent
from projections.applying.rows import Write, copying, load, write, writes
from projections.builds.generation import put_aside
from projections.projection import Key, Projection


class Size:
    """How many events the next piece may have: fewer after one that failed or was slow, then more again.

    Args:
        limit: the most.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._before = limit
        self.now = limit

    def trying(self, count: int) -> None:
        """Note that so many events are about to be written; should that fail, the next piece is smaller."""
        self._before, self.now = self.now, max(1, count // 2)

    def took(self, count: int, *, cut: bool) -> None:
        """Note that so many events are written; `cut`: there was no time for more."""
        self.now = min(self._limit, 2 * count if cut else max(self._before, 2 * count))


class Piece(NamedTuple):
    """So many of the events as there was time for, and what they come to."""

    items: Sequence[Item]
    folded: Folded
    writes: Sequence[Write]
    digest: int

    async def store(self, connection: Connection, schema: str) -> None:
        """Write the rows and put aside what could not be applied; nothing here takes time but SQL."""
        await write(connection, self.writes)
        await put_aside(connection, schema, self.folded.parked)


async def piece_of(
    connection: Connection,
    worker: Worker,
    projection: Projection,
    schema: str,
    items: Sequence[Item],
    *,
    parked: frozenset[UUID] = frozenset(),
    passed_over: frozenset[int] = frozenset(),
    tagged: bool = True,
    empty: bool = False,
    recent: Recent | None = None,
) -> Piece:
    """Load the rows that events need and fold them, on another thread: no transaction may be open.

    Between this and the transaction that stores the piece nobody else may write those rows: the transaction
    proves it, by a term or by a place that has not moved.

    Args:
        connection: in no transaction.
        worker: where the pure parts run.
        projection: whose rows they are.
        schema: where its tables are.
        items: events in order.
        parked: streams that are parked already.
        passed_over: positions that an operator has decided to skip.
        tagged: whether purge tags are wanted.
        empty: no row of these streams is there yet: nothing is loaded, and all is written by COPY.
        recent: rows that need not be loaded.
    """
    able = [one for one in items if one.position not in passed_over] if passed_over else items
    wanted, found, heavy = able, _NONE, _NONE
    if not empty:
        asked = await worker.run(lambda bound: needed(projection, wanted, bound), len(items))
        found = {}
        for table, keys in asked.keys.items():
            found[table] = await _rows(connection, schema, table, keys, recent)
        wanted = [asked.broken.get(one.position, one) for one in able[: asked.events]]

    def come(bound: Bound) -> Piece:
        folded = fold(projection, wanted, found, parked, heavy=heavy, tagged=tagged, bound=bound)
        done = items
        if folded.events < len(able):
            end = able[folded.events].position
            done = list(takewhile(lambda one: one.position != end, items))
        return Piece(done, folded, _writes(schema, folded, empty=empty), digest_of(by_position(done)))

    def come_or_ask(bound: Bound) -> Piece | More:
        more = further(projection, wanted, found, bound)
        simple = not more.keys and not more.heavy and not more.broken and more.events == len(wanted)
        return come(bound) if simple else more

    if empty or not projection.further:
        return await worker.run(come, len(items))
    piece = await worker.run(come_or_ask, len(items))
    if isinstance(piece, Piece):
        return piece
    for table, keys in piece.keys.items():
        found[table] = found.get(table, {}) | await _rows(connection, schema, table, keys, recent)
    heavy = {t: await load(connection, schema, t, keys, heavy=True) for t, keys in piece.heavy.items()}
    wanted = [piece.broken.get(one.position, one) for one in wanted[: piece.events]]
    return await worker.run(come, len(items))


async def _rows(
    connection: Connection, schema: str, table: Table, keys: AbstractSet[Key], recent: Recent | None
) -> dict[Key, dict[str, Any]]:
    known = recent.known(table, keys) if recent else {}
    return known | await load(connection, schema, table, keys - known.keys())


def _writes(schema: str, folded: Folded, *, empty: bool) -> list[Write]:
    made: list[Write] = []
    for table, changed in folded.changed.items():
        if empty:
            rows = [row for row in changed.values() if row is not None]
            made += [copying(schema, table, rows)] if rows else []
        elif changed:
            made += writes(schema, table, changed, folded.fresh[table])
    return made


_NONE: dict[Table, dict[Key, dict[str, Any]]] = {}
