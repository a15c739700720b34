"""A command that stores nothing: it shows what it would store."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.base import Event
from write_side.aggregate import Aggregate, StreamClaim, StreamState
from write_side.call import Call
from write_side.receipt import DONE, MADE, Receipt
from write_side.work import Shared, Work


class DryRun[A: Aggregate[Any], S: StreamState](Work[A, S]):
    """A command that stores nothing: it shows what it would store."""

    __slots__ = ("events",)

    def __init__(self, shared: Shared, aggregate: A, call: Call) -> None:
        super().__init__(shared, aggregate, call)
        self.events: Sequence[Event] = ()

    async def _store(
        self, stream: UUID, before: S | None, events: Sequence[Event], claims: Sequence[StreamClaim]
    ) -> Receipt:
        """Keep the events of the stream, and return a receipt without a position."""
        after = self._after(before, events)
        self._pack([(stream, before.version if before else 0, events)])  # refuses what is too large
        self.events = events
        return self._receipt(stream, after, events, claims, MADE if before is None else DONE).finished(0)
