"""Writes what read models at one place have made of a page, in one transaction that proves their terms."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from kit.log.digest import MODULUS
from kit.log.lease import Fenced
from kit.postgres.connect import Connection
from projections.applying.one_statement import as_one
from projections.applying.prepare import Batch
from projections.applying.rows import ALWAYS, Statement, write
from projections.builds.generation import put_aside

HURRY = 500
"""Events of a batch that catches up: a crash may take its commit back, and it is applied again. Smaller ones
are durable before anybody sees them, so that no reader who has seen an event meets the time before it."""

_MOVE = f"""
with held as (
  select c.schema
    from project.cursor c join unnest($1::text[], $2::bigint[]) as mine(schema, term) using (schema)
   where c.term = mine.term and c.position = $3 order by c.schema for update of c)
update project.cursor c
   set position = $4, seen = seen + $5, digest = mod(digest + $6, {MODULUS}), event = $7,
       updated_at = clock_timestamp()
  from held where c.schema = held.schema and (select count(*) from held) = cardinality($1)"""
"""Moves all of these cursors or none. They are locked in the order in which a swap of generations does it."""

_PURGE = f"""
insert into project.purge (schema, position, tags) select $1::text, $2::bigint, $3::text[] {ALWAYS}"""


class Move(NamedTuple):
    """What one read model has made of the events behind its cursor."""

    schema: str
    term: int | None
    batch: Batch


async def commit(connection: Connection, before: int, moves: Sequence[Move]) -> None:
    """Move cursors over the same events and write what these come to, all of it or nothing.

    Args:
        connection: in no transaction.
        before: where each of the cursors stands.
        moves: one for each read model, with the same events and so with the same digest.

    Raises:
        Fenced: one of them has a newer term, or its cursor stands elsewhere; nothing was written.
    """
    schemas, terms = [one.schema for one in moves], [one.term for one in moves]
    events, digest = moves[0].batch.events, moves[0].batch.digest
    last, count = events[-1], len(events)
    step = Statement(
        "cursor", _MOVE, (schemas, terms, before, last.position, count, Decimal(digest), last.id)
    )
    made = [one for move in moves for one in move.batch.writes]
    for schema, _, batch in moves:
        if tags := batch.folded.tags:
            made.append(Statement(f"purge {schema}", _PURGE, (schema, last.position, sorted(tags))))
    parked = any(move.batch.folded.parked for move in moves)
    whole = as_one(step, made) if count < HURRY and not parked else None
    if whole is not None:
        if await connection.execute(whole.sql, *whole.values) != f"SELECT {len(moves)}":
            raise Fenced(", ".join(schemas))
        return
    async with connection.transaction():
        if count >= HURRY:
            await connection.execute("set local synchronous_commit = off")
        if await connection.execute(step.sql, *step.values) != f"UPDATE {len(moves)}":
            raise Fenced(", ".join(schemas))
        await write(connection, made)
        for schema, _, batch in moves:
            await put_aside(connection, schema, batch.folded.parked)
