"""The table of what readers can list of a kind of entries: its columns, and the indexes that lists go by."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from events.content.dates import DateField
from events.content.field import ColumnType, Field
from events.content.items import RelationsField
from events.content.localized import LANGUAGES
from events.kind import Kind

MOMENT = DateTime(timezone=True)

LONG_DAYS = 366
"""Dates that span more days are few. An index of their own finds what began long before."""

_TYPES: Mapping[ColumnType, Any] = {
    "text": Text,
    "texts": ARRAY(Text),
    "ids": ARRAY(Uuid),
    "whole": BigInteger,
    "number": Numeric,
    "day": Date,
    "flag": Boolean,
    "json": JSON,
    "key": LargeBinary,
}
"""Type of a list's column, as fields call it → the database's."""


def title_key(locale: str | None) -> str:
    """Return the column by which lists are sorted by title.

    Args:
        locale: in which; None: entries are in one language each.
    """
    return "sort_title" if locale is None else f"sort_title_{locale}"


def list_table(metadata: MetaData, kind: Kind) -> Table:
    """Make the table of a kind."""
    name = f"facets_{kind.name}"
    listed = [field for field in kind.fields if field.columns]
    keys = [title_key(None)] if kind.localized else [title_key(one) for one in LANGUAGES]
    columns = (Column(one.name, _TYPES[one.type]) for field in listed for one in field.columns)
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        *([Column("locale", Text, nullable=False)] if kind.localized else ()),
        Column("slug", Text, nullable=False),
        Column("title", Text if kind.localized else JSON, nullable=False),
        *columns,
        *(Column(one, MOMENT, nullable=False) for one in ("published_at", "updated_at")),
        Column("revision", Integer, nullable=False),
        # The title's place by language, in each that it may have; null: it has none.
        *(Column(one, LargeBinary, nullable=not kind.localized) for one in keys),
        Column("sort_position", BigInteger, nullable=False),  # of the publication: decides between equal ones
        Index(f"{name}_published", "published_at", "sort_position"),
        *(Index(f"{name}_{one.removeprefix('sort_')}", one, "sort_position") for one in keys),
        *(
            Index(f"{name}_locale_{end}", "locale", key, "sort_position")  # lists in one language
            for end, key in (("published", "published_at"), ("title", "sort_title"))
            if kind.localized
        ),
        *(index for field in listed for index in _indexes(name, field)),
    )


def _indexes(table: str, field: Field) -> Iterator[Index]:
    """Yield the indexes that the filter of a field and the sort by it need."""
    if isinstance(field, RelationsField):
        return  # the table of relations has the index
    if field.filter and field.COLUMN == "texts":
        yield Index(f"{table}_{field.name}", field.name, postgresql_using="gin")
    elif field.filter in {"any", "flag"}:
        column = field.columns[-1 if field.filter == "flag" else 0].name
        yield Index(f"{table}_{field.name}", column, "published_at", "sort_position")
    elif field.filter == "range":
        yield Index(f"{table}_{field.name}", *dict.fromkeys(field.range_keys))
        if isinstance(field, DateField):
            earliest, latest = field.range_keys
            long = text(f"{latest} > {earliest} + {LONG_DAYS}")
            yield Index(f"{table}_{field.name}_long", earliest, latest, postgresql_where=long)
    if field.sorts:
        yield Index(f"{table}_by_{field.name}", *field.sort_keys, "sort_position")
