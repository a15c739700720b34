"""Routes of any kind of entry for everybody: lists and published documents."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kit.http.requests.body import StrictRoute
from read_side.answers.answer import Answer, decode, encode, entity_tag
from read_side.answers.language import in_language
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.answers.respond import Keep, nothing_here, parked_header, respond
from read_side.entry import history_api
from read_side.entry.answers import CHOICES, answers, moved
from read_side.entry.described import Models
from read_side.entry.document import NOTHING, Found, document_key, find, read_address
from read_side.entry.history import as_json
from read_side.entry.kind import KindView, entry_tag
from read_side.entry.kinds import MODEL, Entries
from read_side.entry.lists.page import Asked, Lists
from read_side.entry.pointing.api import add_broken_links, add_used_by
from read_side.entry.questions import chosen, document_query, list_query
from read_side.fresh.served import TRUSTED
from read_side.fresh.waiting import caught_up, not_parked
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

_OK = 200


def entry_router(entries: Entries, sources: Sources) -> APIRouter:
    """Make the query routes of every kind under /v1."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    lists = Lists(entries, sources.tables)
    for view in entries.views.values():
        models = Models(view)
        _add_list(router, view, sources, models, lists)
        _add_document(router, view, sources, models)
        history_api.add(router, view, sources, models)
        add_used_by(router, view, sources)
    add_broken_links(router, sources)
    return router


def _add_list(router: APIRouter, view: KindView, sources: Sources, models: Models, lists: Lists) -> None:
    route = f"/v1/{view.path}"
    parameters = Parameters(list_query(view))
    model = sources.model(MODEL)

    async def listed(request: Request) -> Response:
        query: Any = parameters.read(request)
        fields = chosen(query.fields, view.list_fields)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        filters = {
            name: getattr(query, name) for name in view.filters if getattr(query, name) not in ([], None)
        }
        asked = Asked(query.locale, filters, query.sort, query.limit)
        question = asked.question(view)
        after: tuple[Any, ...] | None = None
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, asked.after(view))
        found = await lists.page(view, schema, asked, after)
        items = found.items
        if fields is not None:
            items = [{name: item[name] for name in fields} for item in items]
        following = None
        if found.last is not None:
            following = (await sources.cursors()).seal(question, found.last)
        page: dict[str, Any] = {"items": items, "next": following}
        if query.locale is not None and not view.localized:
            page = {"locale": query.locale} | in_language(page, query.locale)
        body = as_json(page)
        tags = (view.list_tag, *map(entry_tag, found.named))
        answer = Answer(body, entity_tag(schema.encode(), body), tags)
        keep = Keep({schema: found.stamp}, route, answer.tags) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    router.add_api_route(
        f"/{view.path}",
        listed,
        methods=["GET"],
        tags=[view.path],
        name=f"list {view.path}",
        summary=f"List published {view.path.replace('-', ' ')}",
        operation_id=f"list_{view.path.replace('-', '_')}",
        responses=answers(models.page, INVALID_CURSOR, of_entry=False),
        openapi_extra={"parameters": parameters.described()},
        route_class_override=DirectRoute,
    )


def _add_document(router: APIRouter, view: KindView, sources: Sources, models: Models) -> None:
    route = f"/v1/{view.path}/{{address}}"
    parameters = Parameters(document_query(view))
    model = sources.model(MODEL)

    async def document(request: Request) -> Response:
        query: Any = parameters.read(request)
        fields = chosen(query.fields, view.document_fields)
        address: str = request.path_params["address"]
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        moment = int(sources.served.clock() / TRUSTED)  # nobody boards a flight that left longer ago
        found = await sources.flights.share(
            (schema, model.position, moment, view.name, address), lambda: load(sources, view, schema, address)
        )
        answer = found.answer
        if answer is None:  # what is put aside of it is nobody's business here
            raise nothing_here()
        not_parked(found.parked, query.after)
        locale = None if view.localized else query.locale
        if (fields is not None or locale is not None) and answer.status == _OK:
            answer = _part(answer, fields, locale)
        keep = None
        if query.after is None and found.parked is None:
            keep = Keep({schema: found.stamp}, route, answer.tags)
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, keep=keep, extra=extra)

    router.add_api_route(
        f"/{view.path}/{{address}}",
        document,
        methods=["GET"],
        tags=[view.path],
        name=f"read {view.name}",
        summary=f"Read what is published of one {view.kind.words}",
        operation_id=f"read_{view.name}",
        responses=answers(models.document) | moved(view) | (CHOICES if view.localized else {}),
        openapi_extra={"parameters": [address_parameter(view), *parameters.described()]},
        route_class_override=DirectRoute,
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
    if found.answer is not None and found.answer.status == _OK and found.parked is None and cache.kept:
        cache.put_later(key, found.stamp, encode(found.answer))
    return found


def _part(answer: Answer, fields: tuple[str, ...] | None, locale: str | None) -> Answer:
    """Return the answer with some of its members; None: all. With a language, that, and its texts alone."""
    whole = orjson.loads(answer.body)
    shown = whole if fields is None else {name: whole[name] for name in fields}
    if locale is not None:
        shown = {"locale": locale} | in_language(shown, locale)
    told = f"{','.join(fields or ())} {locale or ''}"
    return Answer(orjson.dumps(shown), entity_tag(answer.etag.encode(), told.encode()), answer.tags)
