"""The routes of changes of many entries: try, run, and take back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import Response

from events.bulk import MAX_ENTRIES
from kit.auth.roles import Role, Scope
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import Responses
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import COMMAND
from kit.problem_types import FORBIDDEN, NOT_FOUND
from write_side.bulk.aggregate import BULK, BulkState
from write_side.bulk.change import Changing, OneCommand
from write_side.bulk.described import BulkCommand, BulkDryRun, BulkReceipt, dry_run_document
from write_side.bulk.ending import settle
from write_side.bulk.running import Commands, ManyEntries
from write_side.bulk.told import told_route
from write_side.bulk.undo import taking_back
from write_side.bus import Bus
from write_side.command import Why
from write_side.entry.answers import ANSWERS as ENTRY_ANSWERS
from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.history import Moment, state_at
from write_side.http.answers import REPLAYED
from write_side.http.command_request import CommandRequest, command
from write_side.problem_types import (
    INVALID,
    LIST_UNAVAILABLE,
    NOTHING_SELECTED,
    TOO_MANY_SELECTED,
)
from write_side.receipt import Receipt

type Select = Callable[[str, str, int], Awaitable[Sequence[UUID]]]
"""From a kind and a query of its list to the ids of what it lists, so many at the most. The read side's."""

ANSWERS = ENTRY_ANSWERS._replace(noun="change of many entries", receipt=BulkReceipt)

_PATH = ({"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},)


def bulk_routes(kinds: Mapping[str, EntryKind]) -> tuple[DeferredRoute, ...]:
    """Return the routes for some kinds."""
    return (
        DeferredRoute("POST", "/v1/bulk", partial(_changes, kinds)),
        DeferredRoute("POST", "/v1/bulk/{id}/undo", partial(_undoes, kinds)),
        told_route(),
    )


def _changes(kinds: Mapping[str, EntryKind]) -> Rest:
    shown: Responses = {200: {"model": BulkDryRun, "description": "Nothing is stored: what would happen."}}
    tried = ANSWERS.made(Role.EDITOR, (INVALID, NOTHING_SELECTED, TOO_MANY_SELECTED, LIST_UNAVAILABLE))

    async def change_many(
        ask: Annotated[CommandRequest, command(Role.EDITOR, Scope.DRAFT, proof="forced", existing=False)],
        body: BulkCommand,
    ) -> Response:
        """Make one change in up to 500 entries: try it with `dry_run`, then run it.

        What refuses an entry stops no other one; the receipt names each. Cut off, the same request under the
        same Idempotency-Key goes on where it was; or it is undone: a 503 names it as `change`.
        A step of the life is a moderator's.
        """
        return await _change(kinds, ask, body)

    return partial(
        StrictRoute,
        limit=COMMAND,
        endpoint=change_many,
        tags=["bulk"],
        status_code=201,
        operation_id="change_many",
        summary="Change many entries at once",
        responses=shown | tried,
    )


def _undoes(kinds: Mapping[str, EntryKind]) -> Rest:
    async def undo(
        ask: Annotated[CommandRequest, command(Role.EDITOR, Scope.DRAFT, existing=False, parameters=_PATH)],
        body: Why | None = None,
    ) -> Response:
        """Take a change of many entries back, where nothing newer stands on it; the rest is named.

        A field that somebody has changed since stays as it is. A change that was cut off, or still runs, is
        stopped first: it changes nothing more.
        """
        return await _undo(kinds, ask, body or Why())

    return partial(
        StrictRoute,
        limit=COMMAND,
        endpoint=undo,
        tags=["bulk"],
        status_code=201,
        operation_id="undo_change_of_many",
        summary="Take a change of many entries back",
        responses=ANSWERS.made(Role.EDITOR, (NOTHING_SELECTED,)),
    )


async def _change(kinds: Mapping[str, EntryKind], ask: CommandRequest, body: BulkCommand) -> Response:
    kind = _kind(kinds, body.kind)
    if body.change.is_of_life or kind.declared.moderated:
        _moderates(ask)
    if body.change.force:
        await ask.proven()
    changing = Changing(kind, body.change, body.reason)

    async def of(_entry: UUID, state: State) -> tuple[Sequence[OneCommand], Sequence[str]]:
        return [changing.of(state)], ()

    many = ManyEntries(ask.bus, kind, await ask.call(BULK, body))
    entries = body.ids if body.filter is None else await _selected(ask.state.select, kind, body.filter)
    if body.dry_run:
        shown = dry_run_document(await many.dry_run(entries, of))
        return Response(shown, media_type="application/json", headers={"Cache-Control": "no-store"})
    return _answer(await many.run(entries, body.change.said(), of))


async def _undo(kinds: Mapping[str, EntryKind], ask: CommandRequest, why: Why) -> Response:
    call = await ask.call(BULK, why)
    earlier = None if call.stream is None else await ask.bus.newest(BULK, call.stream)
    if earlier is None or call.stream is None:
        raise Problem(NOT_FOUND, "There is no such change of many entries.")
    kind = _kind(kinds, earlier.kind)
    if earlier.changes_life or kind.declared.moderated:
        _moderates(ask)
    if not earlier.finished:
        await settle(ask.bus, call, call.stream)
        earlier = await ask.bus.newest(BULK, call.stream)
    if earlier is None or not earlier.changed:
        raise Problem(NOTHING_SELECTED)
    reason = why.reason or f"Takes back {call.stream}"
    many = ManyEntries(ask.bus, kind, msgspec.structs.replace(call, stream=None, reason=reason))
    of = _taking_back(ask.bus, kind, earlier, reason)
    entries = [one.entry for one in earlier.changed]
    change = {"undo": str(call.stream), "life": earlier.changes_life}
    return _answer(await many.run(entries, change, of, undoes=call.stream))


def _taking_back(bus: Bus, kind: EntryKind, earlier: BulkState, reason: str) -> Commands:
    versions = {one.entry: one.version for one in earlier.changed}

    async def of(entry: UUID, now: State) -> tuple[Sequence[OneCommand], Sequence[str]]:
        version = versions[entry]
        event = await bus.streams.event(entry, version)
        before = await state_at(bus.streams, kind, entry, Moment(version=version - 1))
        if before is None:
            raise ValueError("a change is never the first event of an entry")
        return taking_back(event, version, before, now, reason)

    return of


def _kind(kinds: Mapping[str, EntryKind], name: str) -> EntryKind:
    if name not in kinds:
        detail = f"names no kind of entry; there are: {', '.join(kinds)}"
        raise Problem(INVALID, errors=[{"pointer": "/kind", "detail": detail}])
    return kinds[name]


def _moderates(ask: CommandRequest) -> None:
    if not ask.may(Role.MODERATOR, Scope.PUBLISH, Scope.MODERATE):
        raise Problem(
            FORBIDDEN,
            "A step of the life of many entries is a moderator's, and so are the entries of some kinds.",
        )


async def _selected(select: Select, kind: EntryKind, query: str) -> Sequence[UUID]:
    try:
        found = await select(kind.name, query, MAX_ENTRIES + 1)
    except Problem as problem:
        if problem.status < 500:  # noqa: PLR2004 - it is the query that is refused
            raise
        raise Problem(LIST_UNAVAILABLE, headers={"Retry-After": "1"}) from problem
    if not found:
        raise Problem(NOTHING_SELECTED)
    if len(found) > MAX_ENTRIES:
        raise Problem(TOO_MANY_SELECTED, detail="Narrow the filters, and repeat it for the rest.")
    return found


def _answer(receipt: Receipt) -> Response:
    headers = {"Cache-Control": "no-store"} | ({REPLAYED: "true"} if receipt.replayed else {})
    headers |= {"ETag": f'"v{receipt.version}"', "Location": receipt.address}
    return Response(receipt.body, receipt.status, headers=headers, media_type="application/json")
