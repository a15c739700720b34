"""Routes of any kind of entry for everybody: lists and published documents."""

from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kit.http.deferred import DeferredRoute, Rest
from kit.limits.catalog import COSTLY_QUERY
from read_side.answers.answer import OK, Answer, decode, encode, entity_tag
from read_side.answers.language import in_language
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.answers.respond import Keep, nothing_here, parked_header, respond
from read_side.entry import history_api
from read_side.entry.answers import CHOICES, answers, moved
from read_side.entry.brought.added import Added, added
from read_side.entry.brought.cards import Includes
from read_side.entry.described import Models
from read_side.entry.document import NOTHING, Found, document_key, find, form, id_of, read_address
from read_side.entry.history import as_json
from read_side.entry.kind import KindView
from read_side.entry.kinds import MODEL, Entries
from read_side.entry.lists.group import members
from read_side.entry.lists.page import Asked, Lists
from read_side.entry.pointing.api import broken_links_query, used_by_query
from read_side.entry.questions import chosen, counted, document_query, included, list_query
from read_side.fresh.served import TRUSTED
from read_side.fresh.waiting import caught_up, not_parked
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources


def entry_queries(entries: Entries, sources: Sources) -> list[DeferredRoute]:
    """Return the query routes of every kind."""
    form()  # now: later its files may be those of another build
    lists, includes = Lists(entries, sources.tables), Includes(entries.views, sources.tables)
    routes: list[DeferredRoute] = []
    for view in entries.shown():
        place, models = f"/v1/{view.path}", Models(view)
        routes += (
            DeferredRoute("GET", place, partial(_list, view, sources, models, lists, includes)),
            DeferredRoute(
                "GET", f"{place}/{{address}}", partial(_document, view, entries, sources, models, includes)
            ),
            *history_api.history_queries(view, sources, models),
            used_by_query(view, sources),
        )
    return [*routes, broken_links_query(sources)]


def _list(view: KindView, sources: Sources, models: Models, lists: Lists, includes: Includes) -> Rest:
    route = f"/v1/{view.path}"
    parameters = Parameters(list_query(view, includes))
    facets, include = counted(view), included(includes, view)
    model = sources.model(MODEL)

    async def listed(request: Request) -> Response:
        query: Any = parameters.read(request)
        fields = chosen(query.fields, view.list_fields)
        tree = includes.tree(include.chosen(query))
        asked = Asked(
            query.locale,
            {name: one for name in view.filters if (one := getattr(query, name)) not in ([], None)},
            query.sort,
            query.limit,
            facets.chosen(query),
            query.total == "true",
        )
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        question = asked.question(view)
        after: tuple[Any, ...] | None = None
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, asked.after(view))
        found = await lists.page(view, schema, asked, after)
        units = getattr(query, "units", None)
        more = await added(includes, view, schema, found.items, fields, tree, units, found.stamp)
        following = None
        if found.last is not None:
            following = (await sources.cursors()).seal(question, found.last)
        page: dict[str, Any] = {"items": more.entries, "next": following, **found.counted}
        if query.locale is not None and not view.localized:
            page = {"locale": query.locale} | in_language(page, query.locale)
        body = as_json(page)
        tags = tuple(dict.fromkeys((*lists.tags(view), *found.tags, *more.tags)))
        answer = Answer(body, entity_tag(schema.encode(), body), tags)
        keep = Keep({schema: more.stamp}, route, answer.tags) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    return partial(
        DirectRoute,
        limit=COSTLY_QUERY,
        endpoint=listed,
        tags=[view.path],
        name=f"list {view.path}",
        summary=f"List published {view.path.replace('-', ' ')}",
        operation_id=f"list_{view.path.replace('-', '_')}",
        responses=answers(models.page, INVALID_CURSOR, of_entry=False),
        openapi_extra={"parameters": parameters.described()},
    )


def _document(view: KindView, entries: Entries, sources: Sources, models: Models, includes: Includes) -> Rest:
    route = f"/v1/{view.path}/{{address}}"
    parameters = Parameters(document_query(view, includes))
    include = included(includes, view)
    model = sources.model(MODEL)
    is_shown_here = members(view, entries.tables, sources.tables)

    async def document(request: Request) -> Response:
        query: Any = parameters.read(request)
        fields = chosen(query.fields, view.document_fields)
        tree, units = includes.tree(include.chosen(query)), getattr(query, "units", None)
        address: str = request.path_params["address"]
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        moment = int(sources.served.clock() / TRUSTED)  # nobody boards a flight that left longer ago
        found = await sources.flights.share(
            (schema, model.position, moment, view.path, address), lambda: load(sources, view, schema, address)
        )
        answer = found.answer
        if answer is None:  # what is put aside of it is nobody's business here
            raise nothing_here()
        if not await is_shown_here(schema, id_of(answer)):
            raise nothing_here()
        not_parked(found.parked, query.after)
        locale, stamp = None if view.localized else query.locale, found.stamp
        if (fields is not None or tree or units or locale) and answer.status == OK:
            whole = orjson.loads(answer.body)
            more = await added(includes, view, schema, [whole], fields, tree, units, stamp)
            answer, stamp = _other(answer, more, locale), more.stamp
        keep = None
        if query.after is None and found.parked is None:
            keep = Keep({schema: stamp}, route, answer.tags)
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, keep=keep, extra=extra)

    return partial(
        DirectRoute,
        endpoint=document,
        tags=[view.path],
        name=f"read {view.called}",
        summary=f"Read what is published of one {view.called.replace('_', ' ')}",
        operation_id=f"read_{view.called}",
        responses=answers(models.document) | moved(view) | (CHOICES if view.localized else {}),
        openapi_extra={"parameters": [address_parameter(view), *parameters.described()]},
    )


def address_parameter(view: KindView) -> dict[str, Any]:
    """Describe what stands in the path."""
    more = (
        " A slug may stand alone while only one language has it, and behind its language: `en:antonov-an-2`."
        if view.localized
        else ""
    )
    return {
        "name": "address",
        "in": "path",
        "required": True,
        "description": f"Slug, present or former, or id.{more}",
        "schema": {"type": "string", "minLength": 1, "maxLength": 123},
        "example": "antonov-an-2",
    }


async def load(sources: Sources, view: KindView, schema: str, text: str) -> Found:
    """Return what stands under an address: a shared copy if it is as good as the rows, else from the rows.

    Raises:
        Problem: 503 when the database does not answer.
    """
    address = read_address(view, text)
    if address is None:
        return NOTHING
    key = document_key(view, schema, address)
    cache = sources.cache  # what is read below is put where copies of this lineage are, whatever comes
    held = await cache.get(key) if cache.kept else None
    if held is not None and sources.served.trusted:
        stamp, value = held
        copy = decode(value)
        if copy is not None and sources.model(MODEL).holds(schema, stamp, copy.tags):
            return Found(copy, stamp, None)
    found = await find(sources.tables, view, schema, address)
    if found.answer is not None and found.answer.status == OK and found.parked is None and cache.kept:
        cache.put_later(key, found.stamp, encode(found.answer))
    return found


def _other(answer: Answer, more: Added, locale: str | None) -> Answer:
    """Return the answer of a document with what was added and left out; with a language, its texts alone."""
    shown = more.entries[0]
    if locale is not None:
        shown = {"locale": locale} | in_language(shown, locale)
    body = as_json(shown)
    tags = tuple(dict.fromkeys((*answer.tags, *more.tags)))
    return Answer(body, entity_tag(answer.etag.encode(), body), tags)
