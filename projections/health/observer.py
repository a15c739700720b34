"""Looks at the log and its readers whenever somebody asks, and never shows what it saw before as new."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from kit.postgres.connect import AWAY, PROJECTOR
from projections.health.readers import Reader, View, connect_to_look, look

LOOK_SECONDS = 2.0
"""Seconds for a look: shorter than what machines wait for an answer about health."""

MOST_HEADS = 4_096
"""Heads that are remembered; of what is behind for longer, the age is too low."""

log = structlog.get_logger()


class Heads:
    """What the head of the log was and when, so that what is behind has an age that no wrong clock hides."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=MOST_HEADS)

    def aged(self, view: View, now: float) -> View:
        """Return a view whose ages in seconds are at least what was waited since somebody looked.

        Args:
            view: what is so now.
            now: a moment of a clock that only grows.
        """
        if self._seen and view.head < self._seen[-1][1]:  # another log, or an earlier state of it
            self._seen.clear()
        if not self._seen or view.head > self._seen[-1][1]:
            self._seen.append((now, view.head))
        readers = [self._aged(one, now) for one in view.readers]
        first = min((one.position for one in readers), default=view.head)
        while len(self._seen) > 1 and self._seen[0][1] <= first:
            self._seen.popleft()
        return view._replace(readers=readers)

    def _aged(self, one: Reader, now: float) -> Reader:
        known = next((at for at, head in self._seen if head > one.position), now) if one.lag_events else now
        waited = max(one.lag_seconds, round(now - known, 3))
        return one._replace(lag_seconds=waited, oldest_seconds=max(waited, one.oldest_seconds))


class Observer:
    """One look at a time, on a connection of its own; who asks during a look shares the next one.

    Used from one event loop only.

    Args:
        dsn: address of the database.
        fingerprints: read model → fingerprint of this build.
        role: whose rights a look has: the projector's or the writer's.
        patience: seconds for a look; a database that needs longer cannot be read.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        dsn: str,
        fingerprints: Mapping[str, str],
        *,
        role: str = PROJECTOR,
        patience: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dsn = dsn
        self._role = role
        self._fingerprints = fingerprints
        self._clock = clock
        self._patience = patience
        self._looking = asyncio.Lock()
        self._began = float("-inf")
        self._read = clock()
        self._view: View | None = None
        self._heads = Heads()

    async def look(self) -> View | None:
        """Return what is so now; None when the database cannot be read."""
        asked = self._clock()
        async with self._looking:
            if self._began < asked:
                await self._look()
            return self._view

    @property
    def age(self) -> float:
        """Seconds since the last look that saw something began; before the first, since this was made."""
        return self._clock() - self._read

    async def _look(self) -> None:
        began = self._began = self._clock()
        try:
            async with asyncio.timeout(self._patience):
                connection = await connect_to_look(self._dsn, "frankenjet lookout", self._role)
                try:
                    view = await look(connection, self._fingerprints)
                    await connection.close()
                finally:
                    connection.terminate()
        except AWAY as error:
            if self._view is not None:
                log.warning("lookout.away", error=f"{type(error).__name__}: {error}")
            self._view = None
        else:
            self._view = self._heads.aged(view, began)
            self._read = began
