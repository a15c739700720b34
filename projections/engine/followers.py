"""The followers of one engine: which there are, which of them lead, and what becomes of those that vanish."""

import asyncio
import time
from collections.abc import Iterator, Sequence

import structlog

from kit.health.tasks import ProcessHealth
from kit.log.lease import RENEWALS, STANDBY_LOOK_SECONDS, renew_all
from kit.postgres.connect import Connection
from kit.running.beside_loop import BesideLoop
from projections.builds.generation import Generation, drop, not_whole
from projections.engine.follower import Follower
from projections.engine.needed_generations import followed
from projections.projection import Projection

log = structlog.get_logger()

KEEP_PURGES = "1 hour"

_PRUNE = f"""
with gone as (
  delete from project.purge
   where schema = $1 and at < clock_timestamp() - interval '{KEEP_PURGES}' returning position)
insert into project.purged (schema, upto)
select $1, max(position) from gone having max(position) is not null
on conflict (schema) do update set upto = greatest(project.purged.upto, excluded.upto)"""


class Followers:
    """One for each generation that is to be kept up to date, whether this copy leads it or not.

    Args:
        projections: the read models of this build; their generations are found in the database.
        holder: name of this process.
        lease: seconds that a copy may be silent before another one takes its place.
        worker: where their pure parts run.
        vitals: where they note how they do.

    Attributes:
        dropped: set when something that was followed is not there any more.
    """

    def __init__(
        self,
        projections: Sequence[Projection],
        holder: str,
        lease: float,
        worker: BesideLoop,
        vitals: ProcessHealth,
    ) -> None:
        self._projections = projections
        self._holder = holder
        self._lease = lease
        self._worker = worker
        self._vitals = vitals
        self._all: dict[str, Follower] = {}
        self._looking = asyncio.Event()
        self._renewed = 0.0
        self._pruned = 0.0
        self.dropped = asyncio.Event()

    def __iter__(self) -> Iterator[Follower]:
        return iter(list(self._all.values()))

    def look(self) -> None:
        """Let the next turn see which generations there are."""
        self._looking.set()

    async def wait_to_look(self) -> None:
        """Return when somebody wants a look, or it is time for the next one of a copy that stands by."""
        try:
            async with asyncio.timeout(min(STANDBY_LOOK_SECONDS, self._lease / RENEWALS)):
                await self._looking.wait()
        except TimeoutError:
            return

    async def lead(self, connection: Connection) -> None:
        """Find out what there is, and take or renew the leases, as often as that is due."""
        now = time.monotonic()
        stands_by = any(one.term is None for one in self)
        if self._looking.is_set() or now - self._renewed >= (
            min(STANDBY_LOOK_SECONDS, self._lease / RENEWALS) if stands_by else self._lease / RENEWALS
        ):
            self._looking.clear()
            self._renewed = now
            await self._find(connection)
            for follower in await self._fenced(connection):
                await follower.give_up_lease(connection)
            for follower in self:
                if follower.term is None:
                    await follower.lead(connection)
        if now - self._pruned > 60:  # noqa: PLR2004 - once a minute
            self._pruned = now
            for follower in self:
                await connection.execute(_PRUNE, follower.schema)

    async def renew(self, connection: Connection) -> None:
        """Hold the leases while events are folded: meanwhile nobody else uses the connection.

        Those that have lost theirs learn that from what they commit next.
        """
        await self._fenced(connection)

    async def _fenced(self, connection: Connection) -> list[Follower]:
        """Hold the leases; return those that this copy leads no more."""
        leading = [one for one in self if one.term is not None]
        held = await renew_all(connection, [one.lease for one in leading])
        return [one for one in leading if one.schema not in held]

    def readers_wait_for(self, follower: Follower) -> bool:
        """Tell whether a generation follows, and its read model had no current one at the last look.

        What has changed since is seen under the locks of `promote`: no query is made at every turn.
        """
        generation = follower.generation
        return generation.state == "following" and not any(
            one.generation.state == "current" and one.generation[:2] == generation[:2] for one in self
        )

    async def vanished(self, connection: Connection, follower: Follower) -> bool:
        """Let go of a generation whose tables somebody has dropped by hand: it is filled once more.

        Returns:
            False when all of its tables are there.
        """

        async def still(connection: Connection, _generation: Generation) -> bool:
            return bool(await not_whole(connection, [(follower.projection, follower.schema)]))

        if not await drop(connection, follower.generation, still):
            return False
        log.error("projection.vanished", schema=follower.schema)
        await self._let_go(connection, follower.schema)
        return True

    async def _find(self, connection: Connection) -> None:
        """Follow what has come to be followed, and let go of what is not any more."""
        found = {
            one.schema: (projection, one) for projection, one in await followed(connection, self._projections)
        }
        for schema in self._all.keys() - found.keys():
            await self._let_go(connection, schema)
        for schema, (projection, generation) in found.items():
            known = self._all.get(schema)
            if known is None:
                tally = self._vitals.tally(schema)
                known = Follower(projection, generation, self._holder, self._lease, tally, self._worker)
                self._all[schema] = known
            known.generation = generation
        made = [(one.projection, one.schema) for one in self]
        for schema in await not_whole(connection, made):
            await self.vanished(connection, self._all[schema])

    async def _let_go(self, connection: Connection, schema: str) -> None:
        await self._all.pop(schema).free_lease(connection)
        self._vitals.forget(schema)
        self.dropped.set()
