"""What readers may know, on its way to RabbitMQ: the numbered events of the feed, as anybody is told them."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from kit.broker.publisher import Message
from kit.broker.topology import PUBLIC
from kit.errors import Problem
from kit.log.lineage import Lineage
from kit.postgres.connect import PROJECTOR
from projections.forwarding.journey import ForwardingForm
from projections.forwarding.message import CONTENT_TYPE
from read_side.entry.kind import KindView
from read_side.feed.event import StreamEvent, Telling
from read_side.feed.reading import Place, page
from read_side.tables import Tables

_PLACE = """
select (select schema from project.generation where model = $1 and fingerprint = $2 and state = 'current'),
       (select schema from project.generation where model = $3 and fingerprint = $4 and state = 'current')"""

_encode = msgspec.json.Encoder().encode


class PublicFeed(NamedTuple):
    """Where that is read which readers may know."""

    models: Mapping[str, str]
    """Read model → fingerprint of this build: the feed, and that of entries."""
    views: Mapping[str, KindView]
    """Kind → what is shown of it."""
    grown: asyncio.Event
    """Set when there are new numbers."""


class PublicSource:
    """Reads the events that readers may know, in order; what lies between them is passed over.

    Every method raises ConnectionError when the database does not answer.

    Args:
        dsn: address of the database.
        feed: where it is read.
        lineage: of the log.
        number: of the last event that was sent before.
    """

    def __init__(self, dsn: str, feed: PublicFeed, lineage: Lineage, number: int = 0) -> None:
        self._tables = Tables(dsn, 1, PROJECTOR)
        self._asked = [part for model in ("feed", "entries") for part in (model, feed.models[model])]
        self._telling = Telling(feed.views)
        self._lineage = lineage
        self._grown = feed.grown
        self._upto: int | None = None
        self._number = number
        self._numbers: deque[tuple[int, int]] = deque()
        """Position and number of what was read since."""

    async def __aenter__(self) -> Self:
        await self._tables.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tables.__aexit__(kind, error, trace)

    @property
    def form(self) -> ForwardingForm:
        """What a forwarder takes of it."""
        return ForwardingForm(lambda events, _after: events, message_of, lambda _after: self._upto)

    async def read(self, after: int, limit: int) -> Sequence[StreamEvent]:
        """Return up to `limit` events with position > after, in order."""
        self._grown.clear()
        self._upto = None
        try:
            row = await self._tables.row(_PLACE, *self._asked)
            if row[0] is None or row[1] is None:  # they are being filled
                return ()
            found = await page(self._tables, Place(*row), after, limit, public=True)
        except Problem as problem:
            raise ConnectionError(problem.title) from problem
        if not found.rows and found.upto > after:
            self._upto = found.upto
        while self._numbers and self._numbers[-1][0] > after:  # they are read again
            self._numbers.pop()
        self._numbers.extend((row["position"], row["sequence"]) for row in found.rows)
        return [self._telling.told(row, self._lineage, public=True) for row in found.rows]

    def number_at(self, position: int) -> int:
        """Return the number of the last event up to a position; none may be before one that was asked for."""
        while self._numbers and self._numbers[0][0] <= position:
            self._number = self._numbers.popleft()[1]
        return self._number

    async def wait(self, _after: int, seconds: float) -> None:
        """Return when there may be more, or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), seconds)


def message_of(event: StreamEvent, exchange: str = PUBLIC) -> Message:
    """Return the message that carries an event."""
    headers: dict[str, Any] = {"x-position": event.position, "x-sequence": event.sequence}
    return Message(
        exchange=exchange,
        routing_key=event.type,
        body=_encode(event),
        message_id=str(event.id),
        content_type=CONTENT_TYPE,
        timestamp=max(0, int(event.time.timestamp())),
        headers=headers | {"x-logid": str(event.logid), "x-epoch": event.epoch},
    )
