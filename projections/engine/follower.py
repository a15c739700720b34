"""One read schema that follows the log: its lease, its cursor, and what it makes of each page."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import structlog

from events.reading import Item
from kit.health.tasks import Throughput
from kit.log.lease import LEASE_SECONDS, Lease, Rewind, check_lineage
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.applying.apply import Applying
from projections.applying.page_digest import PageDigest
from projections.applying.prepare import Batch
from projections.applying.recent import Recent
from projections.builds.generation import Generation, skipped
from projections.engine.commit import Move, commit
from projections.projection import Projection

log = structlog.get_logger()

BATCH = 1_000
"""Events of one batch at the most; its bytes are bounded by the source, its time by the worker."""

PIECES = 4
"""Batches of one page at the most: while one of them is committed, the next one is prepared."""

LONGEST_PAUSE_SECONDS = 2.0
"""That a model pauses after trouble of its own, such as a full disk."""

type Committed = Callable[[Generation, Iterable[str], int], Awaitable[None]]
"""Told after a commit: the generation, the purge tags and the new cursor position."""

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
        self.lease = Lease(generation.schema, holder, lease)
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
        return self.lease.term

    async def lead(self, connection: Connection) -> bool:
        """Take or renew the lease; tell whether this copy leads."""
        if self.term is not None:
            if await self.lease.still_held(connection):
                return True
            log.warning("projection.fenced", schema=self.schema)
        if time.monotonic() < self._pauses_until:
            return False
        self._recent.forget()
        position = await self.lease.take(connection)
        if position is None:
            return False
        try:
            await check_lineage(connection, self.schema)
        except Rewind as rewound:
            log.error("projection.halted", schema=self.schema, reason=str(rewound))  # noqa: TRY400
            self.pause()
            await self.lease.free(connection)
            return False
        self.position = position
        parked = [row["stream"] for row in await connection.fetch(_PARKED, self.schema)]
        self._applying.leave_out(parked, await skipped(connection, self.schema))
        log.info("projection.leads", model=self.projection.name, schema=self.schema, position=self.position)
        return True

    async def give_up_lease(self, connection: Connection) -> None:
        """Let go of the lease: another copy holds it."""
        log.warning("projection.fenced", schema=self.schema)
        await self.lease.free(connection)

    def connection_lost(self) -> None:
        """Note that the connection is gone, and the lease with it."""
        self.lease.term = None

    async def free_lease(self, connection: Connection) -> None:
        """Give the lease back at a clean stop."""
        await self.lease.free(connection)

    @property
    def can_apply(self) -> bool:
        """Whether this copy leads, and does not pause after trouble."""
        return self.term is not None and time.monotonic() >= self._pauses_until

    def pause(self) -> None:
        """Wait before the next step: for half a second, then twice as long, up to LONGEST_PAUSE_SECONDS."""
        self._pause_seconds = min(max(2 * self._pause_seconds, 0.5), LONGEST_PAUSE_SECONDS)
        self._pauses_until = time.monotonic() + self._pause_seconds

    async def apply_all(self, connection: Connection, events: Sequence[Item], committed: Committed) -> None:
        """Apply events to the last of them, batch by batch; raises Fenced as `commit` does."""
        while events:
            prepared = await self.prepare(connection, events, PageDigest())
            events = events[await self.commit(connection, prepared, committed) :]

    async def prepare(
        self,
        connection: Connection,
        events: Sequence[Item],
        digest: PageDigest,
        over: "Prepared | None" = None,
    ) -> "Prepared":
        """Return what the beginning of some events comes to; nothing is written yet.

        Args:
            connection: in no transaction.
            events: they begin behind the cursor, or behind what is being committed.
            digest: of these events, whichever read models apply them.
            over: what is being committed.
        """
        place = self.position if over is None else over.end
        if events[-1].position - place != len(events):
            raise ValueError("a batch covers every position after the cursor")
        began = time.perf_counter()
        batch = await self._applying.prepare(connection, events, digest, over=over and over.batch)
        return Prepared(self, self.term, batch, time.perf_counter() - began)

    async def commit(self, connection: Connection, prepared: "Prepared", committed: Committed) -> int:
        """Commit what was prepared last; return of how many events, none when a row was refused.

        Rows, parked events, cursor, count, digest and purge tags are written in one transaction.

        Raises:
            Fenced: another copy leads; nothing was written.
        """
        began = time.perf_counter()
        batch = await self._applying.commit(connection, prepared.batch, partial(self._commit, connection))
        if batch is None:
            return 0
        took = prepared.seconds + time.perf_counter() - began
        await self._arrived(prepared._replace(batch=batch, seconds=took), committed)
        return len(batch.events)

    async def committed_with_others(self, prepared: "Prepared", committed: Committed) -> None:
        """Note that what was prepared last is written, in one transaction with that of other read models."""
        self._applying.committed(prepared.batch)
        await self._arrived(prepared, committed)

    def failed(self, prepared: "Prepared") -> None:
        """Note that what was prepared could not be written: the next batch is smaller."""
        self._applying.failed(prepared.batch)

    async def _arrived(self, prepared: "Prepared", committed: Committed) -> None:
        batch = prepared.batch
        self._pause_seconds = 0.0
        self.position = batch.events[-1].position
        self._tally.took(len(batch.events), prepared.seconds)
        if parked := batch.folded.parked:
            log.error("projection.parked", schema=self.schema, events=len(parked), first=parked[0].error)
        await committed(self.generation, batch.folded.tags, self.position)

    async def _commit(self, connection: Connection, batch: Batch) -> None:
        await commit(connection, self.position, [Move(self.schema, self.term, batch)])


class Prepared(NamedTuple):
    """What a follower has made of the beginning of a page, before anything of it is written."""

    follower: Follower
    term: int | None
    """Under which it was made, and can be written."""
    batch: Batch
    seconds: float
    """That it took."""

    @property
    def move(self) -> Move:
        """What is to be committed."""
        return Move(self.follower.schema, self.term, self.batch)

    @property
    def end(self) -> int:
        """Position of the last of its events."""
        return self.batch.events[-1].position
