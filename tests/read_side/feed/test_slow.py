"""Who reads too slowly, or whose process fails, is cut and told where to go on: no hole, and no repeat."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from structlog.testing import capture_logs

from kit.ids import named_id
from kit.log.lineage import Lineage
from read_side.feed.asked import EventsQuery
from read_side.feed.choosing import EventChoice
from read_side.feed.event import Telling
from read_side.feed.event_line import LiveEvent
from read_side.feed.live import LiveFeed
from read_side.feed.source import EventsRead, FeedSource
from read_side.feed.stream import Rights, WhoFollows, followed

KEPT = 20

LINEAGE = Lineage(named_id("log"), "1:1")

TELLING = Telling({})


def _row(position: int) -> dict[str, Any]:
    return {
        "position": position, "sequence": position, "previous": position - 1, "type": "slug.claimed",
        "event": named_id("event", str(position)), "stream": named_id("stream"), "actor": named_id("actor"),
        "at": datetime(2026, 1, 31, tzinfo=UTC), "meta": None, "gone": None, "data": None,
    }  # fmt: skip


class Feed:
    """A feed in memory, as far as who follows sees it."""

    def __init__(self) -> None:
        self.lineage = LINEAGE
        self.telling = TELLING
        self.last = 0
        self.failure: Exception | None = None
        """What the next look ends with."""
        served = SimpleNamespace(clock=time.monotonic, told=asyncio.Event(), told_head=0)
        self.sources = SimpleNamespace(served=served)

    def grows(self, count: int) -> None:
        self.last += count
        told, self.sources.served.told = self.sources.served.told, asyncio.Event()
        told.set()

    def place(self) -> None: ...

    async def head(self, _place: None) -> int:
        return self.last

    async def begin(self, _place: None, wanted: int) -> int:
        return wanted

    async def new(self, _place: None, after: int, limit: int) -> tuple[Sequence[LiveEvent], int]:
        await asyncio.sleep(0)
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        upto = min(self.last, after + limit)
        return [LiveEvent(_row(one), TELLING, LINEAGE) for one in range(after + 1, upto + 1)], upto

    async def read(self, _place: None, after: int, limit: int, _chosen: EventChoice) -> EventsRead:
        await asyncio.sleep(0)
        upto = min(self.last, after + limit)
        told = [TELLING.told(_row(one), LINEAGE, public=True) for one in range(after + 1, upto + 1)]
        return EventsRead(told, upto, self.last)


def follow(feed: Feed, live: LiveFeed, after: int) -> AsyncIterator[bytes]:
    who = WhoFollows(EventChoice(EventsQuery(), None), Rights())
    return followed(cast("FeedSource", feed), live, after, who)


def ids(piece: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"^id: (\d+)\ndata", piece, re.MULTILINE)]


async def heard(stream: AsyncIterator[bytes], upto: int) -> list[int]:
    """Return the ids that come up to one."""
    found: list[int] = []
    async with asyncio.timeout(20):
        while not found or found[-1] < upto:
            found += ids(await anext(stream))
    return found


async def cut(stream: AsyncIterator[bytes], before: Sequence[int]) -> list[int]:
    """Return the ids that come until a stream is cut, which says where to go on."""
    async with asyncio.timeout(20):
        rest = [piece async for piece in stream]
    found = [one for piece in rest for one in ids(piece)]
    (told,) = re.findall(rb"^event: cut\ndata: (.*)$", rest[-1], re.MULTILINE)
    assert {"after": [*before, *found][-1]} == msgspec.json.decode(told)
    return found


async def test_one_who_falls_behind_what_is_kept_is_told_where_he_was_and_resumes_there() -> None:
    feed = Feed()
    live = LiveFeed(cast("FeedSource", feed), KEPT)
    feed.grows(3)
    with live.following():
        slow = follow(feed, live, 0)
        before = await heard(slow, 3)
        feed.grows(2)
        before += await heard(slow, 5)
        quick = follow(feed, live, 5)
        for _ in range(3):  # the slow one takes nothing meanwhile
            feed.grows(KEPT)
            await heard(quick, feed.last)
        before += await cut(slow, before)
        assert before[-1] < feed.last
        after = await heard(follow(feed, live, before[-1]), feed.last)
    assert [*range(1, feed.last + 1)] == before + after


async def test_the_reading_for_all_goes_on_after_an_error_that_nobody_expects() -> None:
    feed = Feed()
    live = LiveFeed(cast("FeedSource", feed), KEPT)
    feed.grows(3)
    with capture_logs() as said, live.following():
        stream = follow(feed, live, 0)
        found = await heard(stream, 3)
        feed.failure = RuntimeError("a row of a future build")
        feed.grows(2)
        found += await cut(stream, found)
        again = follow(feed, live, found[-1])
        found += await heard(again, 5)
        async with asyncio.timeout(20):
            await live.ready.wait()
        feed.grows(2)
        found += await heard(again, 7)
    assert ["feed.failed"] == [one["event"] for one in said]
    assert [*range(1, 8)] == found
