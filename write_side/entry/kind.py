"""A kind of entry as the bus runs it: its streams, and what is told of them."""

from typing import Any, Self
from uuid import UUID

from events.base import Event
from events.group import Group
from events.kind import Kind
from events.life import Life
from write_side.aggregate import Aggregate, InEvent
from write_side.entry.state import State, evolve, fingerprint, given_by, is_long


class EntryKind(Aggregate[State], frozen=True, kw_only=True):
    """A kind of entry: an aggregate whose streams are entries, each with a life that all kinds share."""

    declared: Kind
    """Its fields and its rules."""
    group: Group | None = None
    """Those of its entries that commands are sent to; None: all."""

    @classmethod
    def of(cls, declared: Kind) -> Self:
        """Return a kind from its declaration."""
        return cls(name=declared.name, path=declared.path, declared=declared)

    @classmethod
    def of_groups(cls, declared: Kind) -> list[Self]:
        """Return what takes commands for the groups of a kind."""
        return [
            cls(name=declared.name, path=one.path, declared=declared, group=one) for one in declared.groups
        ]

    @property
    def called(self) -> str:
        return self.name if self.group is None else self.group.name

    @property
    def life(self) -> Life:
        """Its ten events."""
        return self.declared.life

    @property
    def content(self) -> Any:
        """The class of its content."""
        return self.declared.content

    # What the bus asks an aggregate

    def begins(self, event: Event) -> bool:
        return isinstance(event, self.life.created)

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
        locale = {} if state.locale is None else {"locale": state.locale}
        numbers = {"revision": state.revision, "version": state.version}
        return {"id": stream, "slug": state.slug, **locale, **numbers}
