"""Where read models live: a schema for each model, fingerprint and generation, made by the engine."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from kit.postgres.connect import READER, Connection, quoted
from projections.projection import Projection

State = Literal["filling", "following", "current", "old"]

_KNOWN = """
select g.model, g.fingerprint, g.generation, g.schema, g.state
  from unnest($1::text[], $2::text[]) with ordinality wanted (model, fingerprint, place)
  join project.generation g using (model, fingerprint) order by wanted.place, g.generation desc"""

_ONE = """
select model, fingerprint, generation, schema, state from project.generation where schema = $1 for update"""

_NOT_WHOLE = """
select distinct schema from unnest($1::text[], $2::text[]) made (schema, name)
 where to_regclass(format('%I.%I', schema, name)) is null"""

_ADD = """
insert into project.generation (model, fingerprint, generation, schema, state) values ($1, $2, $3, $4, $5)"""

_INHERIT = """
insert into project.skipped (schema, stream, position, reason, by, skipped_at)
select $1, s.stream, s.position, s.reason, s.by, s.skipped_at
  from project.skipped s join project.generation g using (schema)
 where g.model = $2 and g.fingerprint = $3 and g.state = 'current'"""
"""What an operator has skipped stays skipped when the same build fills its tables once more."""

_LOCKS = (
    "select from project.lease where name = $1 for update",
    "select from project.cursor where schema = $1 for update",
)

_KNOWN_BY = {
    "lease": "name",
    **dict.fromkeys(("cursor", "generation", "slice", "parked", "skipped", "purge", "purged"), "schema"),
}
"""Tables that hold what is known of a generation → the column that names it."""

_FILL = "select pg_advisory_lock_shared(726573, hashtext($1))"

_FILLED = "select not pg_try_advisory_xact_lock(726573, hashtext($1))"

_SKIPPED = "select position from project.skipped where schema = $1"

_CURSOR = "insert into project.cursor (schema) values ($1) on conflict do nothing"


class Generation(NamedTuple):
    """One filling of a read model."""

    model: str
    fingerprint: str
    generation: int
    schema: str
    state: State


def schema_name(model: str, fingerprint: str, generation: int) -> str:
    """Return the schema of a generation: read_<model>_<fingerprint>_<generation>."""
    return f"read_{model}_{fingerprint}_{generation}"


async def generations(connection: Connection, model: str, fingerprint: str) -> list[Generation]:
    """Return the generations of a model as this build makes it, newest first."""
    return await generations_of(connection, [(model, fingerprint)])


async def generations_of(connection: Connection, wanted: Sequence[tuple[str, str]]) -> list[Generation]:
    """Return the generations of models, each a name and a fingerprint; in their order, newest first."""
    models, fingerprints = zip(*wanted, strict=True) if wanted else ((), ())
    return [Generation(*row) for row in await connection.fetch(_KNOWN, models, fingerprints)]


async def make(
    connection: Connection,
    projection: Projection,
    fingerprint: str,
    *,
    generation: int,
    state: State,
    indexed: bool,
) -> Generation:
    """Create the schema and the tables of a generation, with its cursor at 0.

    Args:
        connection: acts as frankenjet_project, in no transaction; fills what is made, see `fills`.
        projection: whose tables are made.
        fingerprint: of this projection in this build.
        generation: number of the filling, from 1.
        state: "current" to be served at once, "filling" to be served later.
        indexed: whether secondary indexes are made now or by `add_indexes`, which is faster for many rows.
    """
    schema = schema_name(projection.name, fingerprint, generation)
    await fills(connection, schema)
    async with connection.transaction():
        await connection.execute("select project.make_schema($1)", schema)
        await connection.execute(f"set local search_path = {quoted(schema)}")
        for table in projection.tables:
            await connection.execute(str(CreateTable(table).compile(dialect=_DIALECT)))
            if indexed:
                await add_indexes(connection, table)
        await connection.execute(f"grant usage on schema {quoted(schema)} to {READER}")
        await connection.execute(f"grant select on all tables in schema {quoted(schema)} to {READER}")
        await connection.execute(_CURSOR, schema)
        await connection.execute(_ADD, projection.name, fingerprint, generation, schema, state)
        await connection.execute(_INHERIT, schema, projection.name, fingerprint)
    return Generation(projection.name, fingerprint, generation, schema, state)


async def fills(connection: Connection, schema: str) -> None:
    """Say that somebody is at work on a generation, for as long as this connection lives."""
    await connection.execute(_FILL, schema)


async def is_filled(connection: Connection, schema: str) -> bool:
    """Tell whether somebody else is at work on a generation; in a transaction nobody begins meanwhile."""
    return bool(await connection.fetchval(_FILLED, schema))


async def skipped(connection: Connection, schema: str) -> frozenset[int]:
    """Return the positions of the events that this generation passes over, by an operator's decision."""
    return frozenset(row["position"] for row in await connection.fetch(_SKIPPED, schema))


async def add_indexes(connection: Connection, table: Table) -> None:
    """Create the secondary indexes that a table in the schema of the search path lacks."""
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        await connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT)))


type Still = Callable[[Connection, Generation], Awaitable[bool]]
"""Decides about a generation as it is under the locks of the transaction that asks."""


async def always(_connection: Connection, _generation: Generation) -> bool:
    """Decide for it, whatever has happened meanwhile."""
    return True


async def drop(connection: Connection, generation: Generation, still: Still = always) -> bool:
    """Remove a generation with all that the engine knows of it.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        generation: as the caller saw it.
        still: whether it is to be dropped as it is now; asked once nobody can change it any more.

    Returns:
        False when it is not there any more, or `still` says no: nothing has happened.
    """
    schema = generation.schema
    async with connection.transaction():
        # In the order of those who are at work: a lease is taken and then its cursor fenced; tables are
        # written once the cursor is locked, or the slice. Any other order may end in a deadlock with them.
        for lock in _LOCKS:
            await connection.execute(lock, schema)
        row = await connection.fetchrow(_ONE, schema)
        if row is None or not await still(connection, Generation(*row)):
            return False
        for table, column in _KNOWN_BY.items():
            await connection.execute(f"delete from project.{quoted(table)} where {column} = $1", schema)
        await connection.execute(f"drop schema if exists {quoted(schema)} cascade")
    return True


async def not_whole(connection: Connection, made: Iterable[tuple[Projection, str]]) -> set[str]:
    """Return the schemas of generations, each a read model and a schema, of which a table is not there."""
    tables = [(schema, table.name) for projection, schema in made for table in projection.tables]
    schemas, names = zip(*tables, strict=True) if tables else ((), ())
    return {row["schema"] for row in await connection.fetch(_NOT_WHOLE, schemas, names)}


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

_PARK = """
insert into project.parked (schema, stream, position, error)
select $1, * from unnest($2::uuid[], $3::bigint[], $4::text[]) on conflict do nothing"""


async def put_aside(connection: Connection, schema: str, parked: Sequence[tuple[UUID, int, str]]) -> None:
    """Park events of a generation: (stream, position, why) of each."""
    if parked:
        streams, positions, errors = zip(*parked, strict=True)
        await connection.execute(_PARK, schema, streams, positions, errors)
