"""The route that tells how far an import is: for administrators, never cached."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

from fastapi import Request

from kit.auth.identity import Admin
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.text import Id
from kit.problem_types import NOT_FOUND
from read_side.looking import looking
from read_side.problem_types import IMPORTS_UNAVAILABLE

SILENT = timedelta(seconds=30)
"""Time after which a run that tells nothing has ended with its process."""

_RUN = "select *, clock_timestamp() - seen_at as silent from auth.import_run where id = $1"


class SetAsideView(Described):
    """A record that did not become a revision."""

    place: str
    """Where it stands in the file."""
    reason: str


class ImportView(Described):
    """How far an import is, and what became of what it read."""

    model_config = example(
        {
            "id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
            "state": "done",
            "failed": "",
            "format": "ndjson",
            "source": "old-wiki",
            "dry_run": False,
            "begun_at": "2026-01-31T12:00:00Z",
            "ended_at": "2026-01-31T12:00:09Z",
            "done": 20_480,
            "total": 20_480,
            "records": 41,
            "already": 0,
            "unchanged": 0,
            "events": {"article.created": 20, "article.revised": 20, "slug.claimed": 20},
            "set_aside": 1,
            "aside": [{"place": "line 7", "reason": "/title: must have at most 300 characters"}],
        }
    )

    id: UUID
    state: Literal["running", "done", "failed", "interrupted"]
    """Interrupted: its process has ended. The same file, sent again, goes on where it was."""
    failed: str
    """Why it failed; empty: it did not."""
    format: str
    source: str
    dry_run: bool
    begun_at: datetime
    ended_at: datetime | None
    done: int
    """How much of the file was read."""
    total: int
    """How much there is; 0: not known."""
    records: int
    already: int
    """Records that were there since an earlier run."""
    unchanged: int
    """Records that say nothing new."""
    events: dict[str, int]
    """Stored type → how many were appended, or would be."""
    set_aside: int
    aside: list[SetAsideView]
    """The first 1,000 of the records that were set aside."""


async def import_run(id: Id, _who: Admin, request: Request) -> ImportView:  # noqa: A002 - the name in the path
    """Return how far a run is, what it appended, and what was set aside with its place and the reason."""
    async with looking(request, IMPORTS_UNAVAILABLE) as connection:
        row = await connection.fetchrow(_RUN, id)
    if row is None:
        raise Problem(NOT_FOUND, "There is no such import.")
    empty = {"source": "", "events": {}, "aside": []}
    numbers = dict.fromkeys(("done", "total", "records", "already", "unchanged", "set_aside"), 0)
    told: dict[str, Any] = empty | numbers | row["report"]
    return ImportView.model_validate(
        told
        | {name: row[name] for name in ("id", "format", "dry_run", "begun_at", "ended_at", "failed")}
        | {"state": _state(row)}
    )


def _state(row: Any) -> str:
    if row["ended_at"] is not None:
        return "failed" if row["failed"] else "done"
    return "interrupted" if row["silent"] > SILENT else "running"


def _rest() -> Rest:
    return partial(
        StrictRoute,
        endpoint=import_run,
        response_model=ImportView,
        tags=["imports"],
        summary="Read how far an import is",
        operation_id="read_import",
        responses=refusals((IMPORTS_UNAVAILABLE,)),
    )


IMPORT_QUERY = DeferredRoute("GET", "/v1/imports/{id}", _rest)
