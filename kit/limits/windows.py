"""Counts in memory: a sliding window for each one that is counted, of which the last two parts are known."""

import math
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kit.limits.rules import Rule

MOST = 20_000
"""Windows that are kept; beyond it, those who did least are forgotten."""

TOLD_FROM = 10
"""Anyone who has done one part of so many of what he may is told of to the other processes."""

type Key = tuple[str, Rule, str]
"""Name of a limit, one of its rules, and who is counted."""


class Left(NamedTuple):
    """What may still be done."""

    amount: int
    seconds: float
    """Until more of it may be; when nothing is left, until some may."""


class Window:
    """What one has done in the time of a rule that runs, and what in the one before."""

    __slots__ = ("before", "began", "count", "kept_out", "told")

    def __init__(self, began: float) -> None:
        self.began = began
        self.count = 0
        self.before = 0
        self.told = 0
        """Of the count, what other processes know of."""
        self.kept_out = 0.0
        """Until then nothing may be done: others have done all that may be."""


class Windows:
    """All that is counted in this process.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[Key, Window] = {}

    def hit(self, key: Key) -> tuple[bool, Left]:
        """Count one, unless as many as may be have been; say which, and what is left."""
        rule, now = key[1], self._clock()
        window = self._held.get(key)
        if window is None:
            if len(self._held) >= MOST:
                self._forget(now)
            window = self._held[key] = Window(now)
        part = (now - window.began) / rule.seconds
        if part >= 1:
            window.before = window.count if part < 2 else 0  # noqa: PLR2004 - the last part of two
            window.began += math.floor(part) * rule.seconds
            window.count = window.told = 0
            part = (now - window.began) / rule.seconds
        ends = window.began + rule.seconds - now
        if window.kept_out > now:
            return False, Left(0, window.kept_out - now)
        used = window.before * (1 - part) + window.count
        if used + 1 > rule.amount:
            return False, Left(0, min(ends, rule.seconds / window.before) if window.before else ends)
        window.count += 1
        return True, Left(math.floor(rule.amount - used - 1), ends)

    def to_tell(self) -> Iterator[tuple[Key, Window, int]]:
        """Yield who has done much, with how many of that others do not know of yet."""
        for key, window in self._held.items():
            untold = window.count - window.told
            if untold and window.count * TOLD_FROM >= key[1].amount:
                yield key, window, untold

    def keep_out(self, window: Window, seconds: float) -> None:
        """Let one do nothing for some time."""
        window.kept_out = self._clock() + seconds

    def _forget(self, now: float) -> None:
        """Forget what is over, and if that is little, the half that did least."""
        running = {
            key: window for key, window in self._held.items() if now - window.began < 2 * key[1].seconds
        }
        if len(running) > MOST // 2:
            most = sorted(running.items(), key=lambda one: one[1].count + one[1].before, reverse=True)
            running = dict(most[: MOST // 2])
        self._held = running
