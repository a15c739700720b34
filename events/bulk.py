"""A change of many entries at once: what was asked for, and what became of each; a stream of its own."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from events.base import Event

MAX_ENTRIES = 500
"""Entries that one change may be about."""

_Entries = Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MAX_ENTRIES)]


class BulkStarted(Event, frozen=True, kw_only=True):
    """A change of many entries begins; each entry's own events follow, with this stream as correlation."""

    TYPE: ClassVar[str] = "bulk.started"
    kind: str
    """Of all the entries."""
    entries: _Entries
    change: dict[str, Any]
    """What is done to each, as it was sent: {"set": {field: value}}, for example."""
    undoes: UUID | None = None
    """The earlier change of many entries that this one takes back."""


class BulkStopped(Event, frozen=True, kw_only=True):
    """A change of many entries that was cut off adds nothing more; what it did is told by `bulk.finished`."""

    TYPE: ClassVar[str] = "bulk.stopped"


class ChangedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry that was changed."""

    entry: UUID
    version: int
    """Version of its stream that the change made."""


class RefusedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry that stayed as it was."""

    entry: UUID
    type: str
    """Type of the problem: "archived"."""
    detail: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """The same in words."""


class BulkFinished(Event, frozen=True, kw_only=True):
    """A change of many entries is over; those that are not named had it already.

    Of one that was stopped, all are named: what it did not change is refused with the type "stopped".
    """

    TYPE: ClassVar[str] = "bulk.finished"
    changed: Annotated[tuple[ChangedEntry, ...], msgspec.Meta(max_length=MAX_ENTRIES)]
    refused: Annotated[tuple[RefusedEntry, ...], msgspec.Meta(max_length=MAX_ENTRIES)]


EVENTS: tuple[type[Event], ...] = (BulkStarted, BulkStopped, BulkFinished)
