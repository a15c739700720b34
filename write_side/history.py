"""What a stream was at an earlier moment: folded from the nearest snapshot, never from the beginning."""

from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from kit.errors import Problem
from write_side.aggregate import Aggregate, InEvent, StreamState
from write_side.log.streams import END, PAGE_EVENTS, Snapshot, Streams

SNAPSHOT_EVERY = 100
"""Events between two snapshots of a stream: so many are read at the most to know what it was once. Of large
ones fewer: once a page of them is read on the way, a snapshot stands behind it."""


class Moment(NamedTuple):
    """A moment in the life of a stream, given by either of its numbers."""

    revision: int = END
    """The newest revision that is there already."""
    version: int = END
    """The newest event that is there already."""


NOW = Moment()


async def state_at[S: StreamState](
    streams: Streams, aggregate: Aggregate[S], stream: UUID, moment: Moment = NOW, *, known: S | None = None
) -> S | None:
    """Return what a stream was at a moment; None when the aggregate has no such stream.

    Snapshots that were missing on the way are kept, so the next time the way is short.

    Args:
        streams: where the log is read.
        aggregate: folds the events.
        stream: one of its streams.
        moment: not before the state that is known.
        known: an earlier state, from which to go on.

    Raises:
        Problem: 503, when the log cannot be read.
    """
    state = known
    if state is None:
        kept = await streams.snapshot(stream, aggregate.fingerprint, *moment)
        if kept is not None:
            state = _decoder(aggregate.state).decode(kept)
    large = False
    async for page in streams.pages(stream, state.version if state else 0, moment.version):
        if state is None and not aggregate.begins(page[0].event):
            return None
        if state is not None and large:
            await _try_to_keep(streams, aggregate, stream, state)
        for recorded in page:
            after = aggregate.evolve(state, recorded.event)
            if after.revision > moment.revision:
                return state
            state = after
            if state.version % SNAPSHOT_EVERY == 0:
                await _try_to_keep(streams, aggregate, stream, state)
        large = len(page) < PAGE_EVENTS
    return state


async def _try_to_keep[S: StreamState](
    streams: Streams, aggregate: Aggregate[S], stream: UUID, state: S
) -> None:
    with suppress(Problem):  # a snapshot only saves time
        await keep(streams, aggregate, stream, state)


async def keep[S: StreamState](streams: Streams, aggregate: Aggregate[S], stream: UUID, state: S) -> None:
    """Keep a snapshot; raises Problem 503 when the log cannot be written."""
    encoded = msgspec.json.encode(state)
    await streams.keep_snapshot(
        Snapshot(stream, state.version, state.revision, aggregate.fingerprint, encoded)
    )


async def values_of[S: StreamState](
    streams: Streams, aggregate: Aggregate[S], stream: UUID, state: S
) -> dict[str, Any]:
    """Return every field of a state as JSON values, long ones included."""
    return {name: await value_of(streams, aggregate, stream, state, name) for name in state.changed_in}


async def value_of[S: StreamState](
    streams: Streams, aggregate: Aggregate[S], stream: UUID, state: S, field: str
) -> Any:
    """Return a field of a state as a JSON value; a long one is read from the event that set it.

    It is None where no event has set the field yet.
    """
    if field not in state.changed_in:
        return None
    value = aggregate.value(state, field)
    if isinstance(value, InEvent):
        return aggregate.given(await streams.event(stream, value.version), field)
    return value


@cache
def _decoder[S: StreamState](state: type[S]) -> msgspec.json.Decoder[S]:
    return msgspec.json.Decoder(state)
