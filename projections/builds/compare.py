"""Compares two generations of a read model: they are equal at one position, or these rows differ."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Table

from kit.postgres.connect import Connection, quoted
from projections.builds.generation import Generation
from projections.projection import Projection

SHOWN = 20
"""Keys of differing rows that are named."""

_CURSORS = "select position, seen, digest from project.cursor where schema = any($1) order by schema"


class Difference(NamedTuple):
    """Rows of one table that are not the same in both generations."""

    table: str
    rows: int
    keys: tuple[str, ...]
    """Primary keys of the first of them."""


class Comparison(NamedTuple):
    """What was found in one snapshot of the database."""

    same_place: bool
    """Both have seen the same events: same position, count and digest."""
    differences: tuple[Difference, ...]


async def compare(
    connection: Connection, projection: Projection, one: Generation, other: Generation
) -> Comparison:
    """Compare every row of every table of two generations.

    Args:
        connection: in no transaction; acts as frankenjet_project without a statement time-out.
        projection: whose tables they are.
        one: a generation.
        other: another one.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        places = await connection.fetch(_CURSORS, [one.schema, other.schema])
        if len(places) != 2 or tuple(places[0]) != tuple(places[1]):  # noqa: PLR2004 - one of each
            return Comparison(same_place=False, differences=())
        found = [await _table(connection, table, one.schema, other.schema) for table in projection.tables]
    return Comparison(same_place=True, differences=tuple(one for one in found if one.rows))


async def _table(connection: Connection, table: Table, one: str, other: str) -> Difference:
    keys = [column.name for column in table.primary_key]
    names = ", ".join(map(quoted, keys))
    rows = await connection.fetch(
        f"select concat_ws('/', {names}) as key, count(*) over () as total from {_hashed(table, keys, one)} a"
        f" full join {_hashed(table, keys, other)} b using ({names})"
        f" where a.hash is distinct from b.hash order by 1 limit {SHOWN}"
    )
    return Difference(table.name, rows[0]["total"] if rows else 0, tuple(row["key"] for row in rows))


def _hashed(table: Table, keys: Sequence[str], schema: str) -> str:
    columns = ", ".join(quoted(column.name) for column in table.columns)
    return (
        f"(select {', '.join(map(quoted, keys))}, md5(row({columns})::text) as hash"
        f" from {quoted(schema)}.{quoted(table.name)})"
    )
