"""Routes that say who names an entry, and what readers are sent to although they cannot see it."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query as FromQuery
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from kit.auth.identity import Moderator
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Limit, Query
from kit.http.requests.text import Id
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import PRIVATE, nothing_here, parked_header, respond
from read_side.entry.answers import answers
from read_side.entry.draft import parked
from read_side.entry.history import as_json
from read_side.entry.history_api import VARY, Who, is_editor
from read_side.entry.kind import KindView
from read_side.entry.kinds import MODEL
from read_side.entry.pointing.broken import FIRST as NOTHING_SEEN
from read_side.entry.pointing.broken import broken_links
from read_side.entry.pointing.described import BrokenLinksPage, Namers
from read_side.entry.pointing.used_by import FIRST, used_by
from read_side.entry.questions import After, Cursor
from read_side.fresh.waiting import caught_up, not_parked
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

_Field = Annotated[str, Meta(max_length=100)]
_Named = tuple[_Field, UUID]
"""What a cursor holds: the last one who names the entry, by field and id."""

_Broken = tuple[UUID, _Field, Annotated[str, Meta(max_length=300)]]
"""What a cursor holds: the entry and the field that point to nothing, and what they name."""


class PointingQuery(Query):
    """Parameters of these lists."""

    cursor: Cursor | None = None
    limit: Limit = 20
    after: After | None = None


def used_by_query(view: KindView, sources: Sources) -> DeferredRoute:
    """Return the route of a kind that says who names an entry."""
    return DeferredRoute("GET", f"/v1/{view.path}/{{id}}/used-by", partial(_used_by, view, sources))


def _used_by(view: KindView, sources: Sources) -> Rest:
    model = sources.model(MODEL)

    async def named_by(
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[PointingQuery, FromQuery()],
        who: Who,
    ) -> Response:
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        everything = is_editor(who)
        question = f"{view.name} {id} used by {everything}"
        after: Any = FIRST
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, _Named)
        found = await used_by(
            sources.tables, view, schema, id, everything=everything, after=after, limit=query.limit + 1
        )
        if found is None and everything:
            not_parked(await parked(sources.tables, view, schema, id), query.after)
        if found is None or not (found.visible or everything):
            raise nothing_here()
        not_parked(found.parked, query.after)
        items, following = found.items[: query.limit], None
        if len(found.items) > query.limit:
            last = items[-1]["field"], items[-1]["id"]
            following = (await sources.cursors()).seal(question, last)
        body = as_json({"items": items, "next": following})
        answer = Answer(body, entity_tag(schema.encode(), body), ())
        control = PRIVATE if everything else sources.control
        return respond(request, answer, control=control, extra=(VARY, *parked_header(found.parked)))

    return partial(
        StrictRoute,
        endpoint=named_by,
        tags=[view.path],
        summary=f"List who names one {view.called.replace('_', ' ')}",
        description="What readers see; editors are told of drafts as well.",
        operation_id=f"list_{view.called}_used_by",
        responses=answers(Namers, INVALID_CURSOR),
    )


def broken_links_query(sources: Sources) -> DeferredRoute:
    """Return the route that lists what points to nothing that readers see."""
    return DeferredRoute("GET", "/v1/broken-links", partial(_broken_links, sources))


def _broken_links(sources: Sources) -> Rest:
    model = sources.model(MODEL)

    async def broken(
        request: Request, query: Annotated[PointingQuery, FromQuery()], _who: Moderator
    ) -> Response:
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        question = "broken links"
        after: Any = NOTHING_SEEN
        if query.cursor is not None:
            after = (await sources.cursors()).open(question, query.cursor, _Broken)
        found = await broken_links(sources.tables, schema, after=after, limit=query.limit)
        following = None
        if found.reached is not None:
            following = (await sources.cursors()).seal(question, found.reached)
        body = as_json({"items": found.items, "next": following})
        return respond(request, Answer(body, entity_tag(schema.encode(), body), ()), control=PRIVATE)

    return partial(
        StrictRoute,
        endpoint=broken,
        tags=["broken links"],
        summary="List what published entries point to and readers cannot see",
        description="In fields, in subjects, and in links of texts. A page looks through a limited number of"
        " entries: it may be empty although more pages follow.",
        operation_id="list_broken_links",
        responses=answers(BrokenLinksPage, INVALID_CURSOR, of_entry=False),
    )
