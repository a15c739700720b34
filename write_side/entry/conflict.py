"""What to tell an editor whose copy is out of date: base, theirs, and which fields changed."""

from typing import Any
from uuid import UUID

from kit.errors import Problem
from write_side.entry.kind import Kind
from write_side.entry.revisions import Moment, state_at, value_of
from write_side.entry.state import State
from write_side.log.streams import Streams, Told

EVENTS_LISTED = 50


async def stale(streams: Streams, kind: Kind, stream: UUID, expected: int, state: State) -> Problem:
    """Return a 412 that says what happened since the version that the caller has seen.

    It reads what the entry was then and is now, and no more, however much happened in between.
    """
    known = {"version": state.version, "etag": f'"v{state.version}"'}
    if not 0 < expected < state.version:
        return _problem("If-Match names a version that this entry never had.", known)
    seen = await state_at(streams, kind, stream, Moment(version=expected))
    changed = sorted(name for name, version in state.changed_in.items() if version > expected)
    return _problem(
        "Somebody else changed the entry since you read it.",
        known
        | {
            "changed": changed,
            "base": await _shown(streams, stream, seen or state, changed),
            "theirs": await _shown(streams, stream, state, changed),
            "since": [_told(one) for one in await streams.newest(stream, expected, EVENTS_LISTED)],
        },
    )


async def _shown(streams: Streams, stream: UUID, state: State, fields: list[str]) -> dict[str, Any]:
    return {name: _plain(await value_of(streams, stream, state, name)) for name in fields}


def _problem(title: str, known: dict[str, Any]) -> Problem:
    return Problem(
        412, "stale", title, detail="Read the draft again and repeat the change on it.", facts=known
    )


def _told(event: Told) -> dict[str, Any]:
    return {
        "version": event.version,
        "type": event.type,
        "at": event.at.isoformat(),
        "actor": str(event.meta.actor),
        "reason": event.meta.reason,
    }


def _plain(value: Any) -> Any:
    """Show a long text as what it says."""
    return value["text"] if isinstance(value, dict) and "text" in value else value
