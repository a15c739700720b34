"""Routes of any kind of entry about its making: the working copy, the revisions, and what changed."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Path
from fastapi import Query as FromQuery
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from kit.auth.identity import Editor, Identity, Role, optional_identity
from kit.http.deferred import DeferredRoute, Rest
from kit.http.edge.gone import unless_gone
from kit.http.refusals import Responses
from kit.http.requests.body import StrictRoute
from kit.http.requests.conditions import version_tag
from kit.http.requests.text import Id
from kit.limits.catalog import COSTLY_QUERY
from kit.limits.rules import Limit
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import PRIVATE, Keep, nothing_here, parked_header, respond
from read_side.comparing.changes import FieldValues
from read_side.entry.answers import Diff, answers
from read_side.entry.described import Models
from read_side.entry.draft import draft, parked
from read_side.entry.history import SOURCE, History, as_json, chosen, contents, revisions, without
from read_side.entry.kind import KindView, entry_tag
from read_side.entry.kinds import MODEL
from read_side.entry.questions import DiffQuery, FreshQuery, Number, RevisionsQuery
from read_side.fresh.waiting import caught_up, not_parked
from read_side.problem_types import INVALID_CURSOR, TOO_MANY_COMPARISONS
from read_side.sources import Sources

Who = Annotated[Identity | None, Depends(optional_identity)]
"""Who asks: editors see what was never published, everybody else what was and still is."""

VARY = (b"vary", b"authorization, cookie")
_NEWEST = 2**31 - 1
_Before = tuple[Annotated[int, Meta(ge=1, le=_NEWEST)]]
"""What the cursor of a history holds: the number of the last revision seen."""


def history_queries(view: KindView, sources: Sources, models: Models) -> tuple[DeferredRoute, ...]:
    """Return these routes of a kind."""
    place, name = f"/v1/{view.path}/{{id}}", view.called
    asked, one = _Endpoints(view, sources), f"one {view.called.replace('_', ' ')}"

    def route(
        endpoint: Any, responses: Responses, summary: str, operation: str, limit: Limit | None = None
    ) -> Rest:
        return partial(
            StrictRoute, endpoint=endpoint, tags=[view.path], limit=limit,
            summary=summary, operation_id=operation, responses=responses,
        )  # fmt: skip

    def draft() -> Rest:
        told = answers(models.draft, draft=True)
        return route(asked.draft, told, f"Read the working copy of {one}", f"read_{name}_draft")

    def revisions() -> Rest:
        told = answers(models.revisions, INVALID_CURSOR)
        return route(asked.revisions, told, f"List the revisions of {one}", f"list_{name}_revisions")

    def revision() -> Rest:
        told = answers(models.revision)
        return route(asked.revision, told, f"Read a revision of {one}", f"read_{name}_revision")

    def diff() -> Rest:
        told = answers(Diff, TOO_MANY_COMPARISONS)
        return route(asked.diff, told, f"Compare two revisions of {one}", f"diff_{name}", COSTLY_QUERY)

    return (
        DeferredRoute("GET", f"{place}/draft", draft),
        DeferredRoute("GET", f"{place}/revisions", revisions),
        DeferredRoute("GET", f"{place}/revisions/{{number}}", revision),
        DeferredRoute("GET", f"{place}/diff", diff),
    )


class _Endpoints:
    """Those of one kind."""

    def __init__(self, view: KindView, sources: Sources) -> None:
        self._view = view
        self._sources = sources
        self._model = sources.model(MODEL)

    async def draft(
        self,
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[FreshQuery, FromQuery()],
        _who: Editor,
    ) -> Response:
        schema = await self._schema(query.after)
        found = await draft(self._sources.tables, self._view, schema, id)
        if found is None:
            not_parked(await parked(self._sources.tables, self._view, schema, id), query.after)
            raise nothing_here()
        not_parked(found.parked, query.after)
        answer = Answer(found.body, version_tag(found.version), ())
        return respond(request, answer, control=PRIVATE, extra=parked_header(found.parked))

    async def revisions(
        self,
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[RevisionsQuery, FromQuery()],
        who: Who,
    ) -> Response:
        schema = await self._schema(query.after)
        question = f"{self._view.name} {id} revisions"
        before = _NEWEST
        if query.cursor is not None:
            (before,) = (await self._sources.cursors()).open(question, query.cursor, _Before)
        everything = is_editor(who)
        found = await revisions(
            self._sources.tables, self._view, schema, id,
            everything=everything, before=before, limit=query.limit + 1,
        )  # fmt: skip
        found = _seen(found, query.after, everything=everything)
        items = found.revisions[: query.limit]
        following = None
        if len(found.revisions) > query.limit:
            following = (await self._sources.cursors()).seal(question, (items[-1]["revision"],))
        body = {"items": items, "next": following}
        return self._respond(
            request, id, schema, found, body, "/revisions", query.after, everything=everything
        )

    async def revision(
        self,
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        number: Annotated[Number, Path()],
        query: Annotated[FreshQuery, FromQuery()],
        who: Who,
    ) -> Response:
        schema = await self._schema(query.after)
        everything = is_editor(who)
        found = await self._contents(schema, id, [number], query.after, everything=everything)
        body = {"id": str(id)} | found.revisions[0]
        return self._respond(
            request, id, schema, found, body, "/revisions/{number}", query.after, everything=everything
        )

    async def diff(
        self,
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[DiffQuery, FromQuery()],
        who: Who,
    ) -> Response:
        return await unless_gone(request, self._compared(request, id, query, everything=is_editor(who)))

    async def _compared(self, request: Request, id_: UUID, query: DiffQuery, *, everything: bool) -> Response:
        schema = await self._schema(query.after)
        numbers = sorted({query.from_, query.to})
        # Of a kind that names others, the contents say whom; what readers may hear of them changes.
        read = chosen if everything or not self._view.relations else contents
        found = await read(
            self._sources.tables, self._view, schema, id_, everything=everything, numbers=numbers
        )
        found = _complete(_seen(found, query.after, everything=everything), numbers)
        events = [one["event"] for one in found.revisions]  # what an event made of an entry never changes

        async def both() -> tuple[FieldValues, FieldValues]:
            full = found
            if read is chosen:
                full = await contents(
                    self._sources.tables, self._view, schema, id_, everything=True, numbers=numbers
                )
            told = (without(self._view, one, found.hidden) for one in _complete(full, numbers).revisions)
            content = [one["content"] | ({SOURCE: one[SOURCE]} if SOURCE in one else {}) for one in told]
            return content[-1], content[0]

        # One comparison serves both directions.
        compared = await self._sources.comparisons.of(
            (schema, *events, *sorted(found.hidden)), both, self._view.keys
        )
        changes = compared.there if query.from_ == numbers[0] else compared.back
        body = {"id": str(id_), "from": query.from_, "to": query.to, "changes": orjson.Fragment(changes)}
        return self._respond(request, id_, schema, found, body, "/diff", query.after, everything=everything)

    async def _schema(self, after: int | None) -> str:
        await caught_up(self._sources.served, self._model, after)
        return self._sources.served.where(self._model)

    async def _contents(
        self, schema: str, id_: UUID, numbers: list[int], after: int | None, *, everything: bool
    ) -> History:
        found = await contents(
            self._sources.tables, self._view, schema, id_, everything=everything, numbers=numbers
        )
        return _complete(_seen(found, after, everything=everything), numbers)

    def _respond(
        self,
        request: Request,
        id_: UUID,
        schema: str,
        found: History,
        body: Mapping[str, Any],
        route: str,
        after: int | None,
        *,
        everything: bool,
    ) -> Response:
        """Answer; what everybody may see may be kept."""
        encoded = as_json(body)
        answer = Answer(
            encoded, entity_tag(schema.encode(), encoded), tuple(map(entry_tag, (id_, *found.named)))
        )
        keep = None
        if not everything and after is None and found.parked is None:
            keep = Keep({schema: found.stamp}, f"/v1/{self._view.path}/{{id}}{route}", answer.tags)
        control = PRIVATE if everything else self._sources.control
        extra = (VARY, *parked_header(found.parked))
        return respond(request, answer, control=control, keep=keep, extra=extra)


def is_editor(who: Identity | None) -> bool:
    """Tell whether somebody sees what was never published."""
    return who is not None and Role.EDITOR in who.roles


def _seen(found: History, after: int | None, *, everything: bool) -> History:
    """Refuse what is not there for the one who asks; only an editor hears that an unseen entry is parked."""
    if found.visible or everything:
        not_parked(found.parked, after)
    if not found.visible:
        raise nothing_here()
    return found


def _complete(found: History, numbers: Sequence[int]) -> History:
    """Refuse when one of the revisions is not there."""
    if len(found.revisions) != len(numbers):
        raise nothing_here()
    return found
