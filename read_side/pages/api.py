"""The routes of pages: home, entries with their surroundings, timeline, family."""

from datetime import date
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from events.content.dates import days_of
from kit import clock
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.query import Limit, Query
from kit.http.requests.text import Id
from read_side.answers.days import PartialDay
from read_side.answers.parameters import Parameters
from read_side.answers.respond import Keep, respond
from read_side.entry.kind import Locale
from read_side.entry.kinds import MODEL, Entries
from read_side.entry.questions import After, Cursor
from read_side.fresh.waiting import caught_up
from read_side.pages.about import family_query, page_of_entry_query
from read_side.pages.described import HomePage, TimelinePage
from read_side.pages.family import KIN
from read_side.pages.home import home
from read_side.pages.page import PageQuery, in_locale, page, page_answer
from read_side.pages.timeline import FIRST, timeline
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

_OK, _MOVED = 200, 301

_Word = Annotated[str, Meta(max_length=100)]
_Place = tuple[date, _Word, _Word, UUID]
"""What a cursor of the timeline holds."""


class HomeQuery(Query):
    """Parameters of the home page."""

    locale: Locale = "en"
    after: After | None = None


class TimelineQuery(PageQuery):
    """Parameters of the timeline."""

    from_: PartialDay | None = Field(default=None, alias="from", description="What reaches this or later.")
    to: Annotated[PartialDay | None, Field(description="What begins at this or earlier.")] = None
    about: Annotated[Id | None, Field(description="An entry: itself, what it names, what names it.")] = None
    cursor: Cursor | None = None
    limit: Limit = 20


def page_queries(entries: Entries, sources: Sources) -> list[DeferredRoute]:
    """Return the routes of pages."""
    routes = [
        DeferredRoute("GET", "/v1/pages/home", partial(_home, entries, sources)),
        DeferredRoute("GET", "/v1/timeline", partial(_timeline, entries, sources)),
    ]
    for view in entries.views.values():
        routes.append(page_of_entry_query(view, entries, sources))
        if set(KIN) <= view.fields.keys():
            routes.append(family_query(view, sources))
    return routes


def _home(entries: Entries, sources: Sources) -> Rest:
    route = "/v1/pages/home"
    parameters, model = Parameters(HomeQuery), sources.model(MODEL)

    async def home_page(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        now = clock.now()
        shown = await home(sources.tables, entries.views, schema, now, query.locale)
        answer = page_answer(schema, shown.body, shown.tags)
        until = sources.served.clock() + (shown.body["until"] - now).total_seconds()
        keep = Keep({schema: shown.stamp}, route, answer.tags, until) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    return page(home_page, parameters, HomePage, "Read the home page", "read_home_page")


def _timeline(entries: Entries, sources: Sources) -> Rest:
    route = "/v1/timeline"
    parameters, model = Parameters(TimelineQuery), sources.model(MODEL)

    async def what_happened(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        days = (
            date.min if query.from_ is None else days_of(query.from_).earliest,
            date.max if query.to is None else days_of(query.to).latest,
        )
        question = f"timeline {days} {query.about}"
        after: Any = FIRST
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, _Place)
        found = await timeline(
            sources.tables,
            entries.views,
            schema,
            days=days,
            about=query.about,
            after=after,
            limit=query.limit,
        )
        following = None
        if found.last is not None:
            following = (await sources.cursors()).seal(question, found.last)
        body = in_locale(query.locale, {"items": found.items, "next": following})
        answer = page_answer(schema, body, found.tags)
        keep = Keep({schema: found.stamp}, route, answer.tags) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    return page(
        what_happened, parameters, TimelinePage, "Read what happened when", "read_timeline", INVALID_CURSOR
    )
