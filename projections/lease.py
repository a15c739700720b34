"""One active copy of each reader of the log: a lease with a term that fences all it commits."""

import asyncio

from kit.db import AWAY, Connection

SECONDS = 6
"""How long a lease holds without being renewed: a standby takes over within this and its poll."""

LEAVING = 1.0
"""Seconds that a stop waits for the database to take the lease back."""

_TAKE = """
insert into project.lease as held (name, term, holder, until)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (name) do update set term = held.term + 1, holder = excluded.holder, until = excluded.until
 where held.until < clock_timestamp() or held.holder = excluded.holder
returning term"""

_FENCE = """
insert into project.cursor as c (schema, term) values ($1, $2)
on conflict (schema) do update set term = excluded.term where c.term < excluded.term
returning position, event"""

_RENEW = """
update project.lease set until = clock_timestamp() + make_interval(secs => $3)
 where name = $1 and term = $2"""

_FREE = "update project.lease set until = clock_timestamp() where name = $1 and term = $2"


class Fenced(Exception):  # noqa: N818 - the standard term
    """Another copy holds a newer term: whatever this one wanted to commit is not committed."""


MEND = "restore the newer log, or let readers begin anew: `frankenjet resync --forget`"


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


async def take(
    connection: Connection, name: str, holder: str, seconds: float = SECONDS
) -> tuple[int, int] | None:
    """Take the lease of a reader when it is free, and fence its cursor with the new term.

    Returns:
        (term, cursor position), or None while somebody else holds it.
    """
    async with connection.transaction():
        term = await connection.fetchval(_TAKE, name, holder, seconds)
        if term is None:
            return None
        row = await connection.fetchrow(_FENCE, name, term)
        if row is None:
            raise Fenced(name)
        return term, row["position"]


async def renew(connection: Connection, name: str, term: int, seconds: float = SECONDS) -> None:
    """Hold the lease for another while; raises Fenced when it is lost."""
    if await connection.execute(_RENEW, name, term, seconds) != "UPDATE 1":
        raise Fenced(name)


async def free(connection: Connection, name: str, term: int) -> None:
    """Give the lease back at a clean stop, so that a standby need not wait for it to run out."""
    try:
        async with asyncio.timeout(LEAVING):  # the driver's own does not count while a query is given up
            await connection.execute(_FREE, name, term)
    except AWAY:
        return  # it runs out by itself
