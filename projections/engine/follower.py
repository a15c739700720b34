"""One read schema that follows the log: its lease, its cursor, and the transaction that moves both."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from uuid import UUID

import structlog

from events.reading import Item
from kit.health.tasks import Tally
from kit.log.digest import MODULUS
from kit.log.lease import SECONDS, Fenced, Lease, Rewind, check_lineage
from kit.postgres.connect import Connection
from kit.running.beside_loop import Worker
from projections.applying.batch import broken_by
from projections.applying.one_statement import as_one
from projections.applying.piece import Piece, Size, piece_of
from projections.applying.recent import Recent
from projections.applying.rows import ALWAYS, REFUSALS, Statement, write
from projections.builds.generation import Generation, put_aside, skipped
from projections.projection import Projection

log = structlog.get_logger()

BATCH = 1_000
"""Events of one batch at the most; its bytes are bounded by the source, its time by the worker."""

HURRY = 500
"""Events of a batch that catches up: a crash may take its commit back, and it is applied again. Smaller ones
are durable before anybody sees them, so that no reader who has seen an event meets the time before it."""

LONGEST_PAUSE = 2.0
"""Seconds that a model rests after trouble of its own, such as a full disk."""

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
        lease: float = SECONDS,
        tally: Tally | None = None,
        worker: Worker | None = None,
    ) -> None:
        self.projection = projection
        self.generation = generation
        self.position = 0
        self._lease = Lease(generation.schema, holder, lease)
        self._tally = tally or Tally()
        self._worker = worker or Worker()
        self._size = Size(BATCH)
        self._pause = 0.0
        self._rests_until = 0.0
        self._parked: frozenset[UUID] = frozenset()
        self._skipped: frozenset[int] = frozenset()
        self._recent = Recent()

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
            try:
                await self._lease.renew(connection)
            except Fenced:
                await self.lose(connection)
            else:
                return True
        if time.monotonic() < self._rests_until:
            return False
        self._recent.forget()
        position = await self._lease.take(connection)
        if position is None:
            return False
        try:
            await check_lineage(connection, self.schema)
        except Rewind as rewound:
            log.error("projection.halted", schema=self.schema, reason=str(rewound))  # noqa: TRY400
            self.rest()
            await self._lease.free(connection)
            return False
        self.position = position
        self._parked = frozenset(row["stream"] for row in await connection.fetch(_PARKED, self.schema))
        self._skipped = await skipped(connection, self.schema)
        log.info("projection.leads", model=self.projection.name, schema=self.schema, position=self.position)
        return True

    async def renew(self, connection: Connection) -> None:
        """Hold the lease, where there is one; who has lost it learns that, and takes it back another time."""
        if self.term is not None:
            try:
                await self._lease.renew(connection)
            except Fenced:
                self.forget()

    async def lose(self, connection: Connection) -> None:
        """Let go of the lease: another copy holds it."""
        log.warning("projection.fenced", schema=self.schema)
        await self._lease.free(connection)

    def forget(self) -> None:
        """Note that the connection is gone, and the lease with it."""
        self._lease.term = None

    async def release(self, connection: Connection) -> None:
        """Give the lease back at a clean stop."""
        await self._lease.free(connection)

    @property
    def at_work(self) -> bool:
        """Whether this copy leads, and does not rest after trouble."""
        return self.term is not None and time.monotonic() >= self._rests_until

    def rest(self) -> None:
        """Wait before the next step: for half a second, then twice as long, up to LONGEST_PAUSE."""
        self._pause = min(max(2 * self._pause, 0.5), LONGEST_PAUSE)
        self._rests_until = time.monotonic() + self._pause

    async def apply(self, connection: Connection, items: Sequence[Item], committed: Committed) -> None:
        """Apply a batch to its end, piece by piece; raises Fenced as `step` does."""
        while items:
            items = items[await self.step(connection, items, committed) :]

    async def step(self, connection: Connection, items: Sequence[Item], committed: Committed) -> int:
        """Apply the beginning of a batch, and return of how many events.

        It is folded first, for as long as a piece may take. Then rows, parked events, cursor, count, digest
        and purge tags are written in one transaction. When the database refuses a row, nothing is applied and
        the next piece is half as long, until the event that it refuses stands alone; that one is parked.

        Raises:
            Fenced: another copy leads; nothing was written.
        """
        began = time.perf_counter()
        if items[-1].position - self.position != len(items):
            raise ValueError("a batch covers every position after the cursor")
        wanted = items[: self._size.now]
        piece = await self._piece(connection, wanted)
        done = len(piece.items)
        self._size.trying(done)
        try:
            await self._store(connection, piece)
        except REFUSALS as error:
            if done > 1:
                return 0
            piece = await self._piece(connection, [broken_by(items[0], error)])
            await self._store(connection, piece)
        self._size.took(done, cut=done < len(wanted))
        self._pause = 0.0
        self.position = piece.items[-1].position
        self._tally.took(done, time.perf_counter() - began)
        if parked := piece.folded.parked:
            self._parked |= {one.stream for one in parked}
            log.error("projection.parked", schema=self.schema, events=len(parked), first=parked[0].error)
        await committed(self.generation, piece.folded.tags, self.position)
        return done

    async def _piece(self, connection: Connection, items: Sequence[Item]) -> Piece:
        return await piece_of(
            connection, self._worker, self.projection, self.schema, items,
            parked=self._parked, passed_over=self._skipped, recent=self._recent,
        )  # fmt: skip

    async def _store(self, connection: Connection, piece: Piece) -> None:
        try:
            await self._write(connection, piece)
        except BaseException:
            self._recent.forget()
            raise
        self._recent.wrote(piece.folded.changed, len(piece.items))

    async def _write(self, connection: Connection, piece: Piece) -> None:
        """Move the cursor over a piece, if this term is the newest, and write what it comes to."""
        last, count = piece.items[-1], len(piece.items)
        step = Statement("cursor", _MOVE, (
            self.schema, self.term, self.position, last.position, count, Decimal(piece.digest), last.id,
        ))  # fmt: skip
        made = list(piece.writes)
        if piece.folded.tags:
            made.append(Statement("purge", _PURGE, (self.schema, last.position, sorted(piece.folded.tags))))
        whole = as_one(step, made) if count < HURRY and not piece.folded.parked else None
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
            await put_aside(connection, self.schema, piece.folded.parked)
