"""What the routes of the feed read from: pages for those who ask, and all that is new for the live feed."""

from collections.abc import Sequence
from typing import NamedTuple

from kit.errors import Problem
from kit.log.lineage import Lineage
from read_side.entry.kinds import MODEL as ENTRIES
from read_side.entry.kinds import Entries
from read_side.feed.asked import Beginning
from read_side.feed.choosing import EventChoice
from read_side.feed.event import StreamEvent, Telling
from read_side.feed.event_line import LiveEvent
from read_side.feed.reading import Place, page, since
from read_side.feed.table import MODEL
from read_side.problem_types import NOT_BUILT
from read_side.sources import Sources

LOOKS = 5
"""Questions to the database for one page: with filters that choose little, the page ends where they do."""

CHUNK = 200
"""Rows of one question at the least."""

END = 2**62
"""Behind any position."""


class EventsRead(NamedTuple):
    """Some events in order."""

    items: Sequence[StreamEvent]
    upto: int
    """Everything up to here was looked through: where to go on."""
    head: int
    """Everything up to here can be told."""


class FeedSource:
    """Reads the feed.

    Every method raises Problem 503 while there is none, or the database does not answer.

    Args:
        sources: of this process.
        entries: the kinds of which is told.
    """

    def __init__(self, sources: Sources, entries: Entries) -> None:
        self.sources = sources
        self.telling = Telling(entries.views)

    def place(self) -> Place:
        """Return where the rows are."""
        served = self.sources.served
        return Place(served.where(self.sources.model(MODEL)), served.where(self.sources.model(ENTRIES)))

    @property
    def lineage(self) -> Lineage:
        """That of the log."""
        found = self.sources.served.lineage
        if found is None:
            raise Problem(NOT_BUILT, headers={"Retry-After": "1"})
        return found

    async def head(self, place: Place) -> int:
        """Return the position up to which everything can be told."""
        return (await page(self.sources.tables, place, END, 1, public=True)).head

    async def begin(self, place: Place, wanted: Beginning) -> int:
        """Return the position after which somebody wants events."""
        if isinstance(wanted, int):
            return wanted
        head = await self.head(place)
        return head if wanted is None else await since(self.sources.tables, place, wanted, head)

    async def new(self, place: Place, after: int, limit: int) -> tuple[list[LiveEvent], int]:
        """Return what came after a position, up to `limit` of it, and the position that it goes to."""
        lineage = self.lineage
        found = await page(self.sources.tables, place, after, limit, public=False)
        return [LiveEvent(row, self.telling, lineage) for row in found.rows], max(after, found.upto)

    async def read(self, place: Place, after: int, limit: int, chosen: EventChoice) -> EventsRead:
        """Return the events after a position that somebody wants, up to `limit` of them."""
        lineage, tables = self.lineage, self.sources.tables
        items: list[StreamEvent] = []
        head = 0
        for _ in range(LOOKS):
            size = max(CHUNK, limit)
            found = await page(tables, place, after, size, public=chosen.public, wanted=chosen.wanted)
            head = found.head
            for row in found.rows:
                event = self.telling.told(row, lineage, public=chosen.public)
                if chosen.takes(event):
                    items.append(event)
                    if len(items) == limit:
                        return EventsRead(items, event.position, head)
            after = found.upto
            if after >= head:
                break
        return EventsRead(items, after, head)
