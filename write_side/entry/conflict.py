"""What to tell an editor whose copy is out of date: base, theirs, and which fields changed."""

from collections import deque
from typing import Any
from uuid import UUID

from events import entry as facts
from events.base import Event, Recorded
from kit.errors import Problem
from write_side.entry.revisions import content_at
from write_side.entry.state import State
from write_side.log.streams import Streams

EVENTS_LISTED = 50


async def stale(streams: Streams, stream: UUID, expected: int, state: State) -> Problem:
    """Return a 412 that says what happened since the version that the caller has seen."""
    known = {"version": state.version, "etag": f'"v{state.version}"'}
    if not 0 < expected < state.version:
        return _problem("If-Match names a version that this entry never had.", known)
    base = await content_at(streams, stream, version=expected)
    theirs: dict[str, Any] = dict(base)
    touched: set[str] = set()
    since: deque[dict[str, Any]] = deque(maxlen=EVENTS_LISTED)
    async for page in streams.pages(stream, expected):
        for item in page:
            since.append(_told(item))
            if isinstance(item.event, facts.Revised):
                after = item.event.after()
                touched |= after.keys()
                theirs |= after
    changed = sorted(touched)
    return _problem(
        "Somebody else changed the entry since you read it.",
        known
        | {
            "changed": changed,
            "base": {name: _plain(base.get(name)) for name in changed},
            "theirs": {name: _plain(theirs.get(name)) for name in changed},
            "since": list(since),
        },
    )


def _problem(title: str, known: dict[str, Any]) -> Problem:
    return Problem(
        412, "stale", title, detail="Read the draft again and repeat the change on it.", facts=known
    )


def _told(item: Recorded[Event]) -> dict[str, Any]:
    return {
        "version": item.version,
        "type": item.type,
        "at": item.at.isoformat(),
        "actor": str(item.meta.actor),
        "reason": item.meta.reason,
    }


def _plain(value: Any) -> Any:
    """Show a long text as what it says."""
    return value["text"] if isinstance(value, dict) and "text" in value else value
