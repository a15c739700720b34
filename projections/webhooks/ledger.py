"""Reads and marks the rows of endpoints, over the one connection by which this copy leads.

A copy that has lost it has lost the lead, and can mark nothing any more. What was delivered and not marked is
sent again, with the same id.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from kit.postgres.connect import Connection
from kit.postgres.server_watch import answered_within
from projections.webhooks.endpoint import Endpoint
from projections.webhooks.figures import STATES

ANSWER_SECONDS = 3.0

KEPT_DAYS, KEPT_ROWS = 30, 1_000
"""Tries of an endpoint that can still be seen."""

ANY = "select exists (select from hook.endpoint where state = 'active')"

ANY_OF_LOG = f"{ANY} and id = $1 from log.identity"

LEAD = "select pg_try_advisory_lock(hashtext('frankenjet webhooks'))"

_DUE = """
select e.id, e.position, e.tries, exists (select from hook.replay r where r.endpoint = e.id) as replays
  from hook.endpoint e where e.state = 'active' and e.next_at <= clock_timestamp() order by e.next_at"""

_ONE = """
select e.*, o.enabled, o.roles, e.log = i.id as same_log, r.id as replay, r.done, r.upto,
       case when e.former_until > clock_timestamp() then e.former end as former,
       coalesce(extract(epoch from clock_timestamp() - e.failing_since), 0)::float8 as failing
  from hook.endpoint e join hook.owner o on o.account = e.account cross join log.identity i
  left join lateral (select * from hook.replay r where r.endpoint = e.id order by r.id limit 1) r on true
 where e.id = $1 and e.state = 'active' and e.next_at <= clock_timestamp()"""

_TRIED = """
insert into hook.attempt (endpoint, position, event, type, try, status, why, took)
select e.id, $2, $3, $4, $5, $6, $7, $8
  from (select id from hook.endpoint where id = $1 for key share) e"""
"""Of one that was removed while it was sent to, nothing is noted."""

_TAKEN = """
update hook.endpoint set tries = 0, failing_since = null, dead_in_a_row = 0 where id = $1"""

_ALIVE = "delete from hook.dead_letter where endpoint = $1 and position = $2"

_ON = "update hook.endpoint set position = greatest(position, $2) where id = $1"

_REPLAYED = "update hook.replay set done = greatest(done, $2) where id = $1"

_REPLAY_ENDS = "delete from hook.replay where id = $1 and done >= upto"

_LATER = """
update hook.endpoint set tries = tries + 1, failing_since = coalesce(failing_since, clock_timestamp()),
       next_at = clock_timestamp() + make_interval(secs => $2)
 where id = $1"""

_DEAD = """
with e as (
  update hook.endpoint e
     set tries = 0, failing_since = null, dead_in_a_row = e.dead_in_a_row + 1,
         next_at = clock_timestamp() + make_interval(secs => $5)
    from hook.endpoint b where e.id = $1 and b.id = e.id
  returning e.id, b.tries + 1 as tries, coalesce(b.failing_since, clock_timestamp()) as first_at)
insert into hook.dead_letter as d (endpoint, position, event, type, tries, first_at, status, why)
select e.id, $2, $3, $4, e.tries, e.first_at, $6, $7 from e
on conflict (endpoint, position) do update
   set tries = d.tries + excluded.tries, at = clock_timestamp(), status = excluded.status,
       why = excluded.why"""

_STOP = """
update hook.endpoint set state = $2, why = $3, told_at = null where id = $1 and state = 'active'"""

_WAIT = """
update hook.endpoint set next_at = clock_timestamp() + make_interval(secs => $2) where id = $1"""

_PRUNE = f"""
delete from hook.attempt a using hook.endpoint e
 where a.endpoint = e.id and (a.at < clock_timestamp() - interval '{KEPT_DAYS} days' or a.number <= (
   select n.number from hook.attempt n where n.endpoint = e.id
    order by n.number desc offset {KEPT_ROWS} limit 1))"""


class SendTry(NamedTuple):
    """One try to send an event."""

    position: int
    event: UUID
    type: str
    status: int | None
    why: str | None
    """It was not taken, and why."""
    took: int
    """Milliseconds."""


class Ledger:
    """What is known of endpoints.

    Args:
        connection: acts as frankenjet_project, and leads.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._using = asyncio.Lock()

    async def due(self) -> Sequence[Any]:
        """Return the endpoints that may be sent something now; those that wait longest come first."""
        async with self._borrowed() as connection:
            found: Sequence[Any] = await connection.fetch(_DUE)
            return found

    async def one(self, id_: UUID) -> Any:
        """Return the row of an endpoint that may be sent something now; None: it may not any more."""
        async with self._borrowed() as connection:
            return await connection.fetchrow(_ONE, id_)

    async def states(self) -> dict[str, int]:
        """Return how many endpoints there are of each state."""
        async with self._borrowed() as connection:
            return dict(await connection.fetch(STATES))

    async def value(self, sql: str, *values: Any) -> Any:
        """Return one value."""
        async with self._borrowed() as connection:
            return await connection.fetchval(sql, *values)

    async def passed(self, to: Endpoint, position: int) -> None:
        """Note that nothing up to a position has to be sent any more."""
        async with self._borrowed() as connection, connection.transaction():
            await _moved(connection, to, position)

    async def taken(self, to: Endpoint, tried: SendTry) -> None:
        """Note that an event was delivered."""
        async with self._borrowed() as connection, connection.transaction():
            await connection.execute(_TRIED, to.id, *_facts(to, tried))
            await connection.execute(_TAKEN, to.id)
            await connection.execute(_ALIVE, to.id, tried.position)
            await _moved(connection, to, tried.position)

    async def failed(self, to: Endpoint, tried: SendTry, pause: float, *, dead: bool, paused: bool) -> None:
        """Note that an event was not delivered.

        Args:
            to: where to.
            tried: how.
            pause: seconds until the next try.
            dead: it is given up, and the next one comes.
            paused: and with it the endpoint, until its owner says otherwise.
        """
        async with self._borrowed() as connection, connection.transaction():
            await connection.execute(_TRIED, to.id, *_facts(to, tried))
            if not dead:
                await connection.execute(_LATER, to.id, pause)
                return
            await connection.execute(_DEAD, to.id, *tried[:3], pause, tried.status, tried.why)
            await _moved(connection, to, tried.position)
            if paused:
                await connection.execute(_STOP, to.id, "paused", "failing")

    async def gone(self, to: Endpoint, tried: SendTry) -> None:
        """Note that an endpoint has said that it is no more."""
        async with self._borrowed() as connection, connection.transaction():
            await connection.execute(_TRIED, to.id, *_facts(to, tried))
            await connection.execute(_STOP, to.id, "ended", "gone")

    async def pause(self, to: Endpoint) -> None:
        """Send nothing more, for the reason that stands in the endpoint."""
        async with self._borrowed() as connection:
            await connection.execute(_STOP, to.id, "paused", to.why_not)

    async def wait(self, id_: UUID, seconds: float) -> None:
        """Try nothing for a while."""
        async with self._borrowed() as connection:
            await connection.execute(_WAIT, id_, seconds)

    async def prune(self) -> None:
        """Forget tries of long ago."""
        async with self._borrowed() as connection:
            await connection.execute(_PRUNE)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        async with self._using:
            with answered_within(ANSWER_SECONDS, self._connection.terminate):
                yield self._connection


def _facts(to: Endpoint, tried: SendTry) -> tuple[Any, ...]:
    return (*tried[:3], to.tries + 1, tried.status, tried.why, tried.took)


async def _moved(connection: Connection, to: Endpoint, position: int) -> None:
    if to.replay is None:
        await connection.execute(_ON, to.id, position)
        return
    await connection.execute(_REPLAYED, to.replay.id, position)
    await connection.execute(_REPLAY_ENDS, to.replay.id)
