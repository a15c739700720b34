"""Pages about one entry: with those around it, and with its family."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.text import plainly
from read_side.answers.answer import Answer
from read_side.answers.parameters import Parameters
from read_side.answers.respond import Keep, nothing_here, parked_header, respond
from read_side.entry.api import load
from read_side.entry.document import Found, id_of
from read_side.entry.kind import KindView
from read_side.entry.kinds import MODEL, Entries
from read_side.fresh.waiting import caught_up, not_parked
from read_side.pages.described import FamilyPage, PageOfEntry
from read_side.pages.entry_page import entry_page
from read_side.pages.family import family
from read_side.pages.page import PageQuery, in_locale, page, page_answer
from read_side.sources import Sources

_OK, _MOVED = 200, 301

type Shown = tuple[dict[str, Any], tuple[str, ...]]
"""What a page shows, and the purge tags that it hangs on."""


class FamilyQuery(PageQuery):
    """Parameters of a family."""

    depth: Annotated[int, Field(ge=1, le=5, description="Steps from the aircraft."), plainly] = 2


class About(NamedTuple):
    """A route of what is shown around one entry."""

    asked: type[PageQuery]
    told: Any
    """The model of the answer."""
    before: str
    behind: str
    """What stands around the entry's place in addresses."""
    summary: str
    name: str


def page_of_entry_query(view: KindView, entries: Entries, sources: Sources) -> DeferredRoute:
    """Return the route of an entry of a kind with those around it."""

    async def around(schema: str, document: Answer, _query: PageQuery) -> Shown:
        shown = await entry_page(sources.tables, entries.views, schema, view, document)
        return shown.body, shown.tags

    summary = f"Read the page about one {view.kind.words}"
    about = About(PageQuery, PageOfEntry, "/v1/pages", "", summary, f"read_page_of_{view.name}")
    return _query(view, sources, about, around)


def family_query(view: KindView, sources: Sources) -> DeferredRoute:
    """Return the route of the kin of an entry as a graph."""

    async def graph(schema: str, document: Answer, query: FamilyQuery) -> Shown:
        root = str(id_of(document))
        kin = await family(sources.tables, schema, root, query.depth, view.list_tag)
        return {"root": root, "members": kin.members, "bonds": kin.bonds, "whole": kin.whole}, kin.tags

    summary = f"Read the family of one {view.kind.words}"
    about = About(FamilyQuery, FamilyPage, "/v1", "/family", summary, f"read_family_of_{view.name}")
    return _query(view, sources, about, graph)


type _Show = Callable[[str, Answer, Any], Awaitable[Shown]]


def _query(view: KindView, sources: Sources, about: About, show: _Show) -> DeferredRoute:
    path = f"{about.before}/{view.path}/{{address}}{about.behind}"
    return DeferredRoute("GET", path, partial(_route, path, view, sources, about, show))


def _route(route: str, view: KindView, sources: Sources, about: About, show: _Show) -> Rest:
    asked, told, before, behind, summary, name = about
    parameters, model = Parameters(asked), sources.model(MODEL)

    async def endpoint(request: Request) -> Response:
        query = parameters.read(request)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        found, document = await _found(request, sources, view, schema, query.after)
        if document.status != _OK:
            return _elsewhere(request, sources, found, document, before, behind)
        body, tags = await show(schema, document, query)
        answer = page_answer(schema, in_locale(query.locale, body), tags)
        kept = query.after is None and found.parked is None
        keep = Keep({schema: found.stamp}, route, answer.tags) if kept else None
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, keep=keep, extra=extra)

    return page(endpoint, parameters, told, summary, name, view=view)


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
    request: Request, sources: Sources, found: Found, document: Answer, before: str, behind: str
) -> Response:
    """Return the answer to an address that leads elsewhere, or to several entries."""
    place = document.location
    if document.status == _MOVED:
        place = f"{before}{place.removeprefix('/v1')}{behind}"
    answer = Answer(document.body, document.etag, document.tags, document.status, place)
    return respond(request, answer, control=sources.control, extra=parked_header(found.parked))
