"""What is wrong with readers of the log, and when somebody is told of it: once, and when it is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from projections.forwarding.forwarder import NO_BROKER
from projections.health.readers import Reader, View

BEHIND_SECONDS = 30.0
"""Age of the oldest event that a reader has not taken, from which on it counts as behind."""

PATIENCE = 25.0
"""Seconds for which anything else has to last. That a frozen reader stands still is seen some 7 s later."""

AGAIN_SECONDS = 3_600.0
"""Seconds after which what goes on is told again."""

CALM_SECONDS = 30.0
"""Seconds without it after which it is over."""

type What = Literal["stopped", "halted", "behind", "parked", "missing", "unread"]
type Step = Literal["begins", "goes on", "is over"]

THE_DATABASE = "the database"

ADVICE: dict[What, str] = {
    "stopped": "No process leads it: is `frankenjet project` running, and does it reach the database?",
    "halted": "The log does not hold what it has seen: see `frankenjet resync`.",
    "behind": "See `frankenjet status --watch`, and the log of the projector.",
    "parked": "See `frankenjet parked list`.",
    "missing": "See `frankenjet resend`.",
    "unread": "Does PostgreSQL answer?",
}


class Trouble(NamedTuple):
    """Something that is wrong now."""

    reader: str
    """Its read model, or its name where it keeps no tables."""
    what: What
    said: str
    """The same in words, with figures."""
    patience: float
    """Seconds for which it has to last before somebody is told."""


class AlarmNotice(NamedTuple):
    """What somebody is told."""

    step: Step
    trouble: Trouble
    seconds: float
    """For how long it has been seen."""

    @property
    def subject(self) -> str:
        """One line."""
        reader, what = self.trouble.reader, self.trouble.what
        if self.step == "is over":
            return f"{reader} is well again (it was {what})"
        return f"{reader} is {'still ' if self.step == 'goes on' else ''}{what}"

    @property
    def text(self) -> str:
        """What is known, and where to look."""
        if self.step == "is over":
            return f"It lasted {self.seconds:,.0f} s."
        return f"{self.trouble.said}\n\n{ADVICE[self.trouble.what]}"


def troubles(view: View | None, unread: float) -> Iterator[Trouble]:
    """Yield what is wrong.

    Args:
        view: where the readers are; None: the database cannot be read.
        unread: seconds since it was read.
    """
    if view is None:
        yield Trouble(THE_DATABASE, "unread", f"It has not been read for {unread:,.0f} s.", PATIENCE)
        return
    for one in view.readers:
        if one.ours and one.state not in {"filling", "old"}:
            yield from _of(one)


def _of(one: Reader) -> Iterator[Trouble]:
    name = one.model or one.name
    if one.state in {"stopped", "halted"}:
        what: What = "halted" if one.state == "halted" else "stopped"
        yield Trouble(name, what, f"It stands at {one.position:,}, {one.lag_events:,} behind.", PATIENCE)
    if one.lag_seconds >= BEHIND_SECONDS and one.waits != NO_BROKER:
        waits = f" It waits: {one.waits}." if one.waits else ""
        said = f"It is {one.lag_events:,} events behind, the oldest for {one.lag_seconds:,.0f} s.{waits}"
        yield Trouble(name, "behind", said, 0.0)
    if one.parked_events:
        said = f"{one.parked_events:,} events of {one.parked_entities:,} entities are put aside."
        yield Trouble(name, "parked", said, PATIENCE)
    if one.missing_events:
        said = f"The stream lacks {one.missing_events:,} events, the first at {one.missing_from:,}."
        yield Trouble(name, "missing", said, PATIENCE)


@dataclass(slots=True)
class _Open:
    trouble: Trouble
    since: float
    told: float | None = None
    gone: float | None = None


class Alarms:
    """Remembers what is wrong from one look to the next."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, What], _Open] = {}

    @property
    def told(self) -> list[Trouble]:
        """What somebody was told of and is not over."""
        return [one.trouble for one in list(self._open.values()) if one.told is not None]

    def seen(self, view: View | None, unread: float, now: float) -> list[AlarmNotice]:
        """Return what has to be told after a look.

        Args:
            view: where the readers are; None: the database cannot be read.
            unread: seconds since it was read.
            now: seconds of a clock that only grows.
        """
        found = {(one.reader, one.what): one for one in troubles(view, unread)}
        if view is None:  # nothing is known of the readers: what was wrong counts as wrong
            found |= {name: one.trouble for name, one in self._open.items() if one.gone is None}
        notices = [notice for name, one in found.items() if (notice := self._goes_on(name, one, now))]
        return notices + [
            notice for name in list(self._open) if name not in found and (notice := self._gone(name, now))
        ]

    def _goes_on(self, name: tuple[str, What], trouble: Trouble, now: float) -> AlarmNotice | None:
        one = self._open.setdefault(name, _Open(trouble, now))
        one.trouble, one.gone = trouble, None
        lasted = now - one.since
        if one.told is None and lasted >= trouble.patience:
            one.told = now
            return AlarmNotice("begins", trouble, lasted)
        if one.told is not None and now - one.told >= AGAIN_SECONDS:
            one.told = now
            return AlarmNotice("goes on", trouble, lasted)
        return None

    def _gone(self, name: tuple[str, What], now: float) -> AlarmNotice | None:
        one = self._open[name]
        if one.gone is None:
            one.gone = now
        if one.told is not None and now - one.gone < CALM_SECONDS:
            return None
        del self._open[name]
        return None if one.told is None else AlarmNotice("is over", one.trouble, one.gone - one.since)
