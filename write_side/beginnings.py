"""With what streams begin: none is ever deleted, so what was found once stays true."""

from collections.abc import Collection
from sys import intern
from uuid import UUID

from write_side.log.streams import Streams

MAX_STREAMS = 50_000
"""Streams that a process remembers; some 10 MB."""


class Beginnings:
    """The types of the first events of streams. A bus has its own: nothing outlives a lineage of the log.

    Args:
        streams: where the log is read.
        most: streams that are remembered; those that were found first give way.
    """

    def __init__(self, streams: Streams, most: int = MAX_STREAMS) -> None:
        self._streams = streams
        self._most = most
        self._types: dict[UUID, str] = {}

    async def of(self, wanted: Collection[UUID]) -> dict[UUID, str]:
        """Return the type of the first event of those streams that there are.

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

    def clear(self) -> None:
        """Forget all of them."""
        self._types.clear()
