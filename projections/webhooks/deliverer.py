"""Leads the webhooks: one copy looks to whom something is to be sent, and lets each endpoint have its turn.

While there is no endpoint, nobody leads and no connection is held. The lead is a lock of a session, over
which everything is marked as well; the server ends the session of a copy that says nothing for some seconds.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from kit.errors import Problem
from kit.health.tasks import Task
from kit.log.line import Line
from kit.log.lineage import lineage_of
from kit.outgoing.client import PublicClient
from kit.postgres.connect import AWAY, PROJECTOR, Connection, connect, hang_up
from kit.postgres.server_watch import answered_within
from kit.retry import before_retry
from kit.running.ending import end
from projections.webhooks.figures import ACTIVE, STATES, WebhookFigures
from projections.webhooks.ledger import ANSWER_SECONDS, ANY_OF_LOG, LEAD, Ledger
from projections.webhooks.patience import Patience
from projections.webhooks.turn import Now, Turn
from read_side.entry.kind import KindView
from read_side.entry.kinds import MODEL as ENTRIES_MODEL
from read_side.entry.kinds import VIEWS
from read_side.feed.event import Telling
from read_side.feed.reading import Place, page
from read_side.feed.table import MODEL as FEED_MODEL
from read_side.tables import Tables

LOOK_SECONDS = 1.0
"""Between two looks while this copy leads: another process may project."""

EMPTY_SECONDS = 10.0
"""Between two looks while there is no endpoint, or another copy leads."""

PRUNE_SECONDS = 3_600.0

SILENT = "15000"
"""Milliseconds without a word after which the server takes the lead away."""

AT_ONCE, SLOW_AT_ONCE = 32, 16
"""Endpoints that have their turn at a time; those that lately took long or took nothing have places of their
own, so that however many of them hang, the others do not wait."""

CONNECTIONS = 4
"""To the tables of the feed, while somebody needs them."""

END = 2**62

_CURRENT = """
select schema from project.generation where model = $1 and fingerprint = $2 and state = 'current'"""

log = structlog.get_logger("webhooks")


class WebhookSettings(NamedTuple):
    """What is decided outside."""

    loopback: bool = False
    """Whether http and this machine may be sent to as well, for trying out."""
    second_factor: bool = False
    """Whether roles that publish count only where a second factor was shown."""
    patience: Patience = Patience()
    client: PublicClient | None = None
    """None: one for public addresses."""
    empty: float = EMPTY_SECONDS


class Deliverer:
    """Sends what happened to whom wants it, without end.

    Args:
        dsn: address of the database.
        models: read model → fingerprint, of the feed and of entries of this build.
        task: where it notes how it does.
        line: a connection that others of this process use as well, to see whether there is an endpoint.
        grown: set by others when there may be more in the feed.
        settings: what is decided outside.
        views: kinds of which is told.
    """

    def __init__(
        self,
        dsn: str,
        models: dict[str, str],
        task: Task,
        line: Line,
        grown: asyncio.Event,
        settings: WebhookSettings = WebhookSettings(),  # noqa: B008 - immutable
        views: Mapping[str, KindView] = VIEWS,
    ) -> None:
        self.dsn = dsn
        self.models = models
        self.task = task
        self._line = line
        self.settings = settings
        self.client = settings.client or PublicClient(loopback=settings.loopback)
        self.telling = Telling(views)
        self.grown = grown
        self.figures = WebhookFigures()

    async def run(self) -> None:
        """Lead whenever nobody else does, without end."""
        while True:
            try:
                if await self._is_any():
                    await self._lead()
                self.task.beat(well=True)
            except AWAY as error:
                self.task.failed(error)
            await before_retry(self.settings.empty)

    async def _is_any(self) -> bool:
        """Tell whether there is an endpoint that may be sent something."""
        async with self._line.lent() as connection:
            with answered_within(ANSWER_SECONDS, connection.terminate):
                states = dict(await connection.fetch(STATES))
        self.figures.seen(states)
        return not ACTIVE.isdisjoint(states)

    async def _lead(self) -> None:
        """Lead unless somebody else does, until there is no endpoint any more."""
        connection = await connect(self.dsn, "frankenjet webhooks", PROJECTOR, idle_session_timeout=SILENT)
        try:
            with answered_within(ANSWER_SECONDS, connection.terminate):
                leads = await connection.fetchval(LEAD)
            if leads:
                log.info("webhooks.leads")
                await _Lead(self, connection).work()
        finally:
            await hang_up(connection)


class _Lead:
    """The time for which this copy leads."""

    def __init__(self, whole: Deliverer, connection: Connection) -> None:
        self._whole = whole
        self._connection = connection
        self._ledger = Ledger(connection)
        self._turns: dict[UUID, asyncio.Task[bool]] = {}
        self._places = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(SLOW_AT_ONCE)
        self._now: Now | None = None
        self._pruned = 0.0

    async def work(self) -> None:
        """Lead until there is no endpoint any more, or the log has become another one.

        Raises:
            OSError, asyncpg.PostgresError: the database is away, and so is the lead.
        """
        whole = self._whole
        with answered_within(ANSWER_SECONDS, self._connection.terminate):
            lineage = await lineage_of(self._connection)
        async with Tables(whole.dsn, CONNECTIONS, PROJECTOR) as tables:
            turn = Turn(
                self._ledger, whole.client, tables, whole.telling, self._known, whole.settings.patience,
                second_factor=whole.settings.second_factor, figures=whole.figures,
            )  # fmt: skip
            try:
                while await self._ledger.value(ANY_OF_LOG, lineage.log):
                    whole.grown.clear()
                    place = await self._place()
                    if place is not None:
                        with suppress(Problem):  # the tables are away for a moment
                            head = (await page(tables, place, END, 1, public=True)).head
                            self._now = Now(place, lineage, head)
                            self._begin(turn, await self._ledger.due(), head)
                    whole.figures.seen(await self._ledger.states())
                    if time.monotonic() - self._pruned > PRUNE_SECONDS:
                        await self._ledger.prune()
                        self._pruned = time.monotonic()
                    whole.task.beat(well=True)
                    await self._until_news()
            finally:
                await end(*self._turns.values())

    def _known(self) -> Now:
        if self._now is None:
            raise LookupError("nobody has looked where the feed is")
        return self._now

    async def _place(self) -> Place | None:
        """Return where the rows of this build are; None: they are not built, and nothing is sent."""
        models = self._whole.models
        feed, entries = [
            await self._ledger.value(_CURRENT, name, models[name]) for name in (FEED_MODEL, ENTRIES_MODEL)
        ]
        return None if feed is None or entries is None else Place(feed, entries)

    def _begin(self, turn: Turn, due: Sequence[Any], head: int) -> None:
        for row in due:
            id_ = row["id"]
            waits = row["replays"] or max(row["position"], turn.looked.get(id_, 0)) < head
            if id_ not in self._turns and waits:
                slow = id_ in turn.slow or row["tries"] > 0
                self._turns[id_] = asyncio.create_task(self._take(turn, id_, slow=slow))

    async def _take(self, turn: Turn, id_: UUID, *, slow: bool) -> bool:
        async with self._places[slow]:
            return await turn.take(id_)

    async def _until_news(self) -> None:
        """Wait until the feed has grown, a turn is over that leaves something, or it is time to look."""
        grown = asyncio.create_task(self._whole.grown.wait())
        ends = time.monotonic() + LOOK_SECONDS
        try:
            while (left := ends - time.monotonic()) > 0 and not grown.done():
                waiting = [grown, *self._turns.values()]
                await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if self._over():
                    return
        finally:
            await end(grown)

    def _over(self) -> bool:
        """Forget turns that are over; tell whether one of them leaves something to be sent.

        Raises:
            OSError, asyncpg.PostgresError: what one of them ended with.
        """
        over = [id_ for id_, one in self._turns.items() if one.done()]
        left = [self._turns.pop(id_).result() for id_ in over]
        return any(left)
