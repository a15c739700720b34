"""What a kind of entry adds to the shared life: its names, its events, its content and its rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from events import entry
from events.base import Event
from events.entry import Content
from write_side.aggregate import Aggregate, InEvent
from write_side.entry.state import State, evolve, fingerprint, given_by, is_long

type Shortfall = tuple[str, str]
"""A field and what it lacks, in words."""

type Rule = Callable[[Mapping[str, Any]], Iterable[Shortfall]]
"""From the content of a revision (JSON values, long texts as hashes) to what it lacks to be published."""


class Kind(Aggregate[State], frozen=True, kw_only=True):
    """A kind of entry: an aggregate whose streams are entries, each with a life that all kinds share."""

    created: type[entry.Created]
    revised: type[entry.Revised]
    submitted: type[entry.Submitted]
    published: type[entry.Published]
    withdrawn: type[entry.Withdrawn]
    returned: type[entry.Returned]
    unpublished: type[entry.Unpublished]
    archived: type[entry.Archived]
    restored: type[entry.Restored]
    renamed: type[entry.Renamed]

    rules: tuple[Rule, ...] = ()
    """What a revision needs before readers may see it."""

    @classmethod
    def of(cls, name: str, path: str, life: Sequence[type[Event]], rules: tuple[Rule, ...] = ()) -> Self:
        """Return a kind from its event classes, each of which is one step of the life in `events.entry`."""
        steps = {step: next(one for one in life if issubclass(one, base)) for step, base in _STEPS.items()}
        return cls(name=name, path=path, rules=rules, **steps)  # type: ignore[arg-type]  # by issubclass

    @property
    def content(self) -> type[Content]:
        return self.created.CONTENT

    @property
    def long_fields(self) -> frozenset[str]:
        """Names of the fields that hold a long text."""
        return self.content.long_fields()

    # What the bus asks an aggregate

    def begins(self, event: Event) -> bool:
        return isinstance(event, self.created)

    def evolve(self, state: State | None, event: Event) -> State:
        return evolve(state, event)

    @property
    def state(self) -> type[State]:
        return State

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self.content)

    def value(self, state: State, field: str) -> Any:
        value = state.content[field]
        return InEvent(state.changed_in[field]) if is_long(value) else value

    def given(self, event: Event, field: str) -> Any:
        return given_by(event).get(field)

    def shown(self, value: Any) -> Any:
        """Show a long text as what it says."""
        return value["text"] if isinstance(value, dict) and "text" in value else value

    @property
    def noun(self) -> str:
        return "entry"

    def told(self, stream: UUID, state: State) -> dict[str, Any]:
        return {"id": stream, "slug": state.slug, "revision": state.revision, "version": state.version}


_STEPS: dict[str, type[Event]] = {
    "created": entry.Created,
    "revised": entry.Revised,
    "submitted": entry.Submitted,
    "published": entry.Published,
    "withdrawn": entry.Withdrawn,
    "returned": entry.Returned,
    "unpublished": entry.Unpublished,
    "archived": entry.Archived,
    "restored": entry.Restored,
    "renamed": entry.Renamed,
}
