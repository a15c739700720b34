"""What a decision may know of other streams than its own, of any aggregate."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from sys import intern
from uuid import UUID

from write_side.aggregate import Aggregate, StreamState
from write_side.history import Moment, state_at
from write_side.log.streams import LastEvent, Streams
from write_side.states import States

type Namers = Callable[[UUID, Sequence[str], int, int], Awaitable[Sequence[UUID]]]
"""From an entry, names of kinds, a position of the log and a number to the published entries of those kinds
that name it as of that position, so many at the most. Without kinds: of any. The read side's; it raises
Problem 503 if it cannot."""

MAX_STREAMS = 50_000
"""Streams of which a process remembers how far they were; some 10 MB."""


class Others:
    """Reads other streams. A bus has its own: nothing outlives a lineage of the log.

    Args:
        streams: where the log is read.
        states: those that are kept in memory.
        most: streams of which it is remembered how far they were; those that were found first give way.
    """

    def __init__(self, streams: Streams, states: States, most: int = MAX_STREAMS) -> None:
        self._streams = streams
        self._states = states
        self._most = most
        self._last: dict[UUID, LastEvent] = {}

    async def last_of(self, wanted: Collection[UUID], *, now: bool = False) -> dict[UUID, LastEvent]:
        """Return how far those of some streams are that there are: at least as far as that.

        None is ever deleted, so a stream that was found is always there; an append that claims the version
        finds out whether it has gone on.

        Args:
            wanted: the streams.
            now: whether what is remembered is not believed.

        Raises:
            Problem: 503, when the log cannot be read.
        """
        known = self._last
        found = {} if now else {stream: known[stream] for stream in wanted if stream in known}
        if unknown := [stream for stream in wanted if stream not in found]:
            read = await self._streams.last_of(unknown)
            found |= read
            known |= {stream: LastEvent(one.version, intern(one.type)) for stream, one in read.items()}
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

    async def head(self) -> int:
        """Return the last position of the log; raises Problem 503 when it cannot be read."""
        found: int = await self._streams.ask("fetchval", "select log.head()")
        return found

    def forget(self) -> None:
        """Forget how far streams were."""
        self._last.clear()
