"""What is asked for and told of changes of many entries: the body, the receipt, and what a dry run shows."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from events.base import Event
from events.bulk import MAX_ENTRIES, RefusedEntry
from events.entry import Revised
from kit.http.described import Described, example
from kit.http.requests.text import CleanLine, Id
from write_side.bulk.change import ChangeOfEach
from write_side.command import Command

_BULK, _ENTRY = "7d0c2c5e-1f6b-5d0a-8f55-2c1e0b9a7d11", "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"


class BulkCommand(Command):
    """One change of many entries of a kind."""

    model_config = example(
        {
            "kind": "article",
            "filter": "category=aircraft&tag=biplane",
            "change": {"add": {"tags": ["propeller"]}},
            "dry_run": True,
        }
    )

    kind: str = Field(max_length=60)
    """Name of the kind: "article"."""
    ids: Annotated[list[Id], Field(max_length=MAX_ENTRIES)] = Field(default_factory=list)
    """The entries. Or:"""
    filter: Annotated[CleanLine, StringConstraints(max_length=2_000)] | None = None
    """The filters of the kind's list, as in its query: all published entries that it lists."""
    change: ChangeOfEach
    dry_run: bool = False
    """Store nothing, and tell what would happen."""

    @model_validator(mode="after")
    def _selects(self) -> "BulkCommand":
        if bool(self.ids) == (self.filter is not None):
            raise PydanticCustomError("our_selection", "must have either ids or filter")
        if len(set(self.ids)) != len(self.ids):
            raise PydanticCustomError("our_selection", "must name each of the ids once")
        return self


class ChangedOne(Described):
    """An entry that was changed."""

    entry: UUID
    version: int
    """Version of its stream that the change made."""


class RefusedOne(Described):
    """An entry, or some fields of it, that stayed as they were."""

    entry: UUID
    type: str
    """Type of the problem."""
    detail: str = ""


class BulkReceipt(Described):
    """What became of each entry; the same for every request under one Idempotency-Key."""

    model_config = example(
        {
            "id": _BULK,
            "version": 2,
            "kind": "article",
            "changed": [{"entry": _ENTRY, "version": 5}],
            "refused": [],
            "unchanged": 0,
            "position": 190,
        }
    )

    id: UUID
    """Names the change, to take it back."""
    version: int
    kind: str
    undoes: UUID | None = None
    """The change that this one takes back."""
    changed: list[ChangedOne]
    refused: list[RefusedOne]
    unchanged: int
    """Entries that were so already."""
    position: int
    """Position in the log, for `?after=`."""


class TriedOne(Described):
    """What would become of an entry."""

    entry: UUID
    version: int
    """Version of its stream now; 0: there is none."""
    event: str | None = None
    """Stored type of the event that it would get; absent where it gets none."""
    changed: dict[str, Any]
    """Field → before and after, where its content would change; of long texts the hash before."""
    refused: RefusedOne | None = None
    """Why it would stay as it is."""


class BulkDryRun(Described):
    """What would become of each entry."""

    model_config = example(
        {
            "dry_run": True,
            "changed": 1,
            "unchanged": 0,
            "refused": 0,
            "entries": [
                {
                    "entry": _ENTRY,
                    "version": 4,
                    "event": "article.revised",
                    "changed": {"tags": {"before": ["biplane"], "after": ["biplane", "propeller"]}},
                }
            ],
        }
    )

    dry_run: bool
    changed: int
    unchanged: int
    refused: int
    entries: list[TriedOne]


def dry_run_document(tried: Sequence[tuple[UUID, int, Sequence[Event], RefusedEntry | None]]) -> bytes:
    """Return the JSON document of a dry run.

    Args:
        tried: of each entry: its id, its version, its events, and what refused it.
    """
    entries = []
    for entry, version, events, refused in tried:
        first = events[0] if events else None
        told: dict[str, Any] = {"entry": entry, "version": version}
        if first is not None:
            told["event"] = first.TYPE
        if refused is not None:
            told["refused"] = refused
        entries.append(told | {"changed": first.changed if isinstance(first, Revised) else {}})
    refusals = sum("refused" in one for one in entries)
    changed = sum("event" in one for one in entries)
    counts = {"changed": changed, "unchanged": len(entries) - changed - refusals, "refused": refusals}
    return msgspec.json.encode({"dry_run": True, **counts, "entries": entries})
