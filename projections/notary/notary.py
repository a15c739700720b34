"""Runs a hash chain over the log and seals it: who keeps a seal elsewhere can tell a rewritten past."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self
from uuid import UUID

import structlog

from kit.broker.publisher import Publisher
from kit.health.tasks import ProcessHealth
from kit.log.chain import START, Seal, canonical, link
from kit.log.cursor import LeaderCursor
from kit.log.leader import run_while_leading
from kit.log.line import Line
from kit.log.rows import page
from kit.postgres.connect import Connection
from projections.notary.seals import ToBroker, to_output

EVENTS = 1_000
"""Events from one seal to the next at the most."""

WAIT = 3.0
SEAL_SECONDS = 1.5
"""Seconds from the first event after a seal to the next seal, and between two looks at a log without news:
together no event waits longer than 5 s for its seal."""

PAGE_EVENTS = 250
PAGE_BYTES = 4_000_000
"""What is taken in one go, so that others of the process are not kept waiting."""

NOTED = 600
"""Characters of a type that are noted: an index holds no more of them, whatever somebody wrote to the log."""

_LAST = "select position, chain from project.seal order by position desc limit 1"

_MORE = "select exists (select from log.event where position > $1)"

_SEAL = """
with known as (
  insert into project.kind (type, schema, position)
  select * from unnest($3::text[], $4::smallint[], $5::bigint[]) on conflict do nothing)
insert into project.seal (position, chain) values ($1, $2) on conflict do nothing"""

log = structlog.get_logger()


class Gap(Exception):  # noqa: N818 - a state of the log
    """The log lacks a position: nothing after it can be sealed."""


class ChainRunner:
    """Carries the chain on from the last seal. Every copy of the log leads to the same seals.

    Therefore a notary that has lost its lease without knowing it does no harm.
    """

    def __init__(self, connection: Connection, last: Seal) -> None:
        self._connection = connection
        self._chain = last.chain
        self._kinds: dict[tuple[str, int], int] = {}
        self._since: float | None = None
        self.position = last.position
        """The last event that is part of the chain."""
        self.seal = last

    @classmethod
    async def resumed(cls, connection: Connection) -> Self:
        """Return the chain as the last seal left it."""
        row = await connection.fetchrow(_LAST)
        return cls(connection, Seal(0, START) if row is None else Seal(*row))

    async def step(self) -> bool:
        """Take a page of events into the chain and seal it when that is due; tell whether there were any.

        Raises:
            Gap: when the log lacks a position.
        """
        upto = min(self.position + PAGE_EVENTS, self.seal.position + EVENTS)
        rows: list[Any] = []
        if await self._connection.fetchval(_MORE, self.position):
            # Positions are dense: what is beyond them having been seen, they can be seen now, or never.
            rows = await page(self._connection, self.position, upto, limit=PAGE_EVENTS, size=PAGE_BYTES)
            if not rows:
                raise self._gap()
        for row in rows:
            self._take(row)
        waiting = self.position - self.seal.position
        if waiting:
            self._since = self._since or time.monotonic()
            if waiting == EVENTS or time.monotonic() - self._since >= WAIT:
                await self.seal_now()
        return bool(rows)

    def _take(self, row: Any) -> None:
        if row["position"] != self.position + 1:
            raise self._gap()
        self._chain = link(self._chain, canonical(*row))
        self.position += 1
        self._kinds.setdefault((row["type"][:NOTED], row["schema"]), self.position)

    def _gap(self) -> Gap:
        return Gap(f"the log has no event at position {self.position + 1}")

    async def seal_now(self) -> None:
        """Seal what the chain has reached; there must be an event after the last seal."""
        seal = Seal(self.position, self._chain)
        types, schemas = zip(*self._kinds, strict=True)
        await self._connection.execute(_SEAL, *seal, types, schemas, list(self._kinds.values()))
        self.seal = seal
        self._kinds.clear()
        self._since = None


async def notary(
    dsn: str,
    holder: str,
    broker: Callable[[], Awaitable[Publisher]] | None = None,
    vitals: ProcessHealth | None = None,
    line: Line | None = None,
) -> None:
    """Seal the log while this copy leads, without end; tell each seal to the log output and to the broker.

    Args:
        dsn: address of the database.
        holder: this process.
        broker: makes a publisher; None: there is no broker.
        vitals: where it notes how it does.
        line: the connection that it uses, where it shares one.
    """
    vitals = vitals or ProcessHealth()
    task = vitals.task("notary")
    if broker is None:
        await run_while_leading(
            dsn, "notary", holder, lambda cursor: _seal(cursor, to_output, vitals), task, line
        )
        return
    to_broker = ToBroker(broker)

    def tell(log_id: UUID, seal: Seal) -> None:
        to_output(log_id, seal)
        to_broker(log_id, seal)

    async with asyncio.TaskGroup() as group:
        group.create_task(to_broker.run(), name="seals to the broker")
        group.create_task(
            run_while_leading(dsn, "notary", holder, lambda cursor: _seal(cursor, tell, vitals), task, line)
        )


async def _seal(cursor: LeaderCursor, tell: Callable[[UUID, Seal], None], vitals: ProcessHealth) -> None:
    """Seal over the connection of the lease: a page of the log is short, and one connection less is open."""
    tally = vitals.tally("notary")
    async with cursor.connection() as connection:
        log_id = await connection.fetchval("select id from log.identity")
        chain = await ChainRunner.resumed(connection)
    told = 0  # the last seal is told again: it may not have got out
    try:
        while True:
            began, before = time.monotonic(), chain.position
            async with cursor.connection():
                news = await chain.step()
            if news:
                tally.took(chain.position - before, time.monotonic() - began)
            if chain.seal.position > told:
                await cursor.save(chain.seal.position)
                tell(log_id, chain.seal)
                told = chain.seal.position
            # While it catches up it leaves half of the time to the others of this process.
            await asyncio.sleep(time.monotonic() - began if news else SEAL_SECONDS)
    except Gap as gap:
        vitals.task("notary").rest(str(gap))
        log.error("notary.halted", reason=str(gap))  # noqa: TRY400 - where it was noticed says nothing more
        await asyncio.Event().wait()
