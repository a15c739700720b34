"""The engine: reads each page of the log once and lets every read model that it leads apply it."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

import structlog

from events.codec import Codec
from events.reading import Item, reader_of
from kit.health.tasks import ProcessHealth
from kit.log.leader import HALTED_SECONDS
from kit.log.lease import LEASE_SECONDS, RENEWALS, Fenced
from kit.log.source import LogSource
from kit.postgres.connect import AWAY, PROJECTOR, Connection, connect
from kit.postgres.server_watch import answered_within, ended_by_silence
from kit.retry import before_retry
from kit.running.beside_loop import BesideLoop
from projections.builds.generation import Generation
from projections.engine.follower import BATCH, PIECES, Committed, Follower
from projections.engine.followers import Followers
from projections.engine.lookahead import Lookahead
from projections.engine.needed_generations import promote
from projections.engine.together import PageConnections, apply_page
from projections.projection import Projection
from projections.rebuild.slices import GONE

log = structlog.get_logger()


async def tell_nobody(_generation: Generation, _tags: Iterable[str], _position: int) -> None:
    """Do nothing after a commit."""


_SETTINGS = {
    "statement_timeout": "15000",
    # Rows are loaded and written by key, whatever the values: a plan is made once. One that was cached while
    # a table was empty would go on to scan all of it when it has grown.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


TURN_SECONDS = 20.0
"""That one page of the log and its rows may take: a half-open network never says so itself."""


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
        look: lets the next turn see which generations there are.
        turns: how often it has looked at the log.
    """

    def __init__(
        self,
        dsn: str,
        codec: Codec,
        projections: Sequence[Projection],
        holder: str,
        committed: Committed = tell_nobody,
        *,
        lease: float = LEASE_SECONDS,
        patience: float = TURN_SECONDS,
        vitals: ProcessHealth | None = None,
    ) -> None:
        self._dsn = dsn
        self._codec = codec
        self._committed = committed
        self._patience = patience
        self._vitals = vitals or ProcessHealth()
        self._task = self._vitals.task("engine")
        self.turns = 0
        self._reading: Connection | None = None
        self._worker = BesideLoop()
        self._worker.every = lease / RENEWALS
        self._followers = Followers(projections, holder, lease, self._worker, self._vitals)
        self.dropped = self._followers.dropped
        self.look = self._followers.look

    async def run(self) -> None:
        """Follow the log without end."""
        try:
            await self._run()
        finally:
            self._worker.close()

    async def _run(self) -> None:
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
                await before_retry(HALTED_SECONDS)

    async def _session(self) -> None:
        connection = await connect(self._dsn, "frankenjet engine", PROJECTOR, **_SETTINGS)
        for follower in self._followers:
            follower.connection_lost()  # it may be another server now: lineage is checked with the next term
        self.look()
        self._worker.while_working = lambda: self._followers.renew(self._reading or connection)
        try:
            async with LogSource(
                self._dsn, reader_of(self._codec), "frankenjet engine source", self._worker.watchdog
            ) as source:
                ahead = Lookahead(source, PIECES * BATCH)

                def give_up() -> None:
                    log.warning("engine.gives_up")
                    connection.terminate()
                    self._end_reading()
                    source.give_up()

                def working() -> bool:
                    return self._worker.working > 0

                try:
                    async with ended_by_silence(self._dsn, "frankenjet engine", give_up):
                        while True:
                            with answered_within(self._patience, give_up, working=working):
                                await self._turn(connection, source, ahead)
                            self.turns += 1
                            self._task.beat(well=True)
                finally:
                    await ahead.forget()
        except asyncio.CancelledError:
            for follower in self._followers:
                await follower.free_lease(connection)
            raise
        finally:
            connection.terminate()
            self._end_reading()

    async def _turn(self, connection: Connection, source: LogSource[Item], ahead: Lookahead) -> None:
        await self._followers.lead(connection)
        leading = [follower for follower in self._followers if follower.can_apply]
        if not leading:
            await self._followers.wait_to_look()
            return
        places: dict[int, list[Follower]] = {}
        for follower in leading:
            places.setdefault(follower.position, []).append(follower)
        read = furthest = 0
        for after in sorted(places, reverse=True):  # those that are furthest are live and come first
            page = await ahead.page(after)
            read += len(page)
            if furthest:  # those behind stop where that one is: from there on they go together
                page = page[: furthest - after]
            if page:
                used = PageConnections(connection, await self._reader(connection, page))
                trouble = partial(self._trouble, connection)
                await apply_page(used, places[after], page, self._committed, trouble)
            for follower in places[after]:
                ahead.keep(follower.position, page[follower.position - after :])
                await self._promote(connection, follower)
            furthest = furthest or max(follower.position for follower in places[after])
        reached = {follower.position for follower in leading if follower.can_apply}
        if not read or (len(reached) == 1 and ahead.ends_at(max(reached))):
            self._end_reading()
            await source.wait(max(reached, default=max(places)))

    async def _reader(self, connection: Connection, page: Sequence[Item]) -> Connection:
        """Return what rows are loaded with: a connection of its own while there is much to catch up with."""
        if self._reading is None and len(page) > BATCH:
            with suppress(*AWAY):  # without it, it only takes longer
                self._reading = await connect(self._dsn, "frankenjet engine reader", PROJECTOR, **_SETTINGS)
        return self._reading or connection

    def _end_reading(self) -> None:
        """Close that connection; nothing is under way on it."""
        if self._reading is not None:
            self._reading.terminate()
            self._reading = None

    async def _trouble(self, connection: Connection, follower: Follower, error: Exception) -> None:
        """Let go of a read model that somebody else leads, or let it rest; the others go on."""
        if isinstance(error, Fenced):
            await follower.give_up_lease(connection)
            self.look()  # one that was fenced by a retry of parked events goes on at once
            return
        if connection.is_closed():
            raise error
        if isinstance(error, GONE) and await self._followers.vanished(connection, follower):
            return
        follower.pause()
        self._task.failed(error)
        log.warning("projection.waits", schema=follower.schema, error=f"{type(error).__name__}: {error}")

    async def _promote(self, connection: Connection, follower: Follower) -> None:
        if follower.term is None or not self._followers.readers_wait_for(follower):
            return
        if await promote(connection, follower.generation, follower.position):
            self.look()
