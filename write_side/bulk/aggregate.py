"""A change of many entries as the bus runs it: a stream that begins, and ends when each has been tried."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from events.base import Event
from events.bulk import BulkFinished, BulkStarted, BulkStopped, ChangedEntry, RefusedEntry
from kit.meaning.kept import kept_name
from kit.meaning.values import Meaning
from write_side.aggregate import Aggregate, StreamState


class BulkState(StreamState, frozen=True, kw_only=True):
    """What was asked for, and what became of it."""

    kind: str
    entries: tuple[UUID, ...]
    change: dict[str, Any]
    undoes: UUID | None = None
    stopped: bool = False
    """Whether it was cut off, and adds nothing more."""
    finished: bool = False
    """Whether it is told what became of the entries."""
    changed: tuple[ChangedEntry, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()

    @property
    def changes_life(self) -> bool:
        """Whether it made steps of the life of entries, or took such steps back: that is a moderator's."""
        return "do" in self.change or bool(self.change.get("life"))


class Bulk(Aggregate[BulkState], frozen=True, kw_only=True):
    """Changes of many entries."""

    def begins(self, event: Event) -> bool:
        return isinstance(event, BulkStarted)

    def evolve(self, state: BulkState | None, event: Event) -> BulkState:
        if isinstance(event, BulkStarted):
            return BulkState(
                version=1, kind=event.kind, entries=event.entries, change=event.change, undoes=event.undoes
            )
        if isinstance(event, BulkStopped) and state is not None and not state.finished:
            return msgspec.structs.replace(state, version=state.version + 1, stopped=True)
        if state is None or not isinstance(event, BulkFinished):
            raise ValueError("a change of many entries begins once and ends once")
        return msgspec.structs.replace(
            state, version=state.version + 1, finished=True, changed=event.changed, refused=event.refused
        )

    @property
    def state(self) -> type[BulkState]:
        return BulkState

    @property
    def fingerprint(self) -> str:
        return _fingerprint()

    @property
    def noun(self) -> str:
        return "change of many entries"

    def told(self, stream: UUID, state: BulkState) -> dict[str, Any]:
        return {"id": stream, "version": state.version, **outcome(state)}


def outcome(state: BulkState) -> Mapping[str, Any]:
    """Return what a receipt tells of the entries."""
    told = {one.entry for one in state.changed} | {one.entry for one in state.refused}
    return {
        "kind": state.kind,
        **({} if state.undoes is None else {"undoes": state.undoes}),
        "changed": state.changed,
        "refused": state.refused,
        "unchanged": len(state.entries) - len(told),
    }


@cache
def _fingerprint() -> str:
    meaning = Meaning({"events", "kit", "write_side"}, {})
    return kept_name("state of bulk", lambda: meaning.name("bulk", BulkState, Bulk.evolve)[:16])


BULK = Bulk(name="bulk", path="bulk")
