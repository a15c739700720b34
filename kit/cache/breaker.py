"""Keeps from asking again at once what just did not answer."""

import time
from collections.abc import Callable

CLIENT_TIMEOUT = 1.0
"""Seconds after which the client of a server gives up by itself, also while it closes a connection: each
question of ours has a shorter limit."""


class Breaker:
    """Keeps away from what just failed: for half a second, then twice as long, up to ten.

    After each pause one attempt is let through; its outcome decides.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause = 0.0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """Whether the last attempt failed."""
        return self._pause > 0

    @property
    def wait(self) -> float:
        """Seconds until the next attempt may be made."""
        return max(0.0, self._until - self._clock()) if self._pause else 0.0

    def allows(self) -> bool:
        """Say whether an attempt may be made now."""
        if not self._pause:
            return True
        now = self._clock()
        if now < self._until:
            return False
        self._until = now + self._pause
        return True

    def failed(self) -> None:
        self._pause = min(max(self._pause * 2, 0.5), 10.0)
        self._until = self._clock() + self._pause

    def worked(self) -> None:
        self._pause = 0.0
