"""What is new in the feed, read once for all who follow it in this process, and kept for a while."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog

from kit.errors import Problem
from kit.http.edge.streams import too_many
from kit.log.lineage import Lineage
from read_side.feed.crowd import Crowd
from read_side.feed.event_line import LiveEvent
from read_side.feed.source import FeedSource

IN_ALL = 10_000
"""Followers of one process; the edge bounds those of an address."""

KEPT = 4_000
"""Events that are kept for those who are a little behind; who is further behind reads the tables."""

AT_ONCE = 500
"""Events of one look."""

LEAST, PER_FOLLOWER = 0.015, 0.000_05
"""Seconds between two looks while there is something new, and for each follower: what comes in that time is
sent together, since each piece costs each follower's connection the same."""

HURRY = 0.01
"""Seconds between two looks while the log has more than the feed: it is being projected."""

PATIENCE = 2.0
"""Seconds for which that is expected soon."""

LOOK_SECONDS = 1.0
"""Seconds between two looks while nothing is said: a word of the log may be lost."""

log = structlog.get_logger()


class LiveFeed:
    """The newest events of the log, while anybody follows.

    Args:
        source: where they are read.
        kept: of them at the most.

    Attributes:
        head: everything up to here has come.
        crowd: those who have all of it; they are told at once what comes.
        grown: set, and replaced by another one, whenever something has come or all are sent away.
    """

    def __init__(self, source: FeedSource, kept: int = KEPT) -> None:
        self._source = source
        self._kept = kept
        self._events: list[LiveEvent] = []
        self._positions: list[int] = []
        self._floor = 0
        self._followers = 0
        self._reading: asyncio.Task[None] | None = None
        self._joined: dict[tuple[int, int, bool], bytes] = {}
        self.head = 0
        self.crowd = Crowd()
        self.ready = asyncio.Event()
        self.grown = asyncio.Event()
        self.round = 0
        """Another one: positions of before say nothing, and who follows has to come again."""

    @contextmanager
    def following(self) -> Iterator[None]:
        """Read for one more while the block lasts.

        Raises:
            Problem: 429, this process has too many.
        """
        if self._followers >= IN_ALL:
            raise too_many()
        self._followers += 1
        if self._reading is None:
            self._reading = asyncio.create_task(self._keep_reading(), name="live feed")
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._reading.cancel()
                self._reading = None
                self._forget()

    def covers(self, position: int) -> bool:
        """Tell whether all that came after a position is here."""
        return self.ready.is_set() and position >= self._floor

    def since(self, position: int) -> Sequence[LiveEvent]:
        """Return what came after a position that is covered."""
        return self._events[bisect_right(self._positions, position) :]

    def joined(self, position: int, *, public: bool) -> bytes:
        """Return all of that as one piece of an event stream, for those who choose nothing."""
        key = position, self.head, public
        known = self._joined.get(key)
        if known is None:
            if any(head != self.head for _, head, _ in self._joined):
                self._joined.clear()
            known = self._joined[key] = b"".join(one.line(public=public) for one in self.since(position))
        return known

    async def wait(self, grown: asyncio.Event, seconds: float) -> bool:
        """Return when something has come, or after so many seconds; tell whether something has.

        Args:
            grown: as it was before the last look.
            seconds: at the most.
        """
        try:
            async with asyncio.timeout(seconds):
                await grown.wait()
        except TimeoutError:
            return False
        return True

    async def _keep_reading(self) -> None:
        """Look for what is new without end, whatever happens: many wait for it."""
        while True:
            try:
                await self._read()
            except Exception:
                log.exception("feed.failed")
                self._forget()  # who follows is cut, and comes again
                await asyncio.sleep(LOOK_SECONDS)

    async def _read(self) -> None:
        """Look for what is new, without end."""
        source, served = self._source, self._source.sources.served
        lineage: Lineage | None = None
        expected = served.clock()
        while True:
            told, wanted = served.told, served.told_head
            try:
                place = source.place()
                if lineage != source.lineage:
                    self._forget()
                    self.head = self._floor = await source.head(place)
                    lineage = source.lineage
                    self.ready.set()
                    self._woken()
                new, head = await source.new(place, self.head, AT_ONCE)
            except Problem as problem:
                log.warning("feed.away", reason=problem.title)
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if head > self.head:
                self._take(new, head)
                expected = served.clock() + PATIENCE
                await asyncio.sleep(LEAST + PER_FOLLOWER * self._followers)
            elif wanted > head and served.clock() < expected:  # it is being projected
                await asyncio.sleep(HURRY)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await told.wait()
                expected = served.clock() + PATIENCE

    def _take(self, came: Sequence[LiveEvent], head: int) -> None:
        """Keep what has come, and take from readers what they are not to know any more."""
        for one in came:
            if one.takes_away:
                for before in self._events:
                    if before.is_about(one):
                        before.withdraw()
                self._joined.clear()
            self._events.append(one)
            self._positions.append(one.position)
        self.head = head
        too_many_ = len(self._events) - self._kept
        if too_many_ > 0:
            self._floor = self._positions[too_many_ - 1]
            del self._events[:too_many_], self._positions[:too_many_]
        self.crowd.tell(came, head)
        self._woken()

    def _woken(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()

    def _forget(self) -> None:
        """Let everybody who follows come again."""
        self.round += 1
        self.ready.clear()
        self._events, self._positions = [], []
        self._joined.clear()
        self.head = self._floor = 0
        self.crowd.release()
