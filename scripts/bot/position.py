"""A bot's place in the log: what it has shown, what is a copy, and where the stream is to be taken up."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from kit.clock import now
from kit.log.spans import Spans, common, merged, without

REMEMBERED = 10_000
"""Ids kept to recognise copies; a crash of the forwarder repeats at most a thousand."""

type Delivery = Literal["new", "seen", "gap", "late"]


class StreamPosition:
    """Positions are dense, so a copy and a hole are both plain to see.

    Args:
        after: position after which to begin; None: wherever the first event stands.
    """

    def __init__(self, after: int | None = None) -> None:
        self.after = after
        self.last: tuple[int, str] | None = None
        """Offset and id of the message taken last, if it came from the stream."""
        self.missing: Spans = ()
        """Positions before it that have not come: somebody may send them again."""
        self.began_at: datetime | None = None
        """When somebody first listened who had no position."""
        self._lineage: tuple[str, str] | None = None
        self._seen: OrderedDict[str, None] = OrderedDict()

    def judge(self, event: Mapping[str, Any]) -> Delivery:
        """Tell whether an event is new, was seen, comes after others that were not, or is one of those."""
        position = int(event["position"])
        if str(event["id"]) in self._seen:
            return "seen"
        if self._same_log(event) and common(self.missing, ((position, position),)):
            return "late"
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
        position, verdict = int(event["position"]), self.judge(event)
        if verdict == "late":
            self.missing = without(self.missing, position, position)
        else:
            gap = [((self.after or 0) + 1, position - 1)] if verdict == "gap" else []
            missing = merged([*self.missing, *gap]) if self._same_log(event) else ()
            self.missing = common(missing, ((1, position - 1),))
            self.after, self._lineage = position, _lineage(event)
        if offset is not None:
            self.last = (offset, str(event["id"]))
        self._seen[str(event["id"])] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _same_log(self, event: Mapping[str, Any]) -> bool:
        return self._lineage is None or self._lineage[0] == _lineage(event)[0]

    def remember(self, ids: Iterable[str], lineage: tuple[str, str] | None) -> None:
        """Know again what was taken before: ids in their order, and source and epoch of the last event."""
        self._seen.update(dict.fromkeys(ids))
        self._lineage = lineage


def offset_for(after: int, newest: tuple[int, int | None] | None) -> int | str:
    """Return where to take up the stream so that nothing after a position is left out.

    Offsets count messages from 0, copies included, so the event at position p of a whole stream is at
    offset p - 1 or later. A stream that was made late lacks the beginning: what is newest in it tells.
    Nor is it taken up beyond its end: RabbitMQ then leaves out what comes until that offset is reached.

    Args:
        after: position after which to begin.
        newest: (offset, position) of a message near the stream's end, position None: it tells none; None: the
            stream is empty.
    """
    if newest is None or newest[1] is None:
        return "first"
    offset, position = newest[0], newest[1]
    return max(0, min(offset, after + min(0, offset + 1 - position)))


def _lineage(event: Mapping[str, Any]) -> tuple[str, str]:
    return str(event.get("source", "")), str(event.get("epoch", ""))
