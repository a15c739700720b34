"""What a check comes to, and how it collects what is wrong."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

NAMED = 5
"""Places that are named when more are wrong."""

type Progressed = Callable[[str, int, int], None]
"""Told the name of a step, how much of it is done, and how much there is."""


class Verdict(NamedTuple):
    """The outcome of one check."""

    name: str
    ok: bool
    detail: str


class Mistakes:
    """Counts what is wrong and remembers the first places."""

    def __init__(self) -> None:
        self.count = 0
        self._named: list[str] = []

    def add(self, place: str) -> None:
        self.count += 1
        if len(self._named) < NAMED:
            self._named.append(place)

    def verdict(self, name: str, good: str) -> Verdict:
        """Return the verdict of a check; `good` is what to say when nothing is wrong."""
        if not self.count:
            return Verdict(name, ok=True, detail=good)
        more = f" and {self.count - len(self._named):,} more" if self.count > len(self._named) else ""
        return Verdict(name, ok=False, detail="; ".join(self._named) + more)


class Page(NamedTuple):
    """A part of the log, and what was sealed in it."""

    rows: Sequence[Any]
    """Rows of log.event as `kit.log.rows` reads them."""
    seals: dict[int, bytes]
    """Position → chain."""


class Watch(Protocol):
    """A check that is shown the log once, from its beginning to its head."""

    def take(self, page: Page) -> None:
        """Look at the next part."""

    def verdict(self) -> Verdict:
        """Return the outcome, after the last part."""
