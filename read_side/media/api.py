"""The queries of pictures: one, and the list of all that are shown, newest first."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import Depends
from fastapi import Query as FromQuery
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from kit.auth.identity import optional_identity
from kit.auth.roles import Identity, Role, Scope
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.body import StrictRoute
from kit.http.requests.text import CleanLine, Id
from kit.limits.catalog import COSTLY_QUERY
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import PRIVATE, nothing_here, parked_header, respond
from read_side.entry.answers import answers
from read_side.entry.kinds import MODEL
from read_side.entry.questions import FreshQuery, RevisionsQuery
from read_side.fresh.waiting import caught_up, not_parked
from read_side.media.described import MediaPage, MediaWhole
from read_side.media.library import LibraryQuestion, document, one, page, used_by
from read_side.media.serving import file_query
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

Who = Annotated[Identity | None, Depends(optional_identity)]
"""Who asks: moderators find what is suppressed."""

_VARY = (b"vary", b"authorization, cookie")
_LAST = 2**62
_Before = tuple[Annotated[int, Meta(ge=1, le=_LAST)]]
"""What a cursor holds: the position at which the last picture seen was registered."""


class LibraryQuery(RevisionsQuery):
    """Parameters of the list of pictures."""

    q: Annotated[CleanLine | None, Field(max_length=200, description="Words that are said of it.")] = None
    licence: Annotated[CleanLine | None, Field(max_length=100, description="As it is said.")] = None
    author: Annotated[CleanLine | None, Field(max_length=200, description="As he is named.")] = None
    unused: Annotated[
        Literal["true", "false"] | None, Field(description="true: no published entry shows it.")
    ] = None
    used_in: Annotated[
        CleanLine | None, Field(max_length=50, description="Kind of a published entry that shows it.")
    ] = None

    def wanted(self) -> LibraryQuestion:
        """Return what is asked of each picture."""
        unused = None if self.unused is None else self.unused == "true"
        return LibraryQuestion(self.q or None, self.licence, self.author, unused, self.used_in)


def media_queries(sources: Sources) -> Sequence[DeferredRoute]:
    """Return these routes."""
    return (
        DeferredRoute("GET", "/v1/media", partial(_library, sources)),
        DeferredRoute("GET", "/v1/media/{id}", partial(_picture, sources)),
        file_query(sources),
    )


def _library(sources: Sources) -> Rest:
    model = sources.model(MODEL)

    async def list_media(request: Request, query: Annotated[LibraryQuery, FromQuery()]) -> Response:
        """List the pictures that are shown, newest first; all that is asked has to hold."""
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        wanted = query.wanted()
        question, before = f"media {wanted}", _LAST
        if query.cursor is not None:
            (before,) = (await sources.cursors()).open(question, query.cursor, _Before)
        rows = await page(sources.tables, schema, before, query.limit + 1, wanted)
        following = None
        if len(rows) > query.limit:
            rows = rows[: query.limit]
            following = (await sources.cursors()).seal(question, (rows[-1]["registered"],))
        body = _json({"items": [document(row) for row in rows], "next": following})
        answer = Answer(body, entity_tag(schema.encode(), body), ())
        return respond(request, answer, control=sources.control)

    return partial(
        StrictRoute, endpoint=list_media, tags=["media"], limit=COSTLY_QUERY, summary="List pictures",
        operation_id="list_media", responses=answers(MediaPage, INVALID_CURSOR, of_entry=False),
    )  # fmt: skip


def _picture(sources: Sources) -> Rest:
    model = sources.model(MODEL)

    async def read_media(
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[FreshQuery, FromQuery()],
        who: Who,
    ) -> Response:
        """Read what is said of a picture. One that is suppressed is there for moderators alone."""
        await caught_up(sources.served, model, query.after)
        schema = sources.served.where(model)
        everything = who is not None and who.may(Role.MODERATOR, Scope.READ)
        found = await one(sources.tables, schema, UUID(str(id)), everything=everything)
        not_parked(found.parked, query.after)
        if found.document is None:
            raise nothing_here()
        editor = who is not None and who.may(Role.EDITOR, Scope.READ)
        users = await used_by(sources.tables, schema, UUID(str(id)), drafts=editor)
        body = _json(found.document | {"used_by": users})
        answer = Answer(body, entity_tag(schema.encode(), body), ())
        control = PRIVATE if editor else sources.control
        return respond(request, answer, control=control, extra=(_VARY, *parked_header(found.parked)))

    return partial(
        StrictRoute, endpoint=read_media, tags=["media"], summary="Read one picture",
        operation_id="read_media", responses=answers(MediaWhole),
    )  # fmt: skip


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
