"""Routes of vocabularies: which there are, their terms, one of them. Editors extend them as entries."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.content.codes import CODE
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.query import Query
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.language import in_language
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.answers.respond import Keep, nothing_here, respond
from read_side.entry.answers import answers
from read_side.entry.history import as_json
from read_side.entry.kind import Locale, entry_tag
from read_side.entry.kinds import MODEL, VIEWS
from read_side.entry.questions import After
from read_side.entry.vocabularies.described import Vocabularies, VocabularyTerm, VocabularyTerms
from read_side.entry.vocabularies.terms import TermsFound, terms, vocabularies
from read_side.fresh.waiting import caught_up
from read_side.sources import Sources

_IS_CODE = re.compile(CODE.removeprefix("^").removesuffix("$"))
"""Whatever else a name or a code may be, no term was ever known by it."""

_PLACE = "/v1/vocabularies"
_NAME = {
    "name": "name", "in": "path", "required": True, "description": "Of a vocabulary.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64}, "example": "aircraft_type",
}  # fmt: skip
_CODE = _NAME | {"name": "code", "description": "Of a term.", "example": "airplane"}


class VocabularyQuery(Query):
    """Parameters of these answers."""

    locale: Locale | None = None
    after: After | None = None


type Read = Callable[[str, dict[str, Any]], Awaitable[TermsFound]]
"""From a read schema and the parameters of the path to what is there."""


def vocabulary_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the routes of vocabularies."""
    tables = sources.tables

    def route(
        path: str, read: Read, told: Callable[..., Any], model: Any, summary: str, name: str
    ) -> DeferredRoute:
        return DeferredRoute("GET", path, partial(_route, sources, path, read, told, model, summary, name))

    return (
        route(
            _PLACE,
            lambda schema, _places: vocabularies(tables, schema),
            lambda found, _places: {"items": found.items},
            Vocabularies,
            "List the vocabularies",
            "list_vocabularies",
        ),
        route(
            f"{_PLACE}/{{name}}",
            lambda schema, places: terms(tables, schema, places["name"]),
            lambda found, places: {"name": places["name"], "items": found.items} if found.items else None,
            VocabularyTerms,
            "Read the terms of a vocabulary",
            "read_vocabulary",
        ),
        route(
            f"{_PLACE}/{{name}}/{{code}}",
            lambda schema, places: terms(tables, schema, places["name"], places["code"]),
            lambda found, _places: found.items[0] if found.items else None,
            VocabularyTerm,
            "Read one term of a vocabulary",
            "read_vocabulary_term",
        ),
    )


def _route(
    sources: Sources, path: str, read: Read, told: Callable[..., Any], model: Any, summary: str, name: str
) -> Rest:
    parameters = Parameters(VocabularyQuery)
    places = [one for one in (_NAME, _CODE) if f"{{{one['name']}}}" in path]
    return partial(
        DirectRoute,
        endpoint=_endpoint(sources, parameters, path, read, told),
        tags=["vocabularies"],
        summary=summary,
        operation_id=name,
        responses=answers(model, of_entry=bool(places)),
        openapi_extra={"parameters": [*places, *parameters.described()]},
    )


def _endpoint(
    sources: Sources,
    parameters: Parameters[VocabularyQuery],
    route: str,
    read: Read,
    told: Callable[[TermsFound, dict[str, Any]], dict[str, Any] | None],
) -> Callable[[Request], Awaitable[Response]]:
    model, list_tag = sources.model(MODEL), VIEWS["term"].list_tag

    async def endpoint(request: Request) -> Response:
        query = parameters.read(request)
        places = request.path_params
        if not all(_IS_CODE.fullmatch(one) for one in places.values()):
            raise nothing_here()
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        found = await read(schema, places)
        said = told(found, places)
        if said is None:
            raise nothing_here()
        if query.locale is not None:
            said = {"locale": query.locale} | in_language(said, query.locale)
        body = as_json(said)
        tags = (list_tag, *map(entry_tag, found.retired))
        answer = Answer(body, entity_tag(schema.encode(), body), tags)
        keep = Keep({schema: found.stamp}, route, tags) if query.after is None else None
        return respond(request, answer, control=sources.control, keep=keep)

    return endpoint
