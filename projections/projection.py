"""What a projection is: pure functions from an event and the rows that it names to row changes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Table

from events.base import Event, Recorded

type RowKey = tuple[Any, ...]
"""Values of a table's primary key, in the order of its columns."""

type Row = Mapping[str, Any]


class Put(msgspec.Struct, frozen=True):
    """Insert a row, or update these columns of the row with this primary key.

    What the row holds beside its columns is not written; later handlers of the batch see it.
    """

    table: Table
    row: dict[str, Any]


class New(msgspec.Struct, frozen=True):
    """Insert a row of which no one with this primary key can be there: written by COPY, which is faster."""

    table: Table
    row: dict[str, Any]


class Delete(msgspec.Struct, frozen=True):
    """Remove the row with this primary key, if it is there."""

    table: Table
    key: RowKey


class Outdated(msgspec.Struct, frozen=True):
    """Answers are old that hang on this purge tag, which the event alone does not tell."""

    tag: str


type RowChange = Put | New | Delete


class Rows(Protocol):
    """The rows of this projection as the events before this one have left them."""

    def get(self, table: Table, *key: Any) -> Row | None:
        """Return one row, or None.

        Columns marked info={"heavy": True} are not among them where the row was loaded.
        """

    def heavy(self, table: Table, *key: Any) -> Row | None:
        """Return the heavy columns of one row, or None when nobody said that they are needed."""


class RowNames(NamedTuple):
    """Another row that a handler will ask for."""

    table: Table
    key: RowKey
    heavy: bool = False
    """Its heavy columns, and no others."""
    known: Mapping[str, Any] | None = None
    """Nothing is to be loaded: the row is there already, and the handler finds this in it as well."""


type Further = Callable[[Recorded[Any], Rows], Iterable[RowNames]]
"""From an event, and the rows that it names as they were before the batch, to more rows."""

type Handler = Callable[[Recorded[Any], Rows], Iterable[RowChange | Outdated]]
"""The dicts in its changes are given away: the engine goes on writing into them."""


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """One read model: its tables and the handlers that fill them. Nobody else writes those tables."""

    name: str
    """Lower-case identifier; part of the schema's name."""

    tables: tuple[Table, ...]
    """SQLAlchemy tables without a schema; their secondary indexes are made after a rebuild's COPY."""

    handlers: Mapping[type[Event], Handler]
    """Exact event class → handler. Events of other classes are counted and passed over."""

    needs: Callable[[Recorded[Any]], Iterable[tuple[Table, RowKey]]]
    """The rows that the handler of this event will ask for; loaded set-based before the batch."""

    further: Mapping[type[Event], Further] = msgspec.field(default_factory=dict)
    """What else the handler of such an event will ask for, as those rows tell; loaded with them."""

    tags: Callable[[Recorded[Any]], Iterable[str]]
    """Outdated tags: which cached answers this event makes old."""

    parked_tag: Callable[[UUID], str]
    """Outdated tag of what shows the entity of a stream: it is old once an event of it was put aside."""

    parameters: str = ""
    """What else the rows depend on, in words of its own: part of the fingerprint."""

    by_stream: bool = True
    """Rows depend only on events of one stream: replay may then be split by stream."""
