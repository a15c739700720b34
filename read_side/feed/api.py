"""The routes of the feed: pages for who comes now and then, and a stream of events for who stays."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi import Query as FromQuery
from starlette.responses import StreamingResponse

from kit.auth.identity import Identities, Identity, optional_follower
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.edge.direct import direct_send
from kit.http.edge.streams import event_stream
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import COSTLY_QUERY
from kit.problem_types import TOO_MANY_STREAMS
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import PRIVATE, respond
from read_side.entry.answers import ETAG
from read_side.entry.kinds import Entries
from read_side.feed.asked import (
    LAST_EVENT,
    Beginning,
    ChangesQuery,
    EventsQuery,
    beginning,
    require_known,
    resumed,
)
from read_side.feed.choosing import EventChoice
from read_side.feed.described import EXAMPLE, STREAM_EXAMPLE, page_schema
from read_side.feed.event_line import encode
from read_side.feed.live import LiveFeed
from read_side.feed.source import FeedSource
from read_side.feed.stream import Rights, WhoFollows, followed
from read_side.fresh.waiting import require_there
from read_side.problem_types import NOT_ACCEPTABLE, NOT_BUILT, TABLES_UNAVAILABLE
from read_side.sources import Sources

Who = Annotated[Identity | None, Depends(optional_follower)]
"""Who asks: insiders are told of every event, everybody else of what readers may know."""

VARY = (b"vary", b"authorization, cookie")

BELIEVED_SECONDS = 1.0
"""For which it is believed who an insider is: then it is asked again, before he is told anything more."""


def feed_queries(entries: Entries, sources: Sources) -> Sequence[DeferredRoute]:
    """Return the routes of the feed."""
    feed = FeedSource(sources, entries)
    return (
        DeferredRoute("GET", "/v1/changes", partial(_changes, feed)),
        DeferredRoute("GET", "/v1/events", partial(_events, feed, LiveFeed(feed))),
    )


def _changes(feed: FeedSource) -> Rest:
    async def list_changes(
        request: Request, query: Annotated[ChangesQuery, FromQuery()], who: Who
    ) -> Response:
        """List what has happened since a position, oldest first: without a token what readers may know."""
        after = await _asked(feed, query, query.after)
        place, chosen = feed.place(), EventChoice(query, who)
        found = await feed.read(place, await feed.begin(place, after), query.limit, chosen)
        body = encode({"items": found.items, "next": found.upto, "head": found.head})
        answer = Answer(body, entity_tag(body), ())
        control = feed.sources.control if chosen.public else PRIVATE
        return respond(request, answer, control=control, extra=(VARY,))

    page = {"schema": page_schema(), "example": {"items": [EXAMPLE], "next": 171, "head": 171}}
    told: Responses = {
        304: {"description": "The page is the one that If-None-Match names.", "headers": ETAG},
        200: {
            "description": "What has happened, in the order of the log.",
            "headers": ETAG,
            "content": {"application/json": page},
        },
    }
    return partial(
        StrictRoute, endpoint=list_changes, tags=["stream"], limit=COSTLY_QUERY, summary="List what changed",
        operation_id="list_changes", response_class=Response,
        responses=joined(told, refusals((NOT_BUILT, TABLES_UNAVAILABLE, NOT_ACCEPTABLE))),
    )  # fmt: skip


def _events(feed: FeedSource, live: LiveFeed) -> Rest:
    async def follow_events(
        request: Request, query: Annotated[EventsQuery, FromQuery()], who: Who
    ) -> StreamingResponse:
        """Follow what happens, as an event stream: without a token what readers may know.

        The id of an event is its position: who comes again with it, as browsers do by themselves, misses
        nothing. Without it, and without `after`, the stream begins now.
        """
        chosen = EventChoice(query, who)
        after = await _asked(feed, query, resumed(request.headers.get(LAST_EVENT), query.after))
        rights = Rights() if chosen.public or who is None else RightsOfInsider(request, who)
        follower = WhoFollows(chosen, rights, partial(direct_send, request.scope))
        return await event_stream(_pieces(followed(feed, live, after, follower), live))

    stream = {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}}
    told: Responses = {
        200: {"description": "Events as they come, without end.", "headers": {}, "content": stream}
    }
    header = {
        "name": LAST_EVENT, "in": "header", "required": False, "schema": {"type": "string"},
        "description": "The id of the last event that was taken; it counts before `after`.",
    }  # fmt: skip
    return partial(
        StrictRoute, endpoint=follow_events, tags=["stream"], summary="Follow what happens",
        operation_id="follow_events", response_class=Response, openapi_extra={"parameters": [header]},
        responses=joined(
            told, refusals((NOT_ACCEPTABLE, TOO_MANY_STREAMS))
        ),
    )  # fmt: skip


async def _asked(feed: FeedSource, query: EventsQuery, place: str | None) -> Beginning:
    """Return from where on somebody wants events, once it is known that some may come.

    Raises:
        Problem: 400.
    """
    require_known(query, feed.sources.event_types)
    after = beginning(place)
    if isinstance(after, int):
        await require_there(feed.sources.served, after)
    return after


async def _pieces(events: AsyncIterator[bytes], live: LiveFeed) -> AsyncGenerator[bytes]:
    with live.following():
        try:
            async for piece in events:
                yield piece
        except Problem:
            return  # the tables cannot be read now; to browsers an answer that says so would be the end


class RightsOfInsider(Rights):
    """Those of an insider, which he may lose.

    Args:
        request: that he made.
        who: he was then.
    """

    def __init__(self, request: Request, who: Identity) -> None:
        self._request = request
        self._who = who
        self._clock = asyncio.get_running_loop().time
        self.until = self._clock() + BELIEVED_SECONDS

    async def hold(self) -> bool:
        """Tell whether he still has them; asks again when they were believed for long enough."""
        if self._clock() < self.until:
            return True
        identities: Identities = self._request.app.state.identities
        try:
            found = await identities.of(self._request.scope["headers"])
        except Problem:
            return False
        if found is None or found.roles != self._who.roles or found.scopes != self._who.scopes:
            return False
        self.until = self._clock() + BELIEVED_SECONDS
        return True
