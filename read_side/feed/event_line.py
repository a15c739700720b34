"""An event as an event stream has it, made once for all who are told it."""

from typing import Any

import msgspec

from kit.log.lineage import Lineage
from read_side.feed.choosing import EventChoice
from read_side.feed.event import StreamEvent, Telling

encode = msgspec.json.Encoder().encode

TAKES_AWAY = (".unpublished", ".archived")
"""How types end after which readers see nothing more of an entry."""


def as_line(event: StreamEvent) -> bytes:
    """Return an event as an event stream has it; its id is its position."""
    return b"id: %d\ndata: %b\n\n" % (event.position, encode(event))


class LiveEvent:
    """One event that has just come, put together and encoded when somebody wants it.

    Args:
        row: as `read_side.feed.reading` reads it.
        telling: puts it together.
        lineage: of the log.
    """

    __slots__ = ("_lineage", "_lines", "_row", "_telling", "_told", "position")

    def __init__(self, row: Any, telling: Telling, lineage: Lineage) -> None:
        self.position: int = row["position"]
        self._row = row
        self._telling = telling
        self._lineage = lineage
        self._told: list[StreamEvent | None] = [None, None]
        self._lines: list[bytes | None] = [None, None]

    @property
    def public(self) -> bool:
        """Whether anybody may know it."""
        return self._row["sequence"] is not None

    @property
    def takes_away(self) -> bool:
        """Whether readers see nothing more of its entry after it."""
        return self.public and self._row["type"].endswith(TAKES_AWAY)

    def is_about(self, other: "LiveEvent") -> bool:
        """Tell whether it is about the same entry as another one."""
        same: bool = self._row["stream"] == other._row["stream"]  # noqa: SLF001 - of this class
        return same

    def told(self, *, public: bool) -> StreamEvent | None:
        """Return it as it is told to anybody, or to insiders; None: it is not told."""
        if public and not self.public:
            return None
        known = self._told[public]
        if known is None:
            known = self._told[public] = self._telling.told(self._row, self._lineage, public=public)
        return known

    def line(self, *, public: bool) -> bytes:
        """Return it as an event stream has it."""
        known = self._lines[public]
        if known is None:
            event = self.told(public=public)
            known = self._lines[public] = b"" if event is None else as_line(event)
        return known

    def wanted_by(self, chosen: EventChoice) -> bytes:
        """Return it as an event stream has it, for somebody who wants it; for others nothing."""
        if not chosen.any:
            event = self.told(public=chosen.public)
            if event is None or not chosen.takes(event):
                return b""
        return self.line(public=chosen.public)

    def withdraw(self) -> None:
        """Let nothing be told of it to anybody any more but that it was there."""
        event = self.told(public=True)
        if event is not None:
            self._told[True] = self._telling.gone(event)
            self._lines[True] = None
