"""How many items of a list have which value, and how many there are in all."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Table,
    Text,
    bindparam,
    cast,
    distinct,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from events.content.field import Field
from events.content.items import RelationsField
from events.content.plain import ReferenceField
from read_side.entry.table import EntryTables

MAX_FACETS = 5
"""Facets of one query."""

MOST = 50
"""Values of a facet that are told: those that most items have."""

COUNTED = 10_000
"""Items that are counted exactly."""


def total(facets: Table, conditions: Iterable[ColumnElement[bool]]) -> ScalarSelect[Any]:
    """Return a query for the number of items that a list has, counted up to one more than `COUNTED`."""
    counted = select(facets.c.id).where(*conditions).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


def told_total(count: int) -> dict[str, Any]:
    """Return what an answer says of such a number."""
    return {"count": min(count, COUNTED), "more": count > COUNTED}


def facet(
    tables: EntryTables, facets: Table, field: Field, conditions: Iterable[ColumnElement[bool]]
) -> ColumnElement[str]:
    """Return a query for the values of a field with the number of items that have each, as the text of JSON.

    Args:
        tables: of all kinds.
        facets: the one of them that is listed.
        field: whose values are counted; its name is bound under `field_bound_as`.
        conditions: of the items that are counted.
    """
    if isinstance(field, ReferenceField | RelationsField):
        counted = _entries(tables, facets, field, conditions)
    else:
        counted = _values(facets, field, conditions)
    row = func.to_json(literal_column(counted.name))
    told = select(cast(func.json_agg(aggregate_order_by(row, *_most_first(counted.c))), Text))
    return told.select_from(counted).scalar_subquery()


def field_bound_as(field: Field) -> str:
    """Return the name under which the name of a counted field is bound."""
    return f"facet_{field.name}"


def told_facet(text: str | None) -> dict[str, Any]:
    """Return what an answer says of a facet, for what its query gave."""
    found = orjson.loads(text or b"[]")
    values = [{name: one for name, one in value.items() if one is not None} for value in found[:MOST]]
    return {"values": values, "more": len(found) > MOST}


def _values(facets: Table, field: Field, conditions: Iterable[ColumnElement[bool]]) -> Subquery:
    column = facets.c[field.columns[1].name if field.filter == "flag" else field.name]
    value: Any = func.unnest(column) if field.COLUMN == "texts" else column
    items = select(cast(value, Text).label("value")).select_from(facets).where(*conditions).subquery("items")
    counted = select(items.c.value, func.count().label("count")).where(items.c.value != "")
    return _most(counted.group_by(items.c.value)).subquery("counted")


def _entries(
    tables: EntryTables, facets: Table, field: Field, conditions: Iterable[ColumnElement[bool]]
) -> Subquery:
    """Count by the entries that items name, while readers see both."""
    relation, entry = tables.relation.alias("naming"), tables.entry.alias("named")
    both = facets.join(relation, relation.c.entry == facets.c.id).join(entry, entry.c.id == relation.c.target)
    counted = (
        select(entry.c.id.label("value"), func.count(distinct(facets.c.id)).label("count"))
        .select_from(both)
        .where(
            relation.c.field == bindparam(field_bound_as(field), type_=Text),
            entry.c.title.is_not(None),
            *conditions,
        )
        .group_by(entry.c.id)
    )
    most = _most(counted).subquery("most")
    shown = select(most, entry.c.kind, entry.c.locale, entry.c.slug, entry.c.title)
    return shown.join_from(most, entry, entry.c.id == most.c.value).subquery("counted")


def _most(counted: Select[Any]) -> Select[Any]:
    return counted.order_by(*_most_first(counted.selected_columns)).limit(MOST + 1)


def _most_first(columns: Any) -> tuple[ColumnElement[Any], ...]:
    return columns["count"].desc(), columns["value"]
