"""An endpoint as its row says, and what its account may know at this moment."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth.roles import Identity, effective
from kit.auth.standing import WITH_FACTOR
from read_side.feed.choosing import EventChoice


class Replay(NamedTuple):
    """What is wanted once more."""

    id: UUID
    done: int
    upto: int


class Endpoint(NamedTuple):
    """Where to events are sent, as it was read a moment ago."""

    id: UUID
    url: str
    secrets: Sequence[bytes]
    choice: EventChoice
    replay: Replay | None
    """Goes first."""
    position: int
    tries: int
    """Of the event that is sent now, that failed."""
    failing: float
    """Seconds since its first try; 0: there was none."""
    dead_in_a_row: int
    why_not: str
    """Nothing may be sent, and why: its account is shut out, or its position is one of another log."""
    version: object
    """The same as long as the same events may be told in the same way."""

    @property
    def after(self) -> int:
        """What comes behind this position is to be sent."""
        return self.position if self.replay is None else self.replay.done


class _Asked(NamedTuple):
    kind: Sequence[str]
    type: Sequence[str]
    entry: UUID | None
    locale: str | None
    tag: Sequence[str]


def endpoint_of(row: Any, *, second_factor: bool) -> Endpoint:
    """Return an endpoint.

    Args:
        row: of `hook.endpoint`, with its owner and its first replay.
        second_factor: whether roles that publish count only where a second factor was shown.
    """
    roles = effective(row["roles"])
    if second_factor and not row["strong"]:
        roles -= WITH_FACTOR
    who = Identity(row["account"], roles, "bot", row["id"]) if row["insiders"] else None
    asked = _Asked(row["kind"], row["type"], row["entry"], row["locale"], row["tag"])
    replay = None if row["replay"] is None else Replay(row["replay"], row["done"], row["upto"])
    return Endpoint(
        id=row["id"],
        url=row["url"],
        secrets=[row["secret"], *([row["former"]] if row["former"] is not None else [])],
        choice=EventChoice(asked, who),
        replay=replay,
        position=row["position"],
        tries=row["tries"],
        failing=row["failing"],
        dead_in_a_row=row["dead_in_a_row"],
        why_not="" if row["enabled"] and row["same_log"] else "log" if row["enabled"] else "account",
        version=(str(asked), sorted(roles), who is None, replay and replay.id),
    )
