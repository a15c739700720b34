"""Loads and writes rows set-based: one statement for all rows of a table in a batch."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg
import orjson
from sqlalchemy import ARRAY, Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSON, JSONB

from kit.postgres.connect import Connection, quoted
from projections.projection import RowKey

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

REFUSALS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    OverflowError,
    orjson.JSONEncodeError,
)
"""What is raised when a row does not fit into its table, or no row of it can be named so."""


FEW = 8
"""New rows of which fewer are put in by a statement: a COPY of one costs more than it saves."""


class Shape(NamedTuple):
    """What the statements of a table need to know of it."""

    table: str
    key: tuple[str, ...]
    light: tuple[str, ...]
    """Columns that are loaded and always written."""
    heavy: tuple[str, ...]
    """Columns that are loaded only where they are needed, and written only when a handler has set them."""
    types: Mapping[str, str]
    texts: frozenset[str]
    """Columns that travel as text and are cast by the server: json and arrays."""
    json: frozenset[str]


@cache
def shape(table: Table) -> Shape:
    """Return the shape of a table."""
    columns = list(table.columns)
    return Shape(
        quoted(table.name),
        tuple(column.name for column in table.primary_key),
        tuple(column.name for column in columns if not column.info.get("heavy")),
        tuple(column.name for column in columns if column.info.get("heavy")),
        {column.name: str(column.type.compile(dialect=_DIALECT)) for column in columns},
        frozenset(column.name for column in columns if _as_text(column)),
        frozenset(column.name for column in columns if isinstance(column.type, JSON)),
    )


def _as_text(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON | JSONB | ARRAY)


async def load(
    connection: Connection, schema: str, table: Table, keys: Iterable[RowKey], *, heavy: bool = False
) -> dict[RowKey, dict[str, Any]]:
    """Return the light columns of the rows with these primary keys, or the key and the heavy ones."""
    is_ = shape(table)
    arrays = list(zip(*keys, strict=True))
    if not arrays:
        return {}
    rows = await connection.fetch(_select(schema, table, heavy=heavy), *arrays)
    return {tuple([row[name] for name in is_.key]): dict(row) for row in rows}


ALWAYS = "where true"
"""The condition of a statement that stands alone; in one with others it becomes what they all depend on."""


class Statement(NamedTuple):
    """SQL with its values, made before the transaction that runs it."""

    table: str
    """With its schema: whatever it changes, no other statement beside it does."""
    sql: str
    values: Sequence[Any]


class Copy(NamedTuple):
    """Rows that are not there yet, for COPY: several times faster than statements."""

    schema: str
    table: str
    columns: Sequence[str]
    records: Sequence[Sequence[Any]]


type Write = Statement | Copy


def writes(
    schema: str,
    table: Table,
    changed: Mapping[RowKey, dict[str, Any] | None],
    fresh: AbstractSet[RowKey] = frozenset(),
) -> list[Write]:
    """Return what brings rows of a table to what a batch left them as: deletes, upserts, COPY of what is new.

    Args:
        schema: where the table is.
        table: the table.
        changed: row for each key that was touched; None: removed.
        fresh: keys of rows that were not there before.
    """
    is_ = shape(table)
    found: list[Write] = []
    gone = [key for key, row in changed.items() if row is None]
    if gone:
        found.append(
            Statement(f"{schema}.{table.name}", _delete(schema, table), list(zip(*gone, strict=True)))
        )
    few = len(fresh) < FEW
    added: list[dict[str, Any]] = []
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, row in changed.items():
        if row is None:
            continue
        if key in fresh and not few:
            added.append(row)
        else:
            groups.setdefault(tuple([name for name in is_.heavy if name in row]), []).append(row)
    for heavy, rows in groups.items():
        columns = is_.light + heavy
        one = len(rows) == 1
        values: list[Any] = (
            [_sent(is_, name, rows[0]) for name in columns]
            if one
            else [[_sent(is_, name, row) for row in rows] for name in columns]
        )
        sql = _upsert(schema, table, columns, one=one)
        found.append(Statement(f"{schema}.{table.name}", sql, values))
    if added:
        found.append(copying(schema, table, added))
    return found


def copying(schema: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> Copy:
    """Return what adds rows that are not there."""
    is_ = shape(table)
    columns = is_.light + is_.heavy
    made = [_column(name, rows, json=name in is_.json) for name in columns]
    return Copy(schema, table.name, columns, list(zip(*made, strict=True)))


def _column(name: str, rows: Sequence[Mapping[str, Any]], *, json: bool) -> Sequence[Any]:
    """Return a column of some rows; json as its bytes: COPY, which has the transaction, only puts it in."""
    try:
        column = list(map(itemgetter(name), rows))
    except KeyError:  # what a handler left out is null
        column = [row.get(name) for row in rows]
    return [None if one is None else _json(one).encode() for one in column] if json else column


async def write(connection: Connection, made: Iterable[Write]) -> None:
    """Run what `writes` made, in a transaction."""
    for one in made:
        if isinstance(one, Statement):
            await connection.execute(one.sql, *one.values)
        else:
            await connection.copy_records_to_table(
                one.table, schema_name=one.schema, columns=one.columns, records=one.records
            )


def _sent(is_: Shape, name: str, row: Mapping[str, Any]) -> Any:
    value = row.get(name)
    return value if value is None or name not in is_.texts else encoded(is_.types[name], value)


def encoded(type_: str, value: Any) -> str:
    """Return the text form of a json value, or of an array of texts or of ids."""
    if type_ == "UUID[]":
        return "{" + ",".join(map(str, value)) + "}"
    if type_.endswith("[]"):
        return (
            "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in value) + "}"
        )
    return _json(value)


def _json(value: Any) -> str:
    """Return a value as JSON, in no more room than it needs: the bytes that orjson makes take 1 kB each."""
    return orjson.dumps(value).decode()


@cache
def _select(schema: str, table: Table, *, heavy: bool) -> str:
    is_ = shape(table)
    parts = ", ".join(f"${n}::{is_.types[name]}[]" for n, name in enumerate(is_.key, 1))
    match = " and ".join(f"t.{quoted(name)} = k.{quoted(name)}" for name in is_.key)
    names = ", ".join(map(quoted, is_.key))
    columns = ", ".join("t." + quoted(name) for name in (is_.key + is_.heavy if heavy else is_.light))
    return (
        f"select {columns} from unnest({parts}) as k({names}) join {quoted(schema)}.{is_.table} t on {match}"
    )


@cache
def _upsert(schema: str, table: Table, columns: tuple[str, ...], *, one: bool) -> str:
    """Return the SQL that puts rows in; of one row each column is a value, of several an array.

    Arrays cost both sides more than the row does: what follows the log writes mostly one row of a table.
    """
    is_ = shape(table)
    sent = ["text" if name in is_.texts else is_.types[name] for name in columns]
    given = [f"${n}::{type_}{'' if one else '[]'}" for n, type_ in enumerate(sent, 1)]
    names = given if one else [f"c{n}" for n in range(1, len(columns) + 1)]
    values = ", ".join(f"{value}::{is_.types[name]}" for value, name in zip(names, columns, strict=True))
    rows = "" if one else f" from unnest({', '.join(given)}) as v({', '.join(names)})"
    update = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in columns if name not in is_.key)
    return (
        f"insert into {quoted(schema)}.{is_.table} ({', '.join(map(quoted, columns))}) select {values}{rows}"
        f" {ALWAYS} on conflict ({', '.join(map(quoted, is_.key))})"
        f" {f'do update set {update}' if update else 'do nothing'}"
    )


@cache
def _delete(schema: str, table: Table) -> str:
    is_ = shape(table)
    parts = ", ".join(f"${n}::{is_.types[name]}[]" for n, name in enumerate(is_.key, 1))
    match = " and ".join(f"t.{quoted(name)} = k.{quoted(name)}" for name in is_.key)
    return (
        f"delete from {quoted(schema)}.{is_.table} t"
        f" using unnest({parts}) as k({', '.join(map(quoted, is_.key))}) {ALWAYS} and {match}"
    )
