"""Rows of lists that a test writes itself, many at once: as the projection writes them, without a log."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from events.base import Recorded
from kit.ids import named_id
from projections.entry.facets import facets
from tests.given.museum import MUSEUM
from tests.read_side.kinds.world import ENTRIES, VIEWS

VIEW = VIEWS["museum"]

EMPTY: Mapping[str, Any] = {one.name: None if one.empty is None else one.sample for one in MUSEUM.fields} | {
    "flagship": "", "halls": [], "title": {"en": "x", "ru": None}
}  # fmt: skip
"""What a museum says of itself that says nothing."""


def id_of(number: int) -> UUID:
    return named_id("museum of a test", str(number))


def listed(number: int, **content: Any) -> dict[str, Any]:
    """Return the row of a museum in the table of lists."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number // 3)
    published: Recorded[Any] = SimpleNamespace(  # type: ignore[assignment]
        at=at, stream=id_of(number), position=number, event=SimpleNamespace(revision=1)
    )
    return facets(VIEW, {"slug": f"s-{number}", "locale": None}, published, {**EMPTY, **content})


def entry(number: int) -> dict[str, Any]:
    """Return the row of a museum in the table of entries, as far as lists look at it."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "id": id_of(number), "kind": "museum", "slug": f"s-{number}", "title": {"en": "x", "ru": None},
        "version": 3, "revision": 1, "draft": "none", "publication": "pinned", "created_at": now,
        "updated_at": now, "position": number, "content": {}, "content_revision": 1,
    }  # fmt: skip


def address(number: int) -> dict[str, Any]:
    return {"kind": "museum", "slug": f"s-{number}", "locale": "", "entry": id_of(number)}


def relation(number: int, place: int, target: int, field: str = "partners") -> dict[str, Any]:
    return {"entry": id_of(number), "number": place, "field": field, "target": id_of(target), "item": {}}


async def write(connection: Any, schema: str, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put rows into a table of a read schema."""
    names = [column.name for column in table.columns]
    records: Iterator[tuple[Any, ...]] = (tuple(row.get(name) for name in names) for row in rows)
    await connection.copy_records_to_table(table.name, schema_name=schema, columns=names, records=records)


TABLES = ENTRIES.tables
