"""One read schema that follows the log: its lease, its cursor, and the transaction that moves both."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial

import structlog

from events.reading import Item
from kit.health.tasks import Throughput
from kit.log.digest import MODULUS
from kit.log.lease import LEASE_SECONDS, Fenced, Lease, Rewind, check_lineage
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.applying.apply import Applying, Batch
from projections.applying.one_statement import as_one
from projections.applying.recent import Recent
from projections.applying.rows import ALWAYS, Statement, write
from projections.builds.generation import Generation, put_aside, skipped
from projections.projection import Projection

log = structlog.get_logger()

BATCH = 1_000
"""Events of one batch at the most; its bytes are bounded by the source, its time by the worker."""

HURRY = 500
"""Events of a batch that catches up: a crash may take its commit back, and it is applied again. Smaller ones
are durable before anybody sees them, so that no reader who has seen an event meets the time before it."""

LONGEST_PAUSE_SECONDS = 2.0
"""That a model pauses after trouble of its own, such as a full disk."""

type Committed = Callable[[Generation, Iterable[str], int], Awaitable[None]]
"""Told after a commit: the generation, the purge tags and the new cursor position."""

_MOVE = f"""
update project.cursor
   set position = $4, seen = seen + $5, digest = mod(digest + $6, {MODULUS}), event = $7,
       updated_at = clock_timestamp()
 where schema = $1 and term = $2 and position = $3"""

_PURGE = f"""
insert into project.purge (schema, position, tags) select $1::text, $2::bigint, $3::text[] {ALWAYS}"""

_PARKED = "select distinct stream from project.parked where schema = $1"


class Follower:
    """Applies events to one generation of a read model, fenced by the term of its lease."""

    def __init__(
        self,
        projection: Projection,
        generation: Generation,
        holder: str,
        lease: float = LEASE_SECONDS,
        tally: Throughput | None = None,
        worker: BesideLoop | None = None,
    ) -> None:
        self.projection = projection
        self.generation = generation
        self.position = 0
        self._lease = Lease(generation.schema, holder, lease)
        self._tally = tally or Throughput()
        self._worker = worker or BesideLoop()
        self._recent = Recent()
        self._applying = Applying(self._worker, projection, generation.schema, BATCH, recent=self._recent)
        self._pause_seconds = 0.0
        self._pauses_until = 0.0

    @property
    def schema(self) -> str:
        return self.generation.schema

    @property
    def term(self) -> int | None:
        """None while somebody else leads."""
        return self._lease.term

    async def lead(self, connection: Connection) -> bool:
        """Take or renew the lease; tell whether this copy leads."""
        if self.term is not None:
            if await self._lease.still_held(connection):
                return True
            log.warning("projection.fenced", schema=self.schema)
        if time.monotonic() < self._pauses_until:
            return False
        self._recent.forget()
        position = await self._lease.take(connection)
        if position is None:
            return False
        try:
            await check_lineage(connection, self.schema)
        except Rewind as rewound:
            log.error("projection.halted", schema=self.schema, reason=str(rewound))  # noqa: TRY400
            self.pause()
            await self._lease.free(connection)
            return False
        self.position = position
        self._applying.parked = frozenset(
            row["stream"] for row in await connection.fetch(_PARKED, self.schema)
        )
        self._applying.skipped = await skipped(connection, self.schema)
        log.info("projection.leads", model=self.projection.name, schema=self.schema, position=self.position)
        return True

    async def renew(self, connection: Connection) -> None:
        """Hold the lease, where there is one; who has lost it learns that, and takes it back another time."""
        await self._lease.still_held(connection)

    async def give_up_lease(self, connection: Connection) -> None:
        """Let go of the lease: another copy holds it."""
        log.warning("projection.fenced", schema=self.schema)
        await self._lease.free(connection)

    def connection_lost(self) -> None:
        """Note that the connection is gone, and the lease with it."""
        self._lease.term = None

    async def free_lease(self, connection: Connection) -> None:
        """Give the lease back at a clean stop."""
        await self._lease.free(connection)

    @property
    def can_apply(self) -> bool:
        """Whether this copy leads, and does not pause after trouble."""
        return self.term is not None and time.monotonic() >= self._pauses_until

    def pause(self) -> None:
        """Wait before the next step: for half a second, then twice as long, up to LONGEST_PAUSE_SECONDS."""
        self._pause_seconds = min(max(2 * self._pause_seconds, 0.5), LONGEST_PAUSE_SECONDS)
        self._pauses_until = time.monotonic() + self._pause_seconds

    async def apply_all(self, connection: Connection, events: Sequence[Item], committed: Committed) -> None:
        """Apply events to the last of them, batch by batch; raises Fenced as `apply_some` does."""
        while events:
            events = events[await self.apply_some(connection, events, committed) :]

    async def apply_some(self, connection: Connection, events: Sequence[Item], committed: Committed) -> int:
        """Apply the beginning of some events, and return of how many; none when a row was refused.

        Rows, parked events, cursor, count, digest and purge tags are written in one transaction.

        Raises:
            Fenced: another copy leads; nothing was written.
        """
        began = time.perf_counter()
        if events[-1].position - self.position != len(events):
            raise ValueError("a batch covers every position after the cursor")
        batch = await self._applying.apply_some(connection, events, partial(self._commit, connection))
        if batch is None:
            return 0
        done = len(batch.events)
        self._pause_seconds = 0.0
        self.position = batch.events[-1].position
        self._tally.took(done, time.perf_counter() - began)
        if parked := batch.folded.parked:
            log.error("projection.parked", schema=self.schema, events=len(parked), first=parked[0].error)
        await committed(self.generation, batch.folded.tags, self.position)
        return done

    async def _commit(self, connection: Connection, batch: Batch) -> None:
        """Move the cursor over a batch, if this term is the newest, and write what it comes to."""
        last, count = batch.events[-1], len(batch.events)
        step = Statement("cursor", _MOVE, (
            self.schema, self.term, self.position, last.position, count, Decimal(batch.digest), last.id,
        ))  # fmt: skip
        made = list(batch.writes)
        if batch.folded.tags:
            made.append(Statement("purge", _PURGE, (self.schema, last.position, sorted(batch.folded.tags))))
        whole = as_one(step, made) if count < HURRY and not batch.folded.parked else None
        if whole is not None:
            if await connection.execute(whole.sql, *whole.values) != "SELECT 1":
                raise Fenced(self.schema)
            return
        async with connection.transaction():
            if count >= HURRY:
                await connection.execute("set local synchronous_commit = off")
            if await connection.execute(step.sql, *step.values) != "UPDATE 1":
                raise Fenced(self.schema)
            await write(connection, made)
            await put_aside(connection, self.schema, batch.folded.parked)
