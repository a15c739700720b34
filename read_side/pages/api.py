"""The routes of pages: home, entries with their surroundings, timeline, family."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from events.content.dates import days_of
from kit import clock
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Limit, Query
from kit.http.requests.text import Id, plainly
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.days import PartialDay
from read_side.answers.language import in_language
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.answers.respond import Keep, nothing_here, parked_header, respond
from read_side.entry.answers import answers, moved
from read_side.entry.api import address_parameter, load
from read_side.entry.document import Found
from read_side.entry.history import as_json
from read_side.entry.kind import KindView, Locale
from read_side.entry.kinds import MODEL, Entries
from read_side.entry.questions import After, Cursor
from read_side.fresh.waiting import caught_up, not_parked
from read_side.pages.described import FamilyPage, HomePage, PageOfEntry, TimelinePage
from read_side.pages.entry_page import entry_page
from read_side.pages.family import KIN, family
from read_side.pages.home import home, hour_of
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


class PageQuery(Query):
    """Parameters of a page about one entry."""

    locale: Annotated[
        Locale | None,
        Field(description="Texts in this language alone; null where they are not written in it."),
    ] = None
    after: After | None = None


class FamilyQuery(PageQuery):
    """Parameters of a family."""

    depth: Annotated[int, Field(ge=1, le=5, description="Steps from the aircraft."), plainly] = 2


class TimelineQuery(PageQuery):
    """Parameters of the timeline."""

    from_: PartialDay | None = Field(default=None, alias="from", description="What reaches this or later.")
    to: Annotated[PartialDay | None, Field(description="What begins at this or earlier.")] = None
    about: Annotated[Id | None, Field(description="An entry: itself, what it names, what names it.")] = None
    cursor: Cursor | None = None
    limit: Limit = 20


def page_router(entries: Entries, sources: Sources) -> APIRouter:
    """Make the routes of pages under /v1."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    _add_home(router, entries, sources)
    _add_timeline(router, entries, sources)
    for view in entries.views.values():
        _add_entry(router, view, entries, sources)
        if set(KIN) <= view.fields.keys():
            _add_family(router, view, sources)
    return router


def _add_home(router: APIRouter, entries: Entries, sources: Sources) -> None:
    route = "/v1/pages/home"
    parameters, model = Parameters(HomeQuery), sources.model(MODEL)

    async def home_page(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        now = clock.now()
        shown = await home(sources.tables, entries.views, schema, hour_of(now), query.locale)
        answer = _answer(schema, shown.body, shown.tags)
        until = sources.served.clock() + (shown.body["until"] - now).total_seconds()
        keep = Keep({schema: shown.stamp}, route, answer.tags, until) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    _add(router, "/pages/home", home_page, parameters, HomePage, "Read the home page", "read_home_page")


def _add_timeline(router: APIRouter, entries: Entries, sources: Sources) -> None:
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
        body = _in(query.locale, {"items": found.items, "next": following})
        answer = _answer(schema, body, found.tags)
        keep = Keep({schema: found.stamp}, route, answer.tags) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    _add(
        router, "/timeline", what_happened, parameters, TimelinePage,
        "Read what happened when", "read_timeline", INVALID_CURSOR,
    )  # fmt: skip


def _add_entry(router: APIRouter, view: KindView, entries: Entries, sources: Sources) -> None:
    route = f"/v1/pages/{view.path}/{{address}}"
    parameters, model = Parameters(PageQuery), sources.model(MODEL)

    async def page_of_entry(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        found, document = await _found(request, sources, view, schema, query.after)
        if document.status != _OK:
            return _elsewhere(request, sources, found, document, "/v1/pages")
        shown = await entry_page(sources.tables, entries.views, schema, view, document)
        answer = _answer(schema, _in(query.locale, shown.body), shown.tags)
        kept = query.after is None and found.parked is None
        keep = Keep({schema: found.stamp}, route, answer.tags) if kept else None
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, keep=keep, extra=extra)

    _add(
        router, f"/pages/{view.path}/{{address}}", page_of_entry, parameters, PageOfEntry,
        f"Read the page about one {view.kind.words}", f"read_page_of_{view.name}", view=view,
    )  # fmt: skip


def _add_family(router: APIRouter, view: KindView, sources: Sources) -> None:
    route = f"/v1/{view.path}/{{address}}/family"
    parameters, model = Parameters(FamilyQuery), sources.model(MODEL)

    async def family_of(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        found, document = await _found(request, sources, view, schema, query.after)
        if document.status != _OK:
            return _elsewhere(request, sources, found, document, "/v1", "/family")
        root = document.tags[0].partition(":")[2]
        kin = await family(sources.tables, schema, root, query.depth)
        body = {"root": root, "members": kin.members, "bonds": kin.bonds, "whole": kin.whole}
        answer = _answer(schema, _in(query.locale, body), kin.tags)
        kept = query.after is None and found.parked is None
        keep = Keep({schema: found.stamp}, route, answer.tags) if kept else None
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, keep=keep, extra=extra)

    _add(
        router, f"/{view.path}/{{address}}/family", family_of, parameters, FamilyPage,
        f"Read the family of one {view.kind.words}", f"read_family_of_{view.name}", view=view,
    )  # fmt: skip


async def _found(
    request: Request, sources: Sources, view: KindView, schema: str, after: int | None
) -> tuple[Found, Answer]:
    """Return what readers see under the address of a request; raises Problem 404 or 503."""
    found = await load(sources, view, schema, request.path_params["address"])
    if found.answer is None:
        raise nothing_here()
    not_parked(found.parked, after)
    return found, found.answer


def _elsewhere(
    request: Request, sources: Sources, found: Found, document: Answer, before: str, behind: str = ""
) -> Response:
    """Return the answer to an address that leads elsewhere, or to several entries."""
    place = document.location
    if document.status == _MOVED:
        place = f"{before}{place.removeprefix('/v1')}{behind}"
    answer = Answer(document.body, document.etag, document.tags, document.status, place)
    return respond(request, answer, control=sources.control, extra=parked_header(found.parked))


def _in(locale: str | None, body: dict[str, Any]) -> dict[str, Any]:
    return body if locale is None else {"locale": locale} | in_language(body, locale)


def _answer(schema: str, shown: dict[str, Any], tags: tuple[str, ...]) -> Answer:
    body = as_json(shown)
    return Answer(body, entity_tag(schema.encode(), body), tags)


def _add(
    router: APIRouter, path: str, endpoint: Any, parameters: Parameters[Any], model: Any,
    summary: str, name: str, *refuses: Any, view: KindView | None = None,
) -> None:  # fmt: skip
    """Add a route; with a kind, its path has an address of an entry."""
    told = answers(model, *refuses, of_entry=view is not None)
    own = [] if view is None else [address_parameter(view)]
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        tags=["pages"],
        summary=summary,
        operation_id=name,
        name=name,
        responses=told if view is None else told | moved(view),
        openapi_extra={"parameters": [*own, *parameters.described()]},
        route_class_override=DirectRoute,
    )
