"""A bot's place in the log: what it has shown, what is a copy, and where the stream is to be taken up."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from kit.clock import now

REMEMBERED = 10_000
"""Ids kept to recognise copies; a crash of the forwarder repeats at most a thousand."""

type Delivery = Literal["new", "seen", "gap"]


class StreamPosition:
    """Positions are dense, so a copy and a hole are both plain to see.

    Args:
        after: position after which to begin; None: wherever the first event stands.
    """

    def __init__(self, after: int | None = None) -> None:
        self.after = after
        self.last: tuple[int, str] | None = None
        """Offset and id of the message taken last, if it came from the stream."""
        self.began_at: datetime | None = None
        """When somebody first listened who had no position."""
        self._lineage: tuple[str, str] | None = None
        self._seen: OrderedDict[str, None] = OrderedDict()

    def judge(self, event: Mapping[str, Any]) -> Delivery:
        """Tell whether an event is new, was seen, or comes after others that were not."""
        position = int(event["position"])
        if str(event["id"]) in self._seen:
            return "seen"
        if self.after is None or self._lineage not in {None, _lineage(event)}:
            return "new"  # positions of another log, or of another epoch, say nothing about these
        if position <= self.after:
            return "seen"
        return "new" if position == self.after + 1 else "gap"

    def begin(self) -> datetime | None:
        """Note that somebody listens from now on; return since when, or None if nobody did before."""
        before, self.began_at = self.began_at, self.began_at or now()
        return before

    def take(self, event: Mapping[str, Any], offset: int | None = None) -> None:
        """Note that an event was shown, and where it stands in the stream if it came from there."""
        self.after = int(event["position"])
        if offset is not None:
            self.last = (offset, str(event["id"]))
        self._lineage = _lineage(event)
        self._seen[str(event["id"])] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def remember(self, ids: Iterable[str], lineage: tuple[str, str] | None) -> None:
        """Know again what was taken before: ids in their order, and source and epoch of the last event."""
        self._seen.update(dict.fromkeys(ids))
        self._lineage = lineage


def offset_for(after: int, newest: tuple[int, int] | None) -> int | str:
    """Return where to take up the stream so that nothing after a position is left out.

    Offsets count messages from 0, copies included, so the event at position p of a whole stream is at
    offset p - 1 or later. A stream that was made late lacks the beginning: what is newest in it tells.

    Args:
        after: position after which to begin.
        newest: (offset, position) of a message near the stream's end; None: it is empty.
    """
    if newest is None:
        return "first"
    offset, position = newest
    return max(0, after + min(0, offset + 1 - position))


def _lineage(event: Mapping[str, Any]) -> tuple[str, str]:
    return str(event.get("source", "")), str(event.get("epoch", ""))
