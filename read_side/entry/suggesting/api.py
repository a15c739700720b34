"""The route that proposes tags for an entry: for editors, from what readers see of others."""

from functools import partial
from typing import Annotated

from fastapi import Query as FromQuery
from starlette.requests import Request
from starlette.responses import Response

from events.content.checks import FieldError
from kit.auth.identity import Editor
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import joined, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Query
from kit.limits.catalog import COSTLY_QUERY
from kit.problem_types import INVALID_BODY
from read_side.answers.answer import Answer
from read_side.answers.language import in_language
from read_side.answers.respond import PRIVATE, respond
from read_side.entry.answers import LateProblem
from read_side.entry.history import as_json
from read_side.entry.kinds import MODEL, VIEWS
from read_side.entry.questions import After
from read_side.entry.suggesting.asking import EntrySaid, carried, entry_of, named, tags_of, telling
from read_side.entry.suggesting.described import ProposedTags, TagsWanted, told
from read_side.entry.suggesting.rules import proposals
from read_side.fresh.waiting import caught_up
from read_side.problem_types import NOT_BUILT, NOT_THERE_YET, TABLES_UNAVAILABLE
from read_side.sources import Sources


class SuggestionQuery(Query):
    """Parameters of the route."""

    after: After | None = None


def suggestion_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the route that proposes tags."""
    return (DeferredRoute("POST", "/v1/tags/suggest", partial(_suggestion, sources)),)


def _suggestion(sources: Sources) -> Rest:
    tables, model = sources.tables, sources.model(MODEL)

    async def suggest_tags(
        request: Request, body: TagsWanted, query: Annotated[SuggestionQuery, FromQuery()], _who: Editor
    ) -> Response:
        """Propose tags for an entry, or for what one says, each with its reasons.

        A tag fits when it has the code or a name of a term or of the country, or when published entries of
        the kind that say the same carry it. The same question has the same answer until something changes.
        """
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        asked = _said(body) if body.entry is None else await entry_of(tables, schema, VIEWS, body.entry)
        if asked is None:
            raise _refusal("/entry", "names no entry that exists")
        field = tags_of(asked.view)
        if not field:
            having = ", ".join(name for name, view in VIEWS.items() if tags_of(view))
            raise _refusal(
                "/kind" if body.entry is None else "/entry",
                f"has no tags of the vocabulary; there are: {having}",
            )
        said, tags = await named(tables, schema, asked)
        stand = await carried(tables, schema, asked, said)
        found = proposals(said, tags, stand, asked.content.get(field) or (), body.limit)
        answer = {
            "items": [
                {
                    "code": one.tag.code,
                    "name": {"ru": None, "en": None} | dict(one.tag.name),
                    "category": one.tag.category,
                    "because": [told(because) for because in one.because],
                }
                for one in found
            ]
        }
        if body.locale is not None:
            answer = {"locale": body.locale} | in_language(answer, body.locale)
        return respond(request, Answer(as_json(answer), "", ()), control=PRIVATE)

    return partial(
        StrictRoute,
        limit=COSTLY_QUERY,
        endpoint=suggest_tags,
        tags=["vocabularies"],
        summary="Propose tags for an entry",
        operation_id="suggest_tags",
        responses=joined(
            {200: {"model": ProposedTags, "description": "They are here."}},
            refusals((NOT_THERE_YET, NOT_BUILT, TABLES_UNAVAILABLE), {503: LateProblem}),
        ),
    )


def _said(body: TagsWanted) -> EntrySaid:
    """Return what a body says; raises Problem 422 for what no entry of its kind could say."""
    view = VIEWS.get(body.kind)
    if view is None:
        raise _refusal("/kind", f"names no kind of entry; there are: {', '.join(VIEWS)}")
    fields = {**telling(view), **{name: view.fields[name] for name in [tags_of(view)] if name}}
    content = {}
    for name, value in body.says.items():
        if name not in fields:
            told_of = ", ".join(fields)
            raise _refusal("/says", f"names a field from which no tags follow; there are: {told_of}")
        try:
            content[name] = fields[name].kept(None, value)
        except FieldError as error:
            raise _refusal(f"/says/{name}{error.pointer}", error.detail) from error
    return EntrySaid(view, content)


def _refusal(pointer: str, detail: str) -> Problem:
    return Problem(INVALID_BODY, errors=[{"pointer": pointer, "detail": detail}])
