"""What an entry was at an earlier moment: folded from the nearest snapshot, never from the beginning."""

from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events import entry as facts
from events.base import Event
from kit.errors import Problem
from write_side.entry.kind import Kind
from write_side.entry.state import State, evolve, fingerprint, first_of, is_long
from write_side.log.streams import END, Snapshot, Streams

SNAPSHOT_EVERY = 100
"""Events between two snapshots of a stream: so many are read at the most to know what it was once."""

_state = msgspec.json.Decoder(State)


class Moment(NamedTuple):
    """A moment in the life of an entry, given by either of its numbers."""

    revision: int = END
    """The newest revision that is there already."""
    version: int = END
    """The newest event that is there already."""


NOW = Moment()


async def state_at(
    streams: Streams, kind: Kind, stream: UUID, moment: Moment = NOW, *, known: State | None = None
) -> State | None:
    """Return what an entry was at a moment; None when there is no such entry.

    Snapshots that were missing on the way are kept, so the next time the way is short.

    Args:
        streams: where the log is read.
        kind: of the entry.
        stream: the entry.
        moment: not before the state that is known.
        known: an earlier state, from which to go on.

    Raises:
        Problem: 503, when the log cannot be read.
    """
    state = known
    if state is None:
        kept = await streams.snapshot(stream, fingerprint(kind.content), *moment)
        if kept is not None:
            state = _state.decode(kept)
    async for page in streams.pages(stream, state.version if state else 0, moment.version):
        if state is None and not isinstance(page[0].event, kind.created):
            return None
        for recorded in page:
            event = recorded.event
            if isinstance(event, facts.Revised) and event.revision > moment.revision:
                return state
            state = evolve(state, event)
            if state.version % SNAPSHOT_EVERY == 0:
                with suppress(Problem):  # a snapshot only saves time
                    await keep(streams, kind, stream, state)
    return state


async def keep(streams: Streams, kind: Kind, stream: UUID, state: State) -> None:
    """Keep a snapshot; raises Problem 503 when the log cannot be written."""
    encoded = msgspec.json.encode(state)
    snapshot = Snapshot(stream, state.version, state.revision, fingerprint(kind.content), encoded)
    await streams.keep_snapshot(snapshot)


async def content_of(streams: Streams, stream: UUID, state: State) -> dict[str, Any]:
    """Return every field of a state as JSON values, long texts included, and `translated_from`."""
    return {name: await value_of(streams, stream, state, name) for name in state.content}


async def value_of(streams: Streams, stream: UUID, state: State, field: str) -> Any:
    """Return a field of a state as a JSON value, a long text whole: it is read from the event that set it."""
    value = state.content.get(field)
    if not is_long(value):
        return value
    return _set_by(await streams.event(stream, state.changed_in[field])).get(field)


def _set_by(event: Event) -> dict[str, Any]:
    if isinstance(event, facts.Created):
        return first_of(event)
    return event.after() if isinstance(event, facts.Revised) else {}
