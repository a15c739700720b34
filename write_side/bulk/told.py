"""What a change of many entries is now: how far it is, what it did to each, by what it was taken back."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import Depends, Request, Response

from events.bulk import ChangedEntry
from kit.auth.identity import Identity, requires
from kit.auth.roles import Role, Scope
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.ids import parse_id
from kit.limits.catalog import COSTLY_QUERY
from kit.problem_types import NOT_FOUND
from write_side.bulk.aggregate import BULK, BulkState
from write_side.bulk.at_once import at_once
from write_side.bulk.described import ChangedOne, RefusedOne
from write_side.bulk.ending import FEW, versions_made
from write_side.bus import Bus
from write_side.problem_types import LOG_UNAVAILABLE

UNDOES = 16
"""Later changes that are looked at, those of the most entries first."""

_BULK, _ENTRY = "7d0c2c5e-1f6b-5d0a-8f55-2c1e0b9a7d11", "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"


class BulkTold(Described):
    """A change of many entries, as it is now."""

    model_config = example(
        {
            "id": _BULK,
            "version": 2,
            "kind": "article",
            "state": "finished",
            "change": {"add": {"tags": ["propeller"]}},
            "actor": "6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11",
            "begun_at": "2026-05-06T07:08:09Z",
            "reason": "Every biplane has one",
            "entries": 2,
            "changed": [{"entry": _ENTRY, "version": 5}],
            "refused": [],
            "unchanged": 1,
            "undone_by": [],
        }
    )

    id: UUID
    version: int
    kind: str
    state: Literal["running", "stopped", "finished"]
    """"running": it is on its way, or was cut off: the same request under its key goes on, and undo ends it.
    "stopped": it was ended before each entry was tried."""
    change: dict[str, Any]
    """What is done to each, as it was sent."""
    actor: UUID
    """Id of the account that asked for it."""
    begun_at: datetime
    reason: str
    entries: int
    """How many it is about."""
    undoes: UUID | None = None
    """The change that this one takes back."""
    changed: list[ChangedOne]
    """So far, while it is running."""
    refused: list[RefusedOne]
    """Empty while it is running."""
    unchanged: int
    """Entries that were so already; 0 while it is running."""
    undone_by: list[UUID]
    """Changes that took some of it back, as far as the newest events of its entries tell."""


def told_route() -> DeferredRoute:
    """Return the route; a receipt's Location leads to it."""
    return DeferredRoute("GET", "/v1/bulk/{id}", _tells)


def _tells() -> Rest:
    async def get_change(
        id: str,  # noqa: A002 - its name in the path
        request: Request,
        _who: Annotated[Identity, Depends(requires(Role.EDITOR, Scope.DRAFT))],
    ) -> Response:
        """Get a change of many entries as it is now: what it did and refused, by what it was taken back."""
        bus: Bus = request.app.state.bus
        change = parse_id(id)
        state = None if change is None else await bus.newest(BULK, change)
        if change is None or state is None:
            raise Problem(NOT_FOUND, "There is no such change of many entries.")
        body = msgspec.json.encode(await _document(bus, change, state))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    shown = {"model": BulkTold, "description": "What it is now."}
    return partial(
        StrictRoute,
        limit=COSTLY_QUERY,
        endpoint=get_change,
        tags=["bulk"],
        operation_id="get_change_of_many",
        summary="Get a change of many entries",
        responses={200: shown} | refusals((NOT_FOUND, LOG_UNAVAILABLE)),
    )


async def _document(bus: Bus, change: UUID, state: BulkState) -> dict[str, Any]:
    first = (await bus.streams.newest(change, 0, FEW))[0]
    changed = state.changed if state.finished else await _so_far(bus, change, first.at, state.entries)
    named = {one.entry for one in changed} | {one.entry for one in state.refused}
    ended = "stopped" if state.stopped else "finished"
    return {
        "id": change,
        "version": state.version,
        "kind": state.kind,
        "state": ended if state.finished else "running",
        "change": state.change,
        "actor": first.meta.actor,
        "begun_at": first.at,
        "reason": first.meta.reason,
        "entries": len(state.entries),
        **({} if state.undoes is None else {"undoes": state.undoes}),
        "changed": changed,
        "refused": state.refused,
        "unchanged": len(state.entries) - len(named) if state.finished else 0,
        "undone_by": await _undone_by(bus, change, changed),
    }


async def _so_far(bus: Bus, change: UUID, since: datetime, entries: Sequence[UUID]) -> Sequence[ChangedEntry]:
    """Return what a change that is not over has done."""

    async def made(entry: UUID) -> ChangedEntry | None:
        versions = await versions_made(bus.streams, change, since, entry)
        return ChangedEntry(entry=entry, version=versions[-1]) if versions else None

    return [one for one in await at_once(made, entries) if one is not None]


async def _undone_by(bus: Bus, change: UUID, changed: Sequence[ChangedEntry]) -> Sequence[UUID]:
    """Return the changes that took it back, by what happened to its entries afterwards."""
    versions = {one.entry: one.version for one in changed}

    async def later(entry: UUID) -> set[UUID]:
        told = await bus.streams.newest(entry, versions[entry], FEW)
        return {one.meta.correlation for one in told if one.meta.correlation is not None}

    met = Counter(one for few in await at_once(later, list(versions)) for one in few)
    found = []
    for id_, _ in met.most_common(UNDOES):
        state = await bus.newest(BULK, id_)
        if state is not None and state.undoes == change:
            found.append(id_)
    return found
