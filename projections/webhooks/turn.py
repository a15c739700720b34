"""Sends one endpoint what waits for it, in order, one request at a time, until its turn is over."""

import random
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog

from kit import clock
from kit.errors import Problem
from kit.log.lineage import Lineage
from kit.outgoing.client import PublicClient, Unanswered
from kit.postgres.connect import AWAY
from projections.webhooks.endpoint import Endpoint, endpoint_of
from projections.webhooks.figures import WebhookFigures
from projections.webhooks.ledger import Ledger, SendTry
from projections.webhooks.patience import Patience, wished_pause
from projections.webhooks.signing import headers
from read_side.feed.event import StreamEvent, Telling
from read_side.feed.reading import Place, page
from read_side.tables import Tables

TURN_SECONDS = 5.0
"""After that, others come first."""

PAGE = 50
"""Rows of the feed that are read in one go."""

PAGE_SECONDS = 1.0
"""For which they may be told: what is taken from readers, and rights that are taken, count after that."""

STEP = 500
"""Positions after which it is noted that none of them had to be sent."""

SLOW_SECONDS = 1.0
"""A receiver that takes longer is a slow one."""

PUZZLED_SECONDS = 60.0
"""Until the next try of what cannot be put together."""

SUCCESS, GONE = 2, 410

log = structlog.get_logger("webhooks")

encode = msgspec.json.Encoder().encode


class Now(NamedTuple):
    """Where the feed is, and up to where it may be told."""

    place: Place
    lineage: Lineage
    head: int


class EventsWaiting(NamedTuple):
    """Events that are to be sent next, in order."""

    events: Sequence[StreamEvent]
    upto: int
    """Behind them nothing has to be sent up to here."""


class Turn:
    """What every endpoint's turn needs.

    Args:
        ledger: of endpoints.
        client: sends.
        tables: of the feed.
        telling: puts events together.
        now: where the feed is at this moment.
        patience: with those who do not take what they are sent.
        second_factor: whether roles that publish count only where a second factor was shown.
        figures: count tries.
    """

    def __init__(
        self,
        ledger: Ledger,
        client: PublicClient,
        tables: Tables,
        telling: Telling,
        now: Callable[[], Now],
        patience: Patience,
        *,
        second_factor: bool,
        figures: WebhookFigures,
    ) -> None:
        self._figures = figures
        self._ledger = ledger
        self._client = client
        self._tables = tables
        self._telling = telling
        self._now = now
        self._patience = patience
        self._second_factor = second_factor
        self.looked: dict[UUID, int] = {}
        """Endpoint → up to where nothing waits for it, beyond what is noted."""
        self.slow: set[UUID] = set()
        """Those that lately took long, or took nothing."""

    async def take(self, id_: UUID) -> bool:
        """Send what waits; tell whether there may be more.

        Raises:
            OSError, asyncpg.PostgresError: the database is away; this copy leads no more.
        """
        try:
            return await self._take(id_)
        except Problem:  # the tables of the feed are away for a moment
            return False
        except AWAY:
            raise
        except Exception as error:
            log.exception("webhook.puzzled", endpoint=str(id_), error=type(error).__name__)
            await self._ledger.wait(id_, PUZZLED_SECONDS)
            return False

    async def _take(self, id_: UUID) -> bool:
        ends = time.monotonic() + TURN_SECONDS
        waiting: list[StreamEvent] = []
        version: object = None
        read, upto = 0.0, 0
        while time.monotonic() < ends:
            row = await self._ledger.one(id_)
            if row is None:
                return False
            to = endpoint_of(row, second_factor=self._second_factor)
            if to.why_not:
                await self._ledger.pause(to)
                return False
            if not waiting or version != to.version or time.monotonic() - read > PAGE_SECONDS:
                version, read = to.version, time.monotonic()
                found = await self._waiting(to)
                waiting, upto = list(found.events), found.upto
            if not waiting:
                if await self._nothing(to, upto):
                    return False
                continue
            event = waiting.pop(0)
            if not await self._send(to, event):
                return False
        return True

    async def _nothing(self, to: Endpoint, upto: int) -> bool:
        """Note that nothing waits up to a position; tell whether nothing waits at all."""
        head = self._now().head
        if to.replay is not None:
            await self._ledger.passed(to, upto)
            return to.replay.upto > upto >= head or upto <= to.replay.done
        before = max(to.position, self.looked.get(to.id, 0))
        self.looked[to.id] = upto
        if upto - to.position >= STEP:
            await self._ledger.passed(to, upto)
        return upto >= head or upto <= before

    async def _waiting(self, to: Endpoint) -> EventsWaiting:
        now = self._now()
        after = to.after if to.replay is not None else max(to.after, self.looked.get(to.id, 0))
        last = now.head if to.replay is None else min(now.head, to.replay.upto)
        public = to.choice.public
        found = await page(self._tables, now.place, after, PAGE, public=public, wanted=to.choice.wanted)
        told = (self._telling.told(row, now.lineage, public=public) for row in found.rows)
        events = [one for one in told if one.position <= last and to.choice.takes(one)]
        return EventsWaiting(events, min(found.upto, last))

    async def _send(self, to: Endpoint, event: StreamEvent) -> bool:
        body = encode(event)
        began = time.monotonic()
        status, why, wished = None, None, 0.0
        try:
            reply = await self._client.post(to.url, body, headers(to.secrets, event.id, body, clock.now()))
            status, wished = reply.status, wished_pause(reply.headers)
        except Unanswered as error:
            why = str(error)
        took = time.monotonic() - began
        well = status is not None and status // 100 == SUCCESS
        (self.slow.discard if well and took < SLOW_SECONDS else self.slow.add)(to.id)
        if not well and why is None:
            why = "not taken"
        self._figures.tried("delivered" if well else "failed")
        tried = SendTry(event.position, event.id, event.type, status, why, round(took * 1_000))
        if well:
            await self._ledger.taken(to, tried)
        elif status == GONE:
            await self._ledger.gone(to, tried)
        else:
            await self._failed(to, tried, to.failing + took, wished)
        return well

    async def _failed(self, to: Endpoint, tried: SendTry, failing: float, wished: float) -> None:
        dead = self._patience.gives_up(failing if to.tries else 0.0)
        tries = 1 if dead else to.tries + 1
        pause = self._patience.pause(tries, random.random(), wished)  # noqa: S311 - spreads tries
        paused = dead and to.dead_in_a_row + 1 >= self._patience.in_a_row
        await self._ledger.failed(to, tried, pause, dead=dead, paused=paused)
        if dead:
            self._figures.tried("given_up")
            log.warning("webhook.dead_letter", endpoint=str(to.id), position=tried.position, paused=paused)
