"""The poll that keeps copies honest: ten times a second, while anybody reads, it asks what became old."""

import asyncio
from contextlib import suppress
from itertools import groupby
from typing import Any, Self

import structlog

from kit.log.lineage import Lineage, lineage_of
from kit.log.wake import CHANNEL, position_in
from kit.postgres.connect import READER, Connection, connect, said
from kit.retry import before_retry
from kit.running.ending import end
from read_side.fresh.served import PollResult, Served

POLL_SECONDS = 0.1
"""Seconds between the beginnings of two polls."""

LINGER = 1.0
"""Seconds after the last read for which it goes on like that."""

REST = 1.0
"""Seconds between two polls after that: the next reader waits for a poll before he gets what is kept."""

HURRY = 0.01
"""The same while somebody waits for a position."""

POLL_TIMEOUT_SECONDS = 1.0
"""Seconds after which a poll is given up."""

TAGS = 50_000
"""Purge tags that one poll reads at the most."""

PARKED = 1_000
"""Parked events that one poll counts at the most."""

_POLL = f"""
with m as materialized (
  select w.model, g.schema, case when g.schema = w.schema then w.seen else -1 end as seen, (
           select count(*) from (select from project.parked where schema = g.schema limit {PARKED}) counted
         ) as parked
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as w(model, fingerprint, schema, seen)
    join project.generation g on g.model = w.model and g.fingerprint = w.fingerprint and g.state = 'current')
select m.model, m.schema, c.position, h.head, i.id as log, coalesce(u.upto, 0) as pruned, m.parked,
       p.position as purged, p.tags, p.rows as total
  from m
 cross join log.head() as h(head)
 cross join log.identity i
  join project.cursor c on c.schema = m.schema
  left join project.purged u on u.schema = m.schema
  left join lateral (
    select position, tags, count(*) over () as rows,
           sum(cardinality(tags)) over (order by position desc) - cardinality(tags) as newer
      from project.purge
     where schema = m.schema and position > m.seen
  ) p on p.newer < {TAGS}
 order by m.model, p.position"""

_HEAD = "select log.head() as head, id as log from log.identity"

_SETTINGS = {"enable_seqscan": "off", "enable_bitmapscan": "off", "plan_cache_mode": "force_generic_plan"}
"""A long park is counted up to its bound, not read; one plan serves every poll."""

log = structlog.get_logger()


async def look(connection: Connection, served: Served, epoch: str) -> None:
    """Poll once and let `served` know; twice when the log turns out to be of another lineage.

    Args:
        connection: acts as frankenjet_read.
        served: told what was seen.
        epoch: of the log behind this connection.

    Raises:
        asyncpg.PostgresError, OSError, TimeoutError: nothing was learnt.
    """
    models = list(served.models.values())
    began = served.clock()
    rows = await connection.fetch(
        _POLL,
        [model.name for model in models],
        [model.fingerprint for model in models],
        ["" if model.fresh else model.schema or "" for model in models],
        [model.position for model in models],
        timeout=POLL_TIMEOUT_SECONDS,
    )
    first = rows[0] if rows else await connection.fetchrow(_HEAD, timeout=POLL_TIMEOUT_SECONDS)
    lineage = Lineage(first["log"], epoch)
    if lineage != served.lineage:
        served.begin(lineage)
        await look(connection, served, epoch)
        return
    served.saw(
        began, first["head"], [_seen(list(group)) for _, group in groupby(rows, key=lambda row: row["model"])]
    )


def _seen(rows: list[Any]) -> PollResult:
    first = rows[0]
    purges = [(row["purged"], row["tags"]) for row in rows if row["purged"] is not None]
    cut = bool(purges) and len(purges) < first["total"]
    return PollResult(
        first["model"], first["schema"], first["position"], first["pruned"], cut, purges, first["parked"]
    )


class Purge:
    """Polls for as long as it is entered.

    Args:
        dsn: address of the database.
        served: told what each poll saw.
    """

    def __init__(self, dsn: str, served: Served) -> None:
        self._dsn = dsn
        self._served = served
        self._asked_at = served.clock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="purge poll")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end(self._task)

    async def _run(self) -> None:
        """Poll without end; a lost connection is replaced."""
        served = self._served
        connection: Connection = None
        epoch = ""
        away = False
        try:
            while True:
                began = served.clock()
                try:
                    if connection is None or connection.is_closed():
                        connection = await connect(self._dsn, "frankenjet purge poll", READER, **_SETTINGS)
                        epoch = (await lineage_of(connection)).epoch
                        await connection.add_listener(CHANNEL, self._heard)
                    await look(connection, served, epoch)
                except Exception as error:  # noqa: BLE001 - nothing is served from copies until it polls again
                    if not away:
                        log.warning("purge.away", error=said(error))
                    away = True
                    served.resting = False  # nobody waits for a poll that does not come
                    if connection is not None:
                        connection.terminate()
                    connection = None
                    await before_retry(POLL_SECONDS)
                else:
                    away = False
                    await self._pause(began)
        finally:
            if connection is not None:
                connection.terminate()

    def _heard(self, _connection: Connection, _pid: int, _channel: str, payload: str) -> None:
        """Note how far the log is said to be, which is all that a rest keeps from us of how old it is."""
        if (position := position_in(payload)) is not None:
            self._served.heard(self._served.clock(), position)

    async def _pause(self, began: float) -> None:
        """Return when the next poll is due, or wanted by somebody who was not served by this one."""
        served = self._served
        if served.asked:
            served.asked = False
            self._asked_at = began
        if served.wanted.is_set():
            served.wanted.clear()
            await asyncio.sleep(HURRY)
            return
        served.resting = began - self._asked_at > LINGER
        due = began + (REST if served.resting else POLL_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, due - served.clock())):
                await served.wanted.wait()
        if served.resting:
            served.wanted.clear()  # the poll that comes now is what was wanted
