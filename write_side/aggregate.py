"""What the bus runs: how a stream begins, evolves, is kept, is compared and is told of. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events.base import Event
from kit.errors import Problem


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream has become by its events; each aggregate adds what its decisions need."""

    version: int
    """Events on the stream."""
    revision: int = 1
    """Events that changed content; it stays 1 where nothing is revised."""
    changed_in: dict[str, int] = {}
    """Field → version of the event that gave it its value."""


class InEvent(NamedTuple):
    """Stands for a value that is too long for a state: it is read from the event that set it."""

    version: int
    """Version of the stream that this event made."""


class StreamClaim(NamedTuple):
    """A further stream of a decision: all streams of a decision get their events, or none does."""

    stream: UUID
    expected: int
    """The version at which it must be."""
    events: Sequence[Event]
    lost: Problem
    """The answer when it is at another version by now."""


class Aggregate[S: StreamState](msgspec.Struct, frozen=True, kw_only=True):
    """A sort of streams on which commands are run. All of it is pure: only the bus reads and writes.

    A subclass says what `S` is and gives the methods without a body.
    """

    name: str
    """Singular, as in stored types: "article"."""
    path: str
    """Plural, as in routes: "articles"."""

    @property
    def called(self) -> str:
        """Its name in names of operations."""
        return self.name

    # How a stream begins and evolves

    def begins(self, event: Event) -> bool:
        """Tell whether a stream of this aggregate may begin with an event; else it is somebody else's."""
        raise NotImplementedError

    def evolve(self, state: S | None, event: Event) -> S:
        """Return the state after one more event; None is the state of a stream without events."""
        raise NotImplementedError

    # How it is kept

    @property
    def state(self) -> type[S]:
        """The class of its states: they are kept in memory, and as JSON in snapshots."""
        raise NotImplementedError

    @property
    def fingerprint(self) -> str:
        """Name of the code that folds: snapshots that other code has made are ignored."""
        raise NotImplementedError

    # How it is compared, when somebody has changed it meanwhile

    def value(self, state: S, field: str) -> Any:
        """Return the JSON value of a field that is named in `changed_in`, or `InEvent` for a long one."""
        return getattr(state, field)

    def given(self, event: Event, field: str) -> Any:
        """Return the JSON value that an event gave to a field for which `value` returns `InEvent`."""
        return getattr(event, field)

    def shown(self, value: Any) -> Any:
        """Return a JSON value as it is shown to a person who compares."""
        return value

    # What is said about it

    @property
    def noun(self) -> str:
        """What one of them is called in refusals."""
        return self.name

    def told(self, stream: UUID, state: S) -> dict[str, Any]:
        """Return the members of a receipt's JSON object, all but the last one, the position in the log."""
        return {"id": stream, "version": state.version}

    def address(self, stream: UUID) -> str:
        """Return the path at which it is found over HTTP."""
        return f"/v1/{self.path}/{stream}"
