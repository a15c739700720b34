"""The sorts of a list: their columns, the order that they make, and where in it a page goes on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from msgspec import Meta
from sqlalchemy import ColumnElement, Table, bindparam, tuple_

from read_side.entry.kind import KindView
from read_side.list_table import title_key

_POSITION = Annotated[int, Meta(ge=0, le=2**62)]

_KEY = Annotated[str, Meta(max_length=1_000, pattern=r"\A[^\x00]*\Z")]
"""The place of a line in the order of its language, as a cursor holds it."""

_HELD: Mapping[str, Any] = {
    "text": _KEY,
    "key": _KEY,
    "whole": Annotated[int, Meta(ge=-(2**62), le=2**62)],
    "number": Decimal,
    "day": date,
}
"""Type of a column → of its value in a cursor."""


class ListPart(NamedTuple):
    """A part of a list: all of its items have what it is sorted by, or none of them."""

    where: Sequence[ColumnElement[bool]]
    by: Sequence[ColumnElement[Any]]
    """What its rows are ordered by."""


class Order(NamedTuple):
    """An order of lists: by some columns, then by the position of the publication, up or down.

    All of the columns are null together; such items come last, whichever way it goes.
    """

    columns: tuple[str, ...]
    held: Any
    """What a cursor holds: the values of the columns and the position."""
    down: bool
    nullable: bool

    def parts(self, facets: Table, *, after: bool, null: bool) -> Iterator[ListPart]:
        """Yield the parts of a list in their order: one index leads through each, from where a page begins.

        Args:
            facets: the table that is listed.
            after: whether a page goes on after an item, whose values are bound as `bound` says.
            null: whether that item had nothing that is sorted by.
        """
        columns = [facets.c[name] for name in (*self.columns, POSITION)]
        bound = [bindparam(f"key_{number}", type_=one.type) for number, one in enumerate(columns)]
        by = [one.desc() if self.down else one.asc() for one in columns]
        *compared, position = columns
        if not null:
            there = [one.is_not(None) for one in compared] if self.nullable else []
            ours, theirs = tuple_(*columns), tuple_(*bound)
            beyond = [ours < theirs if self.down else ours > theirs] if after else []
            yield ListPart([*there, *beyond], by)
        if self.nullable:
            further = [position < bound[-1] if self.down else position > bound[-1]] if null else []
            yield ListPart([*(one.is_(None) for one in compared), *further], by)

    def again(self, parts: Any) -> Iterator[ColumnElement[Any]]:
        """Yield what the rows of all parts together are ordered by, by the names of `reached`."""
        for number in range(len(self.columns) + 1):
            column = parts.c[f"key_{number}"]
            yield (column.desc() if self.down else column.asc()).nulls_last()

    def bound(self, last: Sequence[Any]) -> dict[str, Any]:
        """Return the values of `after` by the names under which they are bound.

        Args:
            last: what a cursor held: the values of the columns and the position.
        """
        values = [one.encode() if isinstance(one, str) else one for one in last]
        return {f"key_{number}": value for number, value in enumerate(values)}


USUAL = "en"
"""Language by which titles in several are sorted when none is asked for."""

POSITION = "sort_position"
"""The column that decides between equal ones."""


def names(kind: KindView) -> tuple[str, ...]:
    """Return the sorts that lists of a kind have; a minus sorts downwards. The first is the usual one."""
    up = ("published_at", "title", *kind.sorts)
    return (
        "-published_at",
        "published_at",
        "title",
        "-title",
        *(f"{sign}{one}" for one in up[2:] for sign in ("", "-")),
    )


def order_of(kind: KindView, sort: str, locale: str | None) -> Order:
    """Return what a sort means.

    Args:
        kind: what is listed.
        sort: one of `names`.
        locale: the language that is asked for; where titles are in several, it says by which: else English.
    """
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name == "published_at":
        return Order(
            ("published_at",), tuple[Annotated[datetime, Meta(tz=True)], _POSITION], down, nullable=False
        )
    if name == "title":
        if kind.localized:
            return Order((title_key(None),), tuple[_KEY, _POSITION], down, nullable=False)
        return Order((title_key(locale or USUAL),), tuple[_KEY | None, _POSITION], down, nullable=True)
    field = kind.sorts[name]
    types = {
        column.name: _HELD[column.type] | None for column in field.columns if column.name in field.sort_keys
    }
    held = tuple[*(types[key] for key in field.sort_keys), _POSITION]  # type: ignore[misc, valid-type]
    return Order(field.sort_keys, held, down, nullable=True)


def reached(order: Order, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a cursor holds that stands after a row."""
    keys = (row[f"key_{number}"] for number in range(len(order.columns) + 1))
    return tuple(one.decode() if isinstance(one, bytes) else one for one in keys)
