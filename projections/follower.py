"""One read schema that follows the log: its lease, its cursor, and the transaction that moves both."""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from uuid import UUID

import structlog

from kit.db import Connection
from projections.batch import Folded, by_position, fold, needed
from projections.digest import MODULUS, digest_of
from projections.generation import Generation, put_aside, skipped
from projections.lease import SECONDS, Fenced, Rewind, check_lineage, free, renew, take
from projections.projection import Projection
from projections.refused import broken
from projections.rows import REFUSALS, load, write
from projections.source import Item
from projections.vitals import Tally

log = structlog.get_logger()

HURRY = 500
"""Events of a batch that catches up: a crash may take its commit back, and it is applied again. Smaller ones
are durable before anybody sees them, so that no reader who has seen an event meets the time before it."""

type Committed = Callable[[Generation, Iterable[str], int], Awaitable[None]]
"""Told after a commit: the generation, the purge tags and the new cursor position."""

_MOVE = f"""
update project.cursor
   set position = $4, seen = seen + $5, digest = mod(digest + $6, {MODULUS}), event = $7,
       updated_at = clock_timestamp()
 where schema = $1 and term = $2 and position = $3"""

_PURGE = "insert into project.purge (schema, position, tags) values ($1, $2, $3)"

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
    ) -> None:
        self.projection = projection
        self.generation = generation
        self.position = 0
        self.term: int | None = None
        """None while somebody else leads."""
        self._holder = holder
        self._lease = lease
        self._tally = tally or Tally()
        self._parked: frozenset[UUID] = frozenset()
        self._skipped: frozenset[int] = frozenset()

    @property
    def schema(self) -> str:
        return self.generation.schema

    async def lead(self, connection: Connection) -> bool:
        """Take or renew the lease; tell whether this copy leads."""
        if self.term is not None:
            try:
                await renew(connection, self.schema, self.term, self._lease)
            except Fenced:
                self.lose()
            else:
                return True
        taken = await take(connection, self.schema, self._holder, self._lease)
        if taken is None:
            return False
        try:
            await check_lineage(connection, self.schema)
        except Rewind as rewound:
            log.error("projection.halted", schema=self.schema, reason=str(rewound))  # noqa: TRY400
            await free(connection, self.schema, taken[0])
            return False
        self.term, self.position = taken
        self._parked = frozenset(row["stream"] for row in await connection.fetch(_PARKED, self.schema))
        self._skipped = await skipped(connection, self.schema)
        log.info("projection.leads", model=self.projection.name, schema=self.schema, position=self.position)
        return True

    def lose(self) -> None:
        """Forget the lease: another copy holds it."""
        log.warning("projection.fenced", schema=self.schema)
        self.term = None

    async def release(self, connection: Connection) -> None:
        """Give the lease back at a clean stop."""
        if self.term is not None:
            await free(connection, self.schema, self.term)
            self.term = None

    async def apply(self, connection: Connection, items: Sequence[Item], committed: Committed) -> None:
        """Apply a batch: rows, parked events, cursor, count, digest and purge tags in one transaction.

        When the database refuses a row, the batch is halved until the event that it refuses stands alone;
        that one is parked and the rest goes on.

        Raises:
            Fenced: another copy leads; nothing was written.
        """
        try:
            await self._apply(connection, items, committed)
        except REFUSALS as error:
            if len(items) == 1:
                await self._apply(connection, [broken(items[0], error)], committed)
                return
            middle = len(items) // 2
            await self.apply(connection, items[:middle], committed)
            await self.apply(connection, items[middle:], committed)

    async def _apply(self, connection: Connection, items: Sequence[Item], committed: Committed) -> None:
        began = time.perf_counter()
        async with connection.transaction():
            if len(items) >= HURRY:
                await connection.execute("set local synchronous_commit = off")
            await self._move(connection, items)
            applied = [one for one in items if one.position not in self._skipped]
            loaded = {
                table: await load(connection, self.schema, table, keys)
                for table, keys in needed(self.projection, applied).items()
            }
            folded = fold(self.projection, applied, loaded, self._parked)
            await self._store(connection, folded, items[-1].position)
        self.position = items[-1].position
        self._tally.took(len(items), time.perf_counter() - began)
        if folded.parked:
            self._parked |= {parked.stream for parked in folded.parked}
            log.error(
                "projection.parked",
                schema=self.schema,
                events=len(folded.parked),
                first=folded.parked[0].error,
            )
        await committed(self.generation, folded.tags, self.position)

    async def _move(self, connection: Connection, items: Sequence[Item]) -> None:
        """Move the cursor over the batch, if this term is the newest and nothing is left out."""
        last = items[-1]
        if last.position - self.position != len(items):
            raise ValueError("a batch covers every position after the cursor")
        digest = Decimal(digest_of(by_position(items)))
        moved = await connection.execute(
            _MOVE, self.schema, self.term, self.position, last.position, len(items), digest, last.id
        )
        if moved != "UPDATE 1":
            raise Fenced(self.schema)

    async def _store(self, connection: Connection, folded: Folded, position: int) -> None:
        for table, changed in folded.changed.items():
            if changed:
                await write(connection, self.schema, table, changed, folded.fresh[table])
        await put_aside(connection, self.schema, folded.parked)
        if folded.tags:
            await connection.execute(_PURGE, self.schema, position, sorted(folded.tags))
