"""What a decision may know of other streams than its own, of any aggregate."""

from collections.abc import Collection
from sys import intern
from uuid import UUID

from write_side.aggregate import Aggregate, StreamState
from write_side.history import Moment, state_at
from write_side.log.streams import Streams
from write_side.states import States

MAX_STREAMS = 50_000
"""Streams of which a process remembers with what they begin; some 10 MB."""


class Others:
    """Reads other streams. A bus has its own: nothing outlives a lineage of the log.

    Args:
        streams: where the log is read.
        states: those that are kept in memory.
        most: streams of which the first event is remembered; those that were found first give way.
    """

    def __init__(self, streams: Streams, states: States, most: int = MAX_STREAMS) -> None:
        self._streams = streams
        self._states = states
        self._most = most
        self._types: dict[UUID, str] = {}

    async def begun(self, wanted: Collection[UUID]) -> dict[UUID, str]:
        """Return the type of the first event of those streams that there are.

        None is ever deleted, so what was found once stays true.

        Raises:
            Problem: 503, when the log cannot be read.
        """
        known = self._types
        found = {stream: known[stream] for stream in wanted if stream in known}
        if unknown := [stream for stream in wanted if stream not in found]:
            read = await self._streams.begun(unknown)
            found |= read
            known |= {stream: intern(type_) for stream, type_ in read.items()}
            while len(known) > self._most:
                del known[next(iter(known))]
        return found

    async def newest[S: StreamState](self, aggregate: Aggregate[S], stream: UUID) -> S | None:
        """Return what a stream is now; None: the aggregate has no such stream.

        Raises:
            Problem: 503, when the log cannot be read.
        """
        known: S | None = self._states.get((aggregate.name, stream))
        state = await state_at(self._streams, aggregate, stream, known=known)
        if state is not None:
            self._states.put((aggregate.name, stream), state)
        return state

    async def with_revision[S: StreamState](
        self, aggregate: Aggregate[S], stream: UUID, revision: int
    ) -> S | None:
        """Return what a stream is, as new as a revision if it has that; None: there is none.

        Raises:
            Problem: 503, when the log cannot be read.
        """
        state: S | None = self._states.get((aggregate.name, stream))
        return (
            state
            if state is not None and state.revision >= revision
            else await self.newest(aggregate, stream)
        )

    async def earlier[S: StreamState](self, aggregate: Aggregate[S], stream: UUID, revision: int) -> S | None:
        """Return what a stream was with a revision as its newest, at the last event before the next one.

        Raises:
            Problem: 503, when the log cannot be read.
        """
        return await state_at(self._streams, aggregate, stream, Moment(revision))

    def forget(self) -> None:
        """Forget with what streams begin."""
        self._types.clear()
