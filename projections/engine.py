"""The engine: reads each page of the log once and lets every read model that it leads apply it."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog

from events.codec import Codec
from kit.db import AWAY, PROJECTOR, Connection, connect
from kit.retry import before_retry
from projections.duty import HALTED
from projections.follower import Committed, Follower
from projections.generation import Generation
from projections.lease import SECONDS, Fenced
from projections.lookahead import Lookahead
from projections.projection import Projection
from projections.pulse import silence
from projections.sets import followed, promote
from projections.source import POLL, Item, Source
from projections.vitals import Vitals

log = structlog.get_logger()

BATCH = 1_000
"""Events of one batch at the most; its bytes are bounded by the source."""

KEEP_PURGES = "1 hour"

_PRUNE = f"""
with gone as (
  delete from project.purge
   where schema = $1 and at < clock_timestamp() - interval '{KEEP_PURGES}' returning position)
insert into project.purged (schema, upto)
select $1, max(position) from gone having max(position) is not null
on conflict (schema) do update set upto = greatest(project.purged.upto, excluded.upto)"""


async def nothing(_generation: Generation, _tags: Iterable[str], _position: int) -> None:
    """Do nothing after a commit."""


_SETTINGS = {
    "statement_timeout": "15000",
    # Rows are loaded and written by key. A plan that was cached while a table was empty would go on to
    # scan all of it when it has grown.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


PATIENCE = 20.0
"""Seconds after which a server that says nothing is given up: a half-open network never says so itself."""


class Engine:
    """Runs until it is cancelled; survives the loss of its database connection.

    Args:
        dsn: address of the database; direct or session connections.
        codec: reads stored events.
        projections: the read models of this build; their generations are found in the database.
        holder: name of this process.
        committed: told after each commit of each follower.
        lease: seconds that each lease holds without being renewed; they are renewed four times as often.
        patience: seconds that the server may take for one page of the log and its rows.
        vitals: where it notes how it does.

    Attributes:
        dropped: set when something that was followed is not there any more.
    """

    def __init__(
        self,
        dsn: str,
        codec: Codec,
        projections: Sequence[Projection],
        holder: str,
        committed: Committed = nothing,
        *,
        lease: float = SECONDS,
        patience: float = PATIENCE,
        vitals: Vitals | None = None,
    ) -> None:
        self._dsn = dsn
        self._codec = codec
        self._projections = projections
        self._holder = holder
        self._followers: dict[str, Follower] = {}
        self._committed = committed
        self._lease = lease
        self._patience = patience
        self._vitals = vitals or Vitals()
        self._task = self._vitals.task("engine")
        self._turns = 0
        self._looking = asyncio.Event()
        self.dropped = asyncio.Event()
        self._renewed = 0.0
        self._pruned = 0.0

    def look(self) -> None:
        """Let the next turn see which generations there are."""
        self._looking.set()

    async def run(self) -> None:
        """Follow the log for ever."""
        while True:
            try:
                await self._session()
            except AWAY as error:
                log.warning("engine.reconnects", error=f"{type(error).__name__}: {error}")
                self._task.failed(error)
                await before_retry(0.5)
            except Exception as error:
                log.exception("engine.halted")
                self._task.failed(error, halted=True)
                await before_retry(HALTED)

    async def _session(self) -> None:
        connection = await connect(self._dsn, "frankenjet engine", PROJECTOR, **_SETTINGS)
        for follower in self._followers.values():
            follower.term = None  # it may be another server now: the lineage is checked with the next term
        self.look()
        try:
            async with Source(self._dsn, self._codec, "frankenjet engine source") as source:
                ahead = Lookahead(source, BATCH)
                watching = [
                    asyncio.create_task(one(connection, source), name="watch")
                    for one in (self._watch, self._listen)
                ]
                try:
                    while True:
                        await self._turn(connection, source, ahead)
                        self._turns += 1
                        self._task.beat(well=True)
                finally:
                    for task in watching:
                        task.cancel()
                    await ahead.forget()
        except asyncio.CancelledError:
            for follower in self._followers.values():
                await follower.release(connection)
            raise
        finally:
            connection.terminate()

    async def _watch(self, connection: Connection, source: Source) -> None:
        """Close the connections when a turn takes too long: that ends whatever waits for an answer."""
        turns = -1
        while turns != self._turns:
            turns = self._turns
            await asyncio.sleep(self._patience)
        self._give_up(connection, source)

    async def _listen(self, connection: Connection, source: Source) -> None:
        """Do the same when the server is gone without a word: a turn may take longer than that is borne."""
        await silence(self._dsn, "frankenjet engine")
        self._give_up(connection, source)

    def _give_up(self, connection: Connection, source: Source) -> None:
        log.warning("engine.gives_up")
        connection.terminate()
        source.give_up()

    async def _turn(self, connection: Connection, source: Source, ahead: Lookahead) -> None:
        await self._lead(connection)
        leading = [follower for follower in self._followers.values() if follower.term is not None]
        if not leading:
            await self._wanted(min(POLL, self._lease / 4))
            return
        places: dict[int, list[Follower]] = {}
        for follower in leading:
            places.setdefault(follower.position, []).append(follower)
        read = 0
        for after in sorted(places, reverse=True):  # whoever is furthest is live and comes first
            page = await ahead.page(after)
            read += len(page)
            for follower in places[after]:
                await self._apply(connection, follower, page)
        if not read:
            await source.wait(max(places))

    async def _apply(self, connection: Connection, follower: Follower, page: list[Item]) -> None:
        if page:
            try:
                await follower.apply(connection, page, self._committed)
            except Fenced:
                follower.lose()
                self.look()  # whoever was fenced by a retry of parked events goes on at once
        ready = follower.term is not None and follower.generation.state == "following"
        if ready and await promote(connection, follower.generation, follower.position):
            self.look()

    async def _wanted(self, seconds: float) -> None:
        """Return when somebody wants a look, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._looking.wait()

    async def _lead(self, connection: Connection) -> None:
        now = time.monotonic()
        if self._looking.is_set() or now - self._renewed > self._lease / 4:
            self._looking.clear()
            self._renewed = now
            await self._find(connection)
            for follower in self._followers.values():
                await follower.lead(connection)
        if now - self._pruned > 60:  # noqa: PLR2004 - once a minute
            self._pruned = now
            for follower in self._followers.values():
                await connection.execute(_PRUNE, follower.schema)

    async def _find(self, connection: Connection) -> None:
        """Follow what has come to be followed, and let go of what is not any more."""
        found = {
            one.schema: (projection, one) for projection, one in await followed(connection, self._projections)
        }
        for schema in self._followers.keys() - found.keys():
            await self._followers.pop(schema).release(connection)
            self._vitals.forget(schema)
            self.dropped.set()
        for schema, (projection, generation) in found.items():
            known = self._followers.get(schema)
            if known is None:
                tally = self._vitals.tally(schema)
                self._followers[schema] = Follower(projection, generation, self._holder, self._lease, tally)
            else:
                known.generation = generation
