"""Folds a batch of events in memory: from events and the rows they name to the rows to write. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from events.base import Recorded
from events.reading import Broken, Item
from kit.running.time_limit import NO_TIME_LIMIT, TimeLimit
from projections.projection import Delete, Handler, New, Outdated, Projection, Row, RowChange, RowKey

type Loaded = Mapping[Table, Mapping[RowKey, dict[str, Any]]]

_NONE: Loaded = {}


class Parked(NamedTuple):
    """An event that was put aside."""

    stream: UUID
    position: int
    error: str


class Overlay:
    """Rows as loaded, with the changes of this batch over them."""

    def __init__(self, tables: Iterable[Table], loaded: Loaded, heavy: Loaded = _NONE) -> None:
        self._keys = {table: _key(table) for table in tables}
        self._loaded = loaded
        self._heavy = heavy
        self.changed: dict[Table, dict[RowKey, dict[str, Any] | None]] = {table: {} for table in self._keys}
        """Row as the batch leaves it (None: removed), for each key that it touched."""

        self.fresh: dict[Table, set[RowKey]] = {table: set() for table in self._keys}
        """Keys of rows that were not there before the batch."""

    def get(self, table: Table, *key: Any) -> Row | None:
        """Return a row as the events so far have left it."""
        changed = self.changed[table]
        if key in changed:
            return changed[key]
        return self._loaded.get(table, {}).get(key)

    def heavy(self, table: Table, *key: Any) -> Row | None:
        """Return the heavy columns of a row that was made in this batch, or whose heavy ones were loaded."""
        if key in self.fresh[table]:
            return self.changed[table][key]
        return self._heavy.get(table, {}).get(key)

    def take(self, said: Iterable[RowChange | Outdated]) -> list[str]:
        """Lay what a handler has said over the rows, and return the tags of what is outdated."""
        tags = []
        for one in said:
            if isinstance(one, Outdated):
                tags.append(one.tag)
            else:
                self.apply(one)
        return tags

    def apply(self, change: RowChange) -> None:
        """Lay one change over the rows."""
        table = change.table
        changed = self.changed[table]
        if isinstance(change, Delete):
            changed[change.key] = None
            self.fresh[table].discard(change.key)
            return
        row = change.row
        key = self._keys[table](row)
        if isinstance(change, New):
            self.fresh[table].add(key)
            changed[key] = row
            return
        known = changed.get(key)
        if known is not None:
            known.update(row)
            return
        loaded = None if key in changed else self._loaded.get(table, {}).get(key)
        changed[key] = loaded | row if loaded else row


@cache
def _key(table: Table) -> Callable[[Row], RowKey]:
    """Return what tells the primary key of a row; each batch asks, of tables of every kind."""
    first, *more = [column.name for column in table.primary_key]
    return itemgetter(first, *more) if more else lambda row: (row[first],)


class Folded(NamedTuple):
    """What a batch comes to."""

    events: int
    """So many of its events are folded; the others had to wait, since the time was over."""
    changed: Mapping[Table, Mapping[RowKey, dict[str, Any] | None]]
    fresh: Mapping[Table, set[RowKey]]
    tags: set[str]
    parked: list[Parked]


class Needed(NamedTuple):
    """What the handlers of a batch will ask for."""

    events: int
    """For so many of its events; the others had to wait, since the time was over."""
    keys: Mapping[Table, set[RowKey]]
    broken: Mapping[int, Broken]
    """Position → an event that is too slow, or fails, already here."""


def needed(projection: Projection, items: Sequence[Item], bound: TimeLimit = NO_TIME_LIMIT) -> Needed:
    """Return the keys of the rows that the handlers of a batch will ask for."""
    wanted: dict[Table, set[RowKey]] = {}
    broken: dict[int, Broken] = {}
    handlers = projection.handlers
    count = 0
    for item in items:
        if count and bound.over():
            break
        count += 1
        if isinstance(item, Broken) or type(item.event) not in handlers:
            continue
        try:
            keys = bound.run(_listed, projection.needs, item)
        except Exception as error:  # noqa: BLE001 - as of a handler: its entity is parked, the others go on
            broken[item.position] = broken_by(item, error)
            continue
        for table, key in keys:
            wanted.setdefault(table, set()).add(key)
    return Needed(count, wanted, broken)


class More(NamedTuple):
    """What the handlers of a batch will ask for beside that, as its first rows tell."""

    events: int
    keys: Mapping[Table, set[RowKey]]
    heavy: Mapping[Table, set[RowKey]]
    """Rows of which they will ask for the heavy columns."""
    broken: Mapping[int, Broken]


def further(
    projection: Projection,
    items: Sequence[Item],
    loaded: dict[Table, dict[RowKey, dict[str, Any]]],
    bound: TimeLimit = NO_TIME_LIMIT,
) -> More:
    """Return the keys of the rows that handlers will ask for beside those that `needed` named.

    Where more is known of a row without loading it, the row is replaced in `loaded`.
    """
    rows = Overlay(projection.tables, loaded)
    keys: dict[Table, set[RowKey]] = {}
    heavy: dict[Table, set[RowKey]] = {}
    broken: dict[int, Broken] = {}
    count = 0
    for item in items:
        if count and bound.over():
            break
        count += 1
        if isinstance(item, Broken) or (ask := projection.further.get(type(item.event))) is None:
            continue
        try:
            named = bound.run(_listed, ask, item, rows)
        except Exception as error:  # noqa: BLE001 - as of a handler
            broken[item.position] = broken_by(item, error)
            continue
        for one in named:
            if one.known is not None:
                loaded[one.table][one.key] = loaded[one.table][one.key] | one.known
            else:
                (heavy if one.heavy else keys).setdefault(one.table, set()).add(one.key)
    return More(count, keys, heavy, broken)


def _listed[R](function: Callable[..., Iterable[R]], *arguments: Any) -> list[R]:
    return list(function(*arguments))


def broken_by(item: Item, error: BaseException | None) -> Broken:
    """Return an event as one that cannot be applied, and why."""
    return Broken(item.position, item.stream, item.id, f"{type(error).__name__}: {error}"[:500])


def fold(
    projection: Projection,
    items: Sequence[Item],
    loaded: Loaded,
    parked: frozenset[UUID],
    *,
    heavy: Loaded = _NONE,
    tagged: bool = True,
    bound: TimeLimit = NO_TIME_LIMIT,
) -> Folded:
    """Run the handlers over a batch, or over its beginning when the time is over.

    An event that cannot be read or handled is parked, and with it every later event of its stream; so is one
    whose handler takes too much CPU.

    Args:
        projection: whose handlers run.
        items: events in log order.
        loaded: rows named by `needed` and `further`, as the tables hold them.
        heavy: heavy columns of the rows of which `further` named them.
        parked: streams that are parked already.
        tagged: whether purge tags are wanted; a replay leaves none.
        bound: of the time that the batch and each of its events may take.
    """
    overlay = Overlay(projection.tables, loaded, heavy)
    handlers, tags_of = projection.handlers, projection.tags
    tags: set[str] = set()
    aside: list[Parked] = []
    stopped = set(parked)
    count = 0

    def handled(handler: Handler, item: Recorded[Any]) -> tuple[list[RowChange | Outdated], Iterable[str]]:
        return list(handler(item, overlay)), tuple(tags_of(item)) if tagged else ()

    def put_aside(item: Item, error: str) -> None:
        stopped.add(item.stream)
        aside.append(Parked(item.stream, item.position, error.replace("\x00", "")))  # no text there holds it
        tags.add(projection.parked_tag(item.stream))

    for item in items:
        if count and bound.over():
            break
        count += 1
        if isinstance(item, Broken):
            put_aside(item, item.error)
            continue
        handler = handlers.get(type(item.event))
        if handler is None:
            continue
        if item.stream in stopped:
            put_aside(item, "after a parked event")
            continue
        try:
            said, more = bound.run(handled, handler, item)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its entity is parked
            put_aside(item, broken_by(item, error).error)
            continue
        told = overlay.take(said)
        if tagged:
            tags.update(more, told)
    return Folded(count, overlay.changed, overlay.fresh, tags, aside)
