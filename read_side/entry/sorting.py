"""The sorts of a list: their columns, the order that they make, and where in it a page goes on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from msgspec import Meta

from kit.postgres.connect import quoted
from read_side.entry.kind import KindView

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


class Order(NamedTuple):
    """An order of lists: by some columns, then by the position of the publication, up or down.

    All of the columns are null together; such items come last, whichever way it goes.
    """

    columns: tuple[str, ...]
    held: Any
    """What a cursor holds: the values of the columns and the position."""
    down: bool
    nullable: bool

    @property
    def sql(self) -> str:
        """What stands behind `order by`."""
        way = "desc" if self.down else "asc"
        last = " nulls last" if self.nullable and self.down else ""  # upwards they are last by themselves
        keys = (f"t.{quoted(column)} {way}{last}" for column in self.columns)
        return ", ".join((*keys, f"t.sort_position {way}"))

    def after(self, last: Sequence[Any], values: list[Any]) -> str:
        """Return the condition for what comes after an item.

        Args:
            last: what a cursor held: the values of the columns and the position.
            values: of the statement; what is compared with is put behind them.
        """
        sign = "<" if self.down else ">"
        *keys, position = last
        known = [one.encode() if isinstance(one, str) else one for one in keys]
        if known[0] is None:
            values.append(position)
            return f"t.{quoted(self.columns[0])} is null and t.sort_position {sign} ${len(values)}"
        begin = len(values)
        values += [*known, position]
        ours = ", ".join([*(f"t.{quoted(column)}" for column in self.columns), "t.sort_position"])
        theirs = ", ".join(f"${number}" for number in range(begin + 1, len(values) + 1))
        beyond = f"({ours}) {sign} ({theirs})"
        return f"({beyond} or t.{quoted(self.columns[0])} is null)" if self.nullable else beyond


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


def order_of(kind: KindView, sort: str) -> Order:
    """Return what a sort means."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name == "published_at":
        return Order(
            ("published_at",), tuple[Annotated[datetime, Meta(tz=True)], _POSITION], down, nullable=False
        )
    if name == "title":
        return Order(("sort_title",), tuple[_KEY, _POSITION], down, nullable=False)
    field = kind.sorts[name]
    types = {
        column.name: _HELD[column.type] | None for column in field.columns if column.name in field.sort_keys
    }
    held = tuple[*(types[key] for key in field.sort_keys), _POSITION]  # type: ignore[misc, valid-type]
    return Order(field.sort_keys, held, down, nullable=True)


def reached(order: Order, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a cursor holds that stands after a row."""
    keys = (row[f"key_{number}"] for number in range(len(order.columns)))
    return (*(one.decode() if isinstance(one, bytes) else one for one in keys), row["sort_position"])
