"""The route of the feed's pages: what has changed since a position, for who comes now and then."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
from fastapi import Depends, Request, Response
from fastapi import Query as FromQuery

from kit.auth.identity import Identity, optional_follower
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import COSTLY_QUERY
from kit.log.lineage import Lineage
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import PRIVATE, respond
from read_side.entry.answers import ETAG
from read_side.entry.kinds import MODEL as ENTRIES
from read_side.entry.kinds import Entries
from read_side.feed.asked import ChangesQuery, Following, beginning
from read_side.feed.described import EXAMPLE, page_schema
from read_side.feed.event import StreamEvent, Telling
from read_side.feed.reading import Place, page, since
from read_side.feed.table import MODEL
from read_side.problem_types import NOT_ACCEPTABLE, NOT_BUILT, TABLES_UNAVAILABLE
from read_side.sources import Sources

Who = Annotated[Identity | None, Depends(optional_follower)]
"""Who asks: insiders are told of every event, everybody else of what readers may know."""

VARY = (b"vary", b"authorization, cookie")

LOOKS = 5
"""Questions to the database for one page: with filters that choose little, the page ends where they do."""

CHUNK = 200
"""Rows of one question at the least."""

encode = msgspec.json.Encoder().encode


class FeedSource:
    """What the routes of the feed read from.

    Args:
        sources: of this process.
        entries: the kinds of which is told.
    """

    def __init__(self, sources: Sources, entries: Entries) -> None:
        self.sources = sources
        self.telling = Telling(entries.views)

    def place(self) -> Place:
        """Return where the rows are; raises Problem 503 while they are nowhere."""
        served = self.sources.served
        return Place(served.where(self.sources.model(MODEL)), served.where(self.sources.model(ENTRIES)))

    @property
    def lineage(self) -> Lineage:
        """That of the log; raises Problem 503 before it is known."""
        found = self.sources.served.lineage
        if found is None:
            raise Problem(NOT_BUILT, headers={"Retry-After": "1"})
        return found

    async def begin(self, place: Place, after: str | None, *, public: bool) -> int:
        """Return the position after which somebody wants events.

        Raises:
            Problem: 400 when what he said is none, 503 when it cannot be looked up.
        """
        wanted = beginning(after)
        if isinstance(wanted, int):
            return wanted
        head = (await page(self.sources.tables, place, 2**62, 1, public=public)).head
        return head if wanted is None else await since(self.sources.tables, place, wanted, head)

    async def read(
        self, place: Place, after: int, limit: int, chosen: Following
    ) -> tuple[list[StreamEvent], int, int]:
        """Return the events after a position that somebody wants, where to go on, and the head.

        Raises:
            Problem: 503 when the database does not answer.
        """
        lineage = self.lineage
        items: list[StreamEvent] = []
        head = 0
        for _ in range(LOOKS):
            found = await page(
                self.sources.tables,
                place,
                after,
                max(CHUNK, limit),
                public=chosen.public,
                wanted=chosen.wanted,
            )
            head = found.head
            for row in found.rows:
                event = self.telling.told(row, lineage, public=chosen.public)
                if chosen.takes(event):
                    items.append(event)
                    if len(items) == limit:
                        return items, event.position, head
            after = found.upto
            if after >= head:
                break
        return items, after, head


def feed_queries(entries: Entries, sources: Sources) -> Sequence[DeferredRoute]:
    """Return the routes of the feed."""
    feed = FeedSource(sources, entries)
    return (DeferredRoute("GET", "/v1/changes", partial(_changes, feed)),)


def _changes(feed: FeedSource) -> Rest:
    async def list_changes(
        request: Request, query: Annotated[ChangesQuery, FromQuery()], who: Who
    ) -> Response:
        """List what has happened since a position, oldest first: without a token what readers may know."""
        place, chosen = feed.place(), Following(query, who)
        after = await feed.begin(place, query.after, public=chosen.public)
        items, following, head = await feed.read(place, after, query.limit, chosen)
        body = encode({"items": items, "next": following, "head": head})
        answer = Answer(body, entity_tag(body), ())
        control = feed.sources.control if chosen.public else PRIVATE
        return respond(request, answer, control=control, extra=(VARY,))

    told: Responses = {
        304: {"description": "The page is the one that If-None-Match names.", "headers": ETAG},
        200: {
            "description": "What has happened, in the order of the log.",
            "headers": ETAG,
            "content": {
                "application/json": {
                    "schema": page_schema(),
                    "example": {"items": [EXAMPLE], "next": 171, "head": 171},
                }
            },
        },
    }
    return partial(
        StrictRoute, endpoint=list_changes, tags=["stream"], limit=COSTLY_QUERY, summary="List what changed",
        operation_id="list_changes", response_class=Response,
        responses=joined(told, refusals((NOT_BUILT, TABLES_UNAVAILABLE, NOT_ACCEPTABLE))),
    )  # fmt: skip
