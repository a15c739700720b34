"""One active copy of each reader of the log: a lease of its session, with a term that fences its commits."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from kit.postgres.connect import AWAY, Connection

LEASE_SECONDS = 6
"""How long a copy may be silent: a standby that has seen no sign of it for so long takes over. When its
session has ended, that takes no longer than the next look."""

STANDBY_LOOK_SECONDS = 0.5
"""Seconds between two looks of a copy that does not lead."""

RENEWALS = 3
"""How often a lease is renewed within the seconds that it may be silent."""

FREE_SECONDS = 1.0
"""That a stop waits for the database to take the lease back."""


def _key(name: str, term: str) -> str:
    return f"hashtextextended('frankenjet lease ' || {name} || ' ' || {term}, 0)"


HELD = f"""
exists (select from pg_locks k
         where k.locktype = 'advisory' and k.objsubid = 1 and k.granted
           and k.database = (select oid from pg_database where datname = current_database())
           and (k.classid::bigint << 32 | k.objid::bigint) = {_key("l.name", "l.term")})"""
"""SQL: whether the session that took the lease l is there. A term is locked by the session that has it, and
by no other one ever."""

LED = f"""
(l.until between clock_timestamp() and clock_timestamp() + interval '{2 * LEASE_SECONDS} s' and {HELD})"""
"""SQL: whether somebody leads by the lease l, and says so. A step of the clock bends it until the next
renewal; it is shown, and nobody takes or loses a lease by it."""

_LOOK = f"""
select l.term, l.until, l.holder, pg_try_advisory_xact_lock({_key("l.name", "l.term")}) as free
  from project.lease l where l.name = $1"""

_FIRST = """
insert into project.lease (name, term, holder, until)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3)) on conflict do nothing returning term"""

_TAKE = """
update project.lease set term = term + 1, holder = $2, until = clock_timestamp() + make_interval(secs => $3)
 where name = $1 and term = $4 and until = $5 returning term"""

_SEIZE = """
insert into project.lease as held (name, term, holder, until)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (name) do update set term = held.term + 1, holder = excluded.holder, until = excluded.until
returning term"""

_CURSOR = "insert into project.cursor (schema) values ($1) on conflict do nothing"

_FENCE = """
update project.cursor set term = greatest(term + 1, $2) where schema = $1 returning term, position"""

_LOCK = f"""
with mine as (update project.lease l set term = $2 where l.name = $1 returning l.name, l.term)
select pg_advisory_lock({_key("name", "term")}) from mine"""

_RENEW = """
update project.lease l set until = clock_timestamp() + make_interval(secs => ours.seconds)
  from unnest($1::text[], $2::bigint[], $3::float8[]) ours (name, term, seconds)
 where l.name = ours.name and l.term = ours.term returning l.name"""

_FREE = f"""
with mine as (
  update project.lease set until = clock_timestamp() where name = $1 and term = $2 returning term)
select pg_advisory_unlock({_key("$1::text", "$2::bigint")}), (select term from mine)"""

_HOLD = "select position from project.cursor where schema = $1 and term = $2 for update"


class Fenced(Exception):  # noqa: N818 - the standard term
    """Another copy holds a newer term: whatever this one wanted to commit is not committed."""


MEND = "restore the newer log, or let readers start again: `frankenjet resync --forget`"


class Rewind(Exception):  # noqa: N818 - a state of the log
    """EPOCH_REWIND: the log does not hold what a reader has seen, as after a restore."""

    def __init__(self, reader: str) -> None:
        super().__init__(f"EPOCH_REWIND: the log does not hold what {reader} has seen; {MEND}")


_SAME_LOG = """
select c.position = 0 or (e.id is not null and (c.event is null or c.event = e.id))
  from project.cursor c left join log.event e on e.position = c.position where c.schema = $1"""


async def check_lineage(connection: Connection, name: str) -> None:
    """Compare the event at a reader's cursor with the log; equal: a new epoch is adopted.

    Raises:
        Rewind: the log has another event there, or none.
    """
    if await connection.fetchval(_SAME_LOG, name) is False:
        raise Rewind(name)


class Lease:
    """The lease of one reader, as one copy sees it. It lives and ends with the connection that took it.

    Args:
        name: the reader.
        holder: this copy.
        seconds: how long another copy may be silent before this one takes its place, by this one's own clock.
        clock: seconds that only grow.

    Attributes:
        term: None while somebody else leads.
    """

    def __init__(
        self,
        name: str,
        holder: str,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.term: int | None = None
        self._holder = holder
        self.seconds = seconds
        self._clock = clock
        self._seen: Any = None
        self._since = 0.0

    async def take(self, connection: Connection, *, begins: bool = False) -> int | None:
        """Take the lease when its holder has gone, or has been silent for too long; fence the cursor.

        Args:
            connection: in no transaction; must not hold this lease already.
            begins: whether a reader without a cursor gets one, at position 0.

        Returns:
            The cursor's position; None while somebody else leads, or when there is no such reader.
        """
        found = await connection.fetchrow(_LOOK, self.name)
        if found is not None and not self._may_take(*found):
            return None
        try:
            async with connection.transaction():
                if found is None:
                    term = await connection.fetchval(_FIRST, self.name, self._holder, self.seconds)
                else:
                    term = await connection.fetchval(
                        _TAKE, self.name, self._holder, self.seconds, found["term"], found["until"]
                    )
                if term is None:  # somebody was quicker, or has shown himself
                    return None
                if begins:
                    await connection.execute(_CURSOR, self.name)
                self.term, position = await _fence(connection, self.name, term)
        except LookupError:
            return None
        self._seen = None
        return position

    def _may_take(self, term: int, until: Any, holder: str, free: bool) -> bool:  # noqa: FBT001 - a row
        if free or holder == self._holder:
            return True
        if self._seen != (term, until):
            self._seen, self._since = (term, until), self._clock()
        return self._clock() - self._since > self.seconds

    async def renew(self, connection: Connection) -> None:
        """Show that this copy is there; raises Fenced when it does not lead any more."""
        if not await renew_all(connection, [self]):
            raise Fenced(self.name)

    async def still_held(self, connection: Connection) -> bool:
        """Show that this copy is there, if it leads; one that has lost the lease lets go of it."""
        if self.term is None:
            return False
        try:
            await self.renew(connection)
        except Fenced:
            await self.free(connection)
            return False
        return True

    async def free(self, connection: Connection) -> None:
        """Give the lease back, so that nobody waits; when the server is away, it ends with the session."""
        term, self.term = self.term, None
        if term is not None:
            with suppress(*AWAY):
                async with asyncio.timeout(FREE_SECONDS):  # the driver's does not count while it gives up
                    await connection.fetchrow(_FREE, self.name, term)


async def renew_all(connection: Connection, leases: Sequence[Lease]) -> set[str]:
    """Show that this copy is there, in one statement; return the names of those leases that it still has."""
    wanted = [(one.name, one.term, one.seconds) for one in leases if one.term is not None]
    if not wanted:
        return set()
    names, terms, seconds = zip(*wanted, strict=True)
    return {row["name"] for row in await connection.fetch(_RENEW, names, terms, seconds)}


async def seize(connection: Connection, name: str, holder: str) -> Lease | None:
    """Take a reader's lease from the copy that has it; None when there is no such reader."""
    lease = Lease(name, holder)
    try:
        async with connection.transaction():
            term = await connection.fetchval(_SEIZE, name, holder, LEASE_SECONDS)
            lease.term, _ = await _fence(connection, name, term)
    except LookupError:
        return None
    return lease


async def hold(connection: Connection, lease: Lease) -> int:
    """Keep others from the cursor of a reader until the transaction ends; return its position.

    Raises:
        Fenced: another copy leads.
    """
    position: int | None = await connection.fetchval(_HOLD, lease.name, lease.term)
    if position is None:
        raise Fenced(lease.name)
    return position


async def _fence(connection: Connection, name: str, term: int) -> tuple[int, int]:
    """Give the cursor a term that it never had, and lock it for this session; return it and the position.

    Raises:
        LookupError: there is no such cursor; nothing has happened.
    """
    row = await connection.fetchrow(_FENCE, name, term)
    if row is None:
        raise LookupError(name)
    await connection.execute(_LOCK, name, row["term"])
    return row["term"], row["position"]
