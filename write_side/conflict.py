"""What to tell somebody whose copy is out of date: base, theirs, and which fields changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kit.errors import Problem
from write_side.aggregate import Aggregate, StreamState
from write_side.history import Moment, state_at, value_of
from write_side.log.streams import Streams, Told
from write_side.problem_types import STALE

EVENTS_LISTED = 50


async def stale[S: StreamState](
    streams: Streams, aggregate: Aggregate[S], stream: UUID, expected: int, state: S
) -> Problem:
    """Return a 412 that says what happened since the version that the caller has seen.

    It reads what the stream was then and is now, and no more, however much happened in between.
    """
    known = {"version": state.version, "etag": f'"v{state.version}"'}
    if not 0 < expected < state.version:
        return _problem(f"If-Match names a version that this {aggregate.noun} never had.", known)
    seen = await state_at(streams, aggregate, stream, Moment(version=expected))
    changed = sorted(name for name, version in state.changed_in.items() if version > expected)

    async def shown(state: S, fields: Sequence[str]) -> dict[str, Any]:
        return {
            name: aggregate.shown(await value_of(streams, aggregate, stream, state, name)) for name in fields
        }

    return _problem(
        f"Somebody else changed the {aggregate.noun} since you read it.",
        known
        | {
            "changed": changed,
            "base": await shown(seen or state, changed),
            "theirs": await shown(state, changed),
            "since": [_told(one) for one in await streams.newest(stream, expected, EVENTS_LISTED)],
        },
    )


def _problem(title: str, known: dict[str, Any]) -> Problem:
    return Problem(STALE, title, detail="Read the draft again and repeat the change on it.", facts=known)


def _told(event: Told) -> dict[str, Any]:
    return {
        "version": event.version,
        "type": event.type,
        "at": event.at.isoformat(),
        "actor": str(event.meta.actor),
        "reason": event.meta.reason,
    }
