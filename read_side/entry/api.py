"""Routes of any kind of entry for everybody: lists and published documents."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kit.http.requests.body import StrictRoute
from read_side.answers.answer import Answer, decode, encode, entity_tag
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.answers.respond import keep, nothing_here, parked_header, respond
from read_side.entry import history_api
from read_side.entry.answers import MOVED, answers
from read_side.entry.described import Models
from read_side.entry.document import Found, document_key, find, read_address
from read_side.entry.history import as_json
from read_side.entry.kind import KindView
from read_side.entry.listing import Asked, page
from read_side.entry.questions import chosen, document_query, list_query
from read_side.fresh.served import TRUSTED
from read_side.fresh.waiting import caught_up, not_parked
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

_ADDRESS = {
    "name": "address",
    "in": "path",
    "required": True,
    "description": "Slug, present or former, or id.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 120},
    "example": "antonov-an-2",
}


def entry_router(kind: KindView, sources: Sources) -> APIRouter:
    """Make the query routes of a kind under /v1."""
    router = APIRouter(prefix="/v1", tags=[kind.path], route_class=StrictRoute)
    models = Models(kind)
    _add_list(router, kind, sources, models)
    _add_document(router, kind, sources, models)
    history_api.add(router, kind, sources, models)
    return router


def _add_list(router: APIRouter, kind: KindView, sources: Sources, models: Models) -> None:
    route = f"/v1/{kind.path}"
    parameters = Parameters(list_query(kind))
    model = sources.model(kind.name)

    async def listed(request: Request) -> Response:
        query: Any = parameters.read(request)
        fields = chosen(query.fields, kind.list_fields)
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        filters = {
            name: getattr(query, name) for name in kind.filters if getattr(query, name) not in ([], None)
        }
        asked = Asked(query.locale, filters, query.sort, query.limit)
        question = asked.question(kind)
        after: tuple[Any, ...] | None = None
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, asked.after(kind))
        found = await page(sources.tables, kind, schema, asked, after)
        items = found.items
        if fields is not None:
            items = [{name: item[name] for name in fields} for item in items]
        following = None
        if found.last is not None:
            following = (await sources.cursors()).seal(question, found.last)
        body = as_json({"items": items, "next": following})
        answer = Answer(body, entity_tag(schema.encode(), body), (kind.list_tag,))
        mark = keep(schema, found.stamp, route, answer.tags) if query.after is None else None
        return respond(request, answer, control=sources.control, mark=mark)

    router.add_api_route(
        f"/{kind.path}",
        listed,
        methods=["GET"],
        name=f"list {kind.path}",
        summary=f"List published {kind.path}",
        operation_id=f"list_{kind.path}",
        responses=answers(models.page, INVALID_CURSOR, of_entry=False),
        openapi_extra={"parameters": parameters.described()},
        route_class_override=DirectRoute,
    )


def _add_document(router: APIRouter, kind: KindView, sources: Sources, models: Models) -> None:
    route = f"/v1/{kind.path}/{{address}}"
    parameters = Parameters(document_query(kind))
    model = sources.model(kind.name)

    async def document(request: Request) -> Response:
        query = parameters.read(request)
        fields = chosen(query.fields, kind.document_fields)
        address: str = request.path_params["address"]
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        moment = int(sources.served.clock() / TRUSTED)  # nobody boards a flight that left longer ago
        found = await sources.flights.share(
            (schema, model.position, moment, address), lambda: load(sources, kind, schema, address)
        )
        answer = found.answer
        if answer is None:  # what is put aside of it is nobody's business here
            raise nothing_here()
        not_parked(found.parked, query.after)
        if fields is not None and not answer.location:
            answer = _only(answer, fields)
        mark = None
        if query.after is None and found.parked is None:
            mark = keep(schema, found.stamp, route, answer.tags)
        extra = parked_header(found.parked)
        return respond(request, answer, control=sources.control, mark=mark, extra=extra)

    router.add_api_route(
        f"/{kind.path}/{{address}}",
        document,
        methods=["GET"],
        name=f"read {kind.name}",
        summary=f"Read what is published of one {kind.name}",
        operation_id=f"read_{kind.name}",
        responses=answers(models.document) | MOVED,
        openapi_extra={"parameters": [_ADDRESS, *parameters.described()]},
        route_class_override=DirectRoute,
    )


async def load(sources: Sources, kind: KindView, schema: str, text: str) -> Found:
    """Return what stands under an address: a shared copy if it is as good as the rows, else from the rows.

    Raises:
        Problem: 503 when the database does not answer.
    """
    address = read_address(text)
    if address is None:
        return Found(None, "", 0, None)
    key = document_key(kind, schema, address)
    cache = sources.cache  # what is read below is put where copies of this lineage are, whatever comes
    held = await cache.get(key) if cache.kept else None
    if held is not None and sources.served.trusted:
        stamp, value = held
        copy = decode(value)
        if copy is not None and sources.model(kind.name).holds(schema, stamp, copy.tags):
            return Found(copy, text, stamp, None)
    found = await find(sources.tables, kind, schema, address)
    if found.answer is not None and not found.answer.location and found.parked is None and cache.kept:
        cache.put_later(key, found.stamp, encode(found.answer))
    return found


def _only(answer: Answer, fields: tuple[str, ...]) -> Answer:
    """Return the answer with some of its members."""
    whole = orjson.loads(answer.body)
    body = orjson.dumps({name: whole[name] for name in fields})
    return Answer(body, entity_tag(answer.etag.encode(), ",".join(fields).encode()), answer.tags)
