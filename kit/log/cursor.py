"""The cursor of a reader that keeps no tables, such as the forwarder: leased, fenced, in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, Self
from uuid import UUID

from kit.log.lease import LEASE_SECONDS, Fenced, Lease, Rewind, check_lineage
from kit.log.line import Line
from kit.postgres.connect import Connection
from kit.postgres.server_watch import answered_within

_SAVE = """
update project.cursor c
   set position = $3, seen = seen + ($3 - position), updated_at = clock_timestamp(),
       event = (select e.id from log.event e where e.position = $3)
  from log.identity i
 where c.schema = $1 and c.term = $2 and c.position <= $3
returning i.id, c.position, c.event"""

_LACKS = """
select i.id = $1 and not exists (select from log.event where position = $2 and id = $3)
  from log.identity i"""

_STAND = """
update project.cursor set position = $3, seen = $3, event = $4, updated_at = clock_timestamp()
 where schema = $1 and term = $2"""


ANSWER_SECONDS = 3.0
"""That each answer may take: a server that is gone without a word never says so itself."""


class Seen(NamedTuple):
    """An event that a reader has made something of outside the database."""

    log: UUID
    position: int
    event: UUID


class LeaderCursor:
    """Position of the one active copy of a reader, on one connection: when that is lost, so is the lease.

    A database that is another one by now may know of less than this reader has seen; so one that begins
    again says what that was.

    Args:
        dsn: address of the database.
        name: the reader, as `frankenjet status` shows it.
        holder: this process.
        seen: the last event that this process has moved over, if it was the active copy before.
        seconds: how long another copy may be silent before this one takes its place.
        line: the connection, where several readers share one; None: one of its own.
    """

    def __init__(
        self,
        dsn: str,
        name: str,
        holder: str,
        seen: Seen | None = None,
        *,
        seconds: float = LEASE_SECONDS,
        line: Line | None = None,
    ) -> None:
        self._name = name
        self._lease = Lease(name, holder, seconds)
        self._line = line or Line(dsn, name)
        self._shared = line is not None
        self._connection: Connection = None
        self.seen = seen

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._connection is not None and not self._connection.is_closed():
            async with self._line.lent() as connection:
                if connection is self._connection:
                    await self._lease.free(connection)
        if not self._shared:
            await self._line.__aexit__(*error)

    async def lead(self) -> bool:
        """Take or renew the lease; tell whether this copy is the active one.

        Raises:
            Rewind: the log does not hold what this reader has seen.
        """
        async with self.connection() as connection:
            if self._lease.term is not None:
                return await self._lease.still_held(connection)
            position = await self._lease.take(connection, begins=True)
            if position is None:
                return False
            if self.seen is not None and self.seen.position > position:
                await self._compare(connection, self.seen)
            await check_lineage(connection, self._name)
            return True

    async def load(self) -> int:
        """Return the saved position; 0 before the first event."""
        async with self.connection() as connection:
            position = await connection.fetchval(
                "select position from project.cursor where schema = $1", self._name
            )
            return position or 0

    async def save(self, position: int) -> None:
        """Move forward to a position; raises Fenced when another copy is the active one."""
        async with self.connection() as connection:
            row = await connection.fetchrow(_SAVE, self._name, self._lease.term, position)
            if row is None:
                await self._lease.free(connection)
                raise Fenced(self._name)
            self.seen = Seen(*row)

    async def compare(self, seen: Seen) -> None:
        """Compare an event that this reader left traces of elsewhere with the log.

        Raises:
            Rewind: the log does not hold it; the cursor stands there now, for everybody to see.
        """
        async with self.connection() as connection:
            await self._compare(connection, seen)

    async def _compare(self, connection: Connection, seen: Seen) -> None:
        if await connection.fetchval(_LACKS, *seen):
            if await connection.execute(_STAND, self._name, self._lease.term, *seen[1:]) != "UPDATE 1":
                raise Fenced(self._name)
            raise Rewind(self._name)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend the connection to one at a time; when it says nothing it is closed.

        What a reader asks over it delays the renewal of its lease, and has to be short.
        """
        if self._connection is not None and self._connection.is_closed():
            raise self._lost()
        async with self._line.lent() as connection:
            if self._connection is None:
                self._connection = connection
            if connection is not self._connection:  # the lease ended with the session that took it
                raise self._lost()
            with answered_within(ANSWER_SECONDS, connection.terminate):
                yield connection

    def _lost(self) -> ConnectionError:
        return ConnectionError(f"the connection of {self._name} was lost")
