"""How many items of a list have which value, and how many there are in all."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Table,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from events.content.field import Field
from events.content.items import RelationsField
from events.content.plain import ReferenceField
from read_side.entry.lists.named import AN_ID
from read_side.entry.table import EntryTables

MAX_FACETS = 5
"""Facets of one query."""

MOST = 50
"""Values of a facet that are told: those that most items have."""

COUNTED = 10_000
"""Items that are counted exactly."""


class Counts:
    """Queries for the numbers of a list that hold under the same conditions.

    Values of which an item has one each are counted by one look at the items, all fields together, and with
    them the items. Of lists of values every field takes a look of its own: a row for each choice of them
    would be as many rows as there are items.

    Args:
        tables: of all kinds.
        facets: the one of them that is listed.
        conditions: of the items that are counted.
        fields: whose values are counted.
        name: of what is counted together, in the statement.
    """

    def __init__(
        self,
        tables: EntryTables,
        facets: Table,
        conditions: Iterable[ColumnElement[bool]],
        fields: Iterable[Field],
        name: str,
    ) -> None:
        self._entry = tables.entry.alias("named")
        self._facets = facets
        self._conditions = tuple(conditions)
        self._single = [one for one in fields if not _has_many(one)]
        self._together = self._counted_together(name) if self._single else None

    def total(self) -> ScalarSelect[Any]:
        """Return a query for the number of items, counted up to one more than `COUNTED` at least."""
        if self._together is None:
            items = select(self._facets.c.id).where(*self._conditions).limit(COUNTED + 1).subquery()
            return select(func.count()).select_from(items).scalar_subquery()
        every = self._of(self._together, self._single[0]).subquery()
        return select(func.coalesce(cast(func.sum(every.c.count), BigInteger), 0)).scalar_subquery()

    def facet(self, field: Field) -> ColumnElement[str]:
        """Return a query for the values of one of the fields with the number of items that have each.

        It gives the text of JSON.
        """
        if self._together is None or _has_many(field):
            values = func.unnest(_column(self._facets, field)).label("value")
            items = select(values).select_from(self._facets).where(*self._conditions).subquery("items")
            counted = select(items.c.value, func.count().label("count")).group_by(items.c.value)
        else:
            counted = self._of(self._together, field)
        found = self._entries(counted.subquery("found"), field) if _names(field) else _values(counted)
        told = found.order_by(*_most_first(found.selected_columns)).limit(MOST + 1).subquery("counted")
        row = aggregate_order_by(func.to_json(literal_column(told.name)), *_most_first(told.c))
        return select(cast(func.json_agg(row), Text)).select_from(told).scalar_subquery()

    def _counted_together(self, name: str) -> CTE:
        """Count by each field that has one value: a row for each value of each, the others being null."""
        columns = [_column(self._facets, one) for one in self._single]
        told: Sequence[tuple[Field, ColumnElement[Any]]] = list(zip(self._single, columns, strict=True))
        return (
            select(
                *(column.label(f"value_{one.name}") for one, column in told),
                *(func.grouping(column).label(f"without_{one.name}") for one, column in told),
                func.count().label("count"),
            )
            .where(*self._conditions)
            .group_by(func.grouping_sets(*(tuple_(column) for column in columns)))
            .cte(name)
        )

    @staticmethod
    def _of(together: CTE, field: Field) -> Select[Any]:
        """Return the rows of those counted together that are of one field."""
        value = together.c[f"value_{field.name}"].label("value")
        return select(value, together.c.count).where(
            together.c[f"without_{field.name}"] == literal_column("0")
        )

    def _entries(self, found: FromClause, field: Field) -> Select[Any]:
        """Return the entries that are meant, while readers see them."""
        entry, said = self._entry, found.c.value
        id_: ColumnElement[Any] = said
        if isinstance(field, ReferenceField):
            id_ = case((said.op("~", is_comparison=True)(AN_ID), cast(said, Uuid)))
        shown = entry.c.id.label("value"), found.c.count, entry.c.kind, entry.c.locale, entry.c.slug
        both = found.join(entry, entry.c.id == id_)
        return select(*shown, entry.c.title).select_from(both).where(entry.c.title.is_not(None))


def told_total(count: int) -> dict[str, Any]:
    """Return what an answer says of such a number."""
    return {"count": min(count, COUNTED), "more": count > COUNTED}


def told_facet(text: str | None) -> dict[str, Any]:
    """Return what an answer says of a facet, for what its query gave."""
    found = orjson.loads(text or b"[]")
    values = [{name: one for name, one in value.items() if one is not None} for value in found[:MOST]]
    return {"values": values, "more": len(found) > MOST}


def _names(field: Field) -> bool:
    """Tell whether the values of a field are entries."""
    return isinstance(field, ReferenceField | RelationsField)


def _has_many(field: Field) -> bool:
    """Tell whether an item may have several values of a field."""
    return isinstance(field, RelationsField) or field.COLUMN == "texts"


def _column(facets: Table, field: Field) -> ColumnElement[Any]:
    """Return the column that holds the value of a field, or its values."""
    if isinstance(field, RelationsField):
        return facets.c[field.ids]
    return facets.c[field.columns[1].name if field.filter == "flag" else field.name]


def _values(counted: Select[Any]) -> Select[Any]:
    """Return those values that say something."""
    found = counted.subquery("found")
    value = cast(found.c.value, Text).label("value")
    return select(value, found.c.count).where(value != literal_column("''"))


def _most_first(columns: Any) -> tuple[ColumnElement[Any], ...]:
    return columns["count"].desc(), columns["value"]
