"""Events that were put aside: which they are, and how an operator lets them in again or passes over one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.codec import Codec
from events.reading import reader_of
from kit.log.lease import Lease, hold, seize
from kit.log.rows import PAGE_BYTES, bounded
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.applying.apply import Applying
from projections.applying.prepare import Batch
from projections.applying.rows import write
from projections.builds.generation import Generation
from projections.engine.follower import BATCH
from projections.projection import Projection
from projections.rebuild.slices import Aborted

HOLDER = "frankenjet parked"

_WAITING = """
select schema, stream, min(position) as position, count(*) as events, min(parked_at) as since,
       (array_agg(error order by position))[1] as error
  from project.parked where schema = any($1) group by schema, stream order by min(position), schema"""

_EVENTS = bounded(
    """log.event where position in (
  select position from project.parked where schema = $1 and stream = $2 and position > $3
   order by position limit $4)""",
    "position",
    "$5",
)

_LEFT = "select count(*) from project.parked where schema = $1 and stream = $2"

_OUT = "delete from project.parked where schema = $1 and stream = $2 and position = any($3)"

_WHY = """
update project.parked p set error = stays.error
  from unnest($3::bigint[], $4::text[]) as stays(position, error)
 where p.schema = $1 and p.stream = $2 and p.position = stays.position"""

_SKIP = """
insert into project.skipped (schema, stream, position, reason, by)
select schema, stream, position, $4, $5 from project.parked
 where schema = $1 and stream = $2 and position = $3
   and position = (select min(position) from project.parked where schema = $1 and stream = $2)
on conflict (schema, stream, position) do update set position = excluded.position returning position"""

_ALSO = """
insert into project.skipped (schema, stream, position, reason, by, skipped_at)
select other.schema, s.stream, s.position, s.reason, s.by, s.skipped_at
  from project.skipped s
  join project.generation g using (schema)
  join project.generation other on other.model = g.model and other.fingerprint = g.fingerprint
 where s.schema = $1 and s.position = $2
on conflict do nothing"""
"""A decision holds for every filling of the read model, also for one that is just being made."""

_PASSED_OVER = """
delete from project.parked p using project.skipped s
 where p.schema = $1 and p.stream = $2
   and s.schema = p.schema and s.stream = p.stream and s.position = p.position"""

_FLOOR = """
insert into project.purged (schema, upto) values ($1, $2)
on conflict (schema) do update set upto = greatest(project.purged.upto, excluded.upto)"""


class Waiting(NamedTuple):
    """An entity whose events wait in the park."""

    schema: str
    stream: UUID
    position: int
    """Of the first of them, which nobody could apply."""
    events: int
    since: datetime
    error: str


class Outcome(NamedTuple):
    """What came of letting the events of one entity in."""

    applied: int
    left: int
    error: str
    """Why the first that is left could not be applied; empty when none is."""


async def waiting(connection: Connection, schemas: Sequence[str]) -> list[Waiting]:
    """Return the entities that are parked in some generations, the longest first."""
    return [Waiting(*row) for row in await connection.fetch(_WAITING, schemas)]


async def retry(
    connection: Connection, codec: Codec, projection: Projection, generation: Generation, stream: UUID
) -> Outcome:
    """Apply the parked events of an entity in their order; from the first that fails on they stay parked.

    Under a term of its own: the copy that leads loses its lease, and learns what has left the park when it
    takes it again. Until the cursor moves on, readers believe no copy of any answer.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        codec: reads the stored events as this build understands them.
        projection: the read model.
        generation: one that is followed.
        stream: the entity.

    Raises:
        Fenced: the lease was lost meanwhile; what was applied until then is complete in itself.
        Aborted: the generation has been dropped.
    """
    async with _led(connection, generation.schema) as lease:
        return await _Drain(connection, codec, projection, stream, lease).run()


async def skip(
    connection: Connection,
    codec: Codec,
    projection: Projection,
    generation: Generation,
    stream: UUID,
    *,
    by: str,
    reason: str,
    position: int,
) -> Outcome | None:
    """Pass over the first parked event of an entity for good, and apply those after it as `retry` does.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        codec: reads the stored events as this build understands them.
        projection: the read model.
        generation: one that is followed.
        stream: the entity.
        by: who decides it.
        reason: why.
        position: of the event that was decided about.

    Returns:
        What came of the others; None when that event is not the first that is parked, and nothing was done.
    """
    schema = generation.schema
    async with _led(connection, schema) as lease:
        async with connection.transaction():
            await hold(connection, lease)
            if not await connection.fetchval(_SKIP, schema, stream, position, reason, by):
                return None
            await connection.execute(_ALSO, schema, position)
        return await _Drain(connection, codec, projection, stream, lease).run()


@asynccontextmanager
async def _led(connection: Connection, schema: str) -> AsyncIterator[Lease]:
    """Lead a read schema in the place of the copy that does."""
    lease = await seize(connection, schema, HOLDER)
    if lease is None:
        raise Aborted(schema)
    try:
        yield lease
    finally:
        await lease.free(connection)


class _Drain:
    """Lets the events of one entity in, batch by batch, each in a transaction that proves the term."""

    def __init__(
        self,
        connection: Connection,
        codec: Codec,
        projection: Projection,
        stream: UUID,
        lease: Lease,
    ) -> None:
        self._connection = connection
        self._schema = lease.name
        self._stream = stream
        self._lease = lease
        self._worker = BesideLoop()
        self._worker.while_working = self._renew
        self._applying = Applying(self._worker, projection, lease.name, BATCH, read=reader_of(codec))

    async def run(self) -> Outcome:
        try:
            return await self._run()
        finally:
            self._worker.close()

    async def _run(self) -> Outcome:
        async with self._connection.transaction():
            await hold(self._connection, self._lease)
            await self._connection.execute(_PASSED_OVER, self._schema, self._stream)
        applied = after = 0
        while rows := await self._page(after):
            while rows:
                await self._renew()  # many short batches take as long as one that is renewed meanwhile
                batch = await self._applying.apply_some(self._connection, rows, self._commit)
                if batch is None:
                    continue
                parked = batch.folded.parked
                applied += len(batch.events) - len(parked)
                if parked:
                    left = await self._connection.fetchval(_LEFT, self._schema, self._stream)
                    return Outcome(applied, left, parked[0].error)
                after, rows = batch.events[-1].position, rows[len(batch.events) :]
        return Outcome(applied, 0, "")

    async def _page(self, after: int) -> Sequence[Any]:
        """Return rows of the next parked events: not all, an entity may have any number of them."""
        rows: Sequence[Any] = await self._connection.fetch(
            _EVENTS, self._schema, self._stream, after, BATCH, PAGE_BYTES
        )
        return rows

    async def _commit(self, batch: Batch) -> None:
        stay = [one.position for one in batch.folded.parked]
        why = [one.error for one in batch.folded.parked]
        out = [one.position for one in batch.events if one.position not in set(stay)]
        async with self._connection.transaction():
            position = await hold(self._connection, self._lease)
            await write(self._connection, batch.writes)
            await self._connection.execute(_OUT, self._schema, self._stream, out)
            await self._connection.execute(_WHY, self._schema, self._stream, stay, why)
            await self._connection.execute(_FLOOR, self._schema, position + 1)

    async def _renew(self) -> None:
        await self._lease.renew(self._connection)
