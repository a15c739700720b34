"""Entries that the items of a list name: shown, and asked about, only while readers see them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, Uuid, case, cast, literal_column, select

from kit.ids import parse_id

AN_ID: ColumnElement[str] = literal_column("'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'")
"""What the id of an entry looks like where it stands as a text."""


def seen(entry: Table, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what a column says, but null where it names an entry that readers do not see.

    Args:
        entry: the table of entries.
        column: of ids as texts, or "unknown" and "none", which are told as they are.
    """
    named = select(entry.c.id.cast(Text)).where(entry.c.id == cast(column, Uuid), entry.c.title.is_not(None))
    return case((column.op("~", is_comparison=True)(AN_ID), named.scalar_subquery()), else_=column)


def named_as(field: str) -> str:
    """Return under which name a row says whom a field names, seen or not."""
    return f"named_{field}"


def ids(named: Iterable[str | None]) -> list[str]:
    """Return each id once, and nothing that is none."""
    return [str(one) for one in dict.fromkeys(parse_id(text or "") for text in named) if one is not None]
