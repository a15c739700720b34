"""Keeps the parts of one machine running: starts them in order, replaces what dies, ends them backwards."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kit.embedded.state import EmbeddedError
from kit.running.processes import tail

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between a death and the next start: doubled from the first to the longest. What died of a full disk
is back within 10 s after there is room again."""

SETTLED = 30.0
"""Seconds after which a part that lives counts as well, and its next death as its first."""

HOPELESS = 5
"""Deaths in a row, before the first readiness, after which nothing is tried any more."""


class ServerPart(Protocol):
    """A server or a process of ours."""

    name: str
    log: Path

    def start(self) -> object: ...

    def alive(self) -> bool: ...

    def stop(self, limit: float) -> object: ...


@dataclass
class SupervisedPart:
    """A part, and how it has been doing."""

    part: ServerPart
    since: float
    deaths: int = 0
    due: float | None = field(default=None)


class Supervisor:
    """The parts that are kept running, in the order of their start."""

    def __init__(self, say: Callable[[str], None], *checks: Callable[[], None]) -> None:
        self._say = say
        self.checks = list(checks)
        """What has to hold while anything runs: each raises when it does not, before a part is looked at."""
        self._watched: list[SupervisedPart] = []
        self.settled = False
        """True once everything was ready: from then on no death is final."""

    def run(self, part: ServerPart) -> object:
        """Start a part and keep it from now on; return what its start returns."""
        self._watched.append(SupervisedPart(part, time.monotonic()))
        return part.start()

    def look(self) -> None:
        """Replace what died, after a pause that grows with each death in a row.

        Raises:
            EmbeddedError: when a check fails, or a part dies again and again before all was ready once.
        """
        self._check()
        for watched in self._watched:
            now = time.monotonic()
            if watched.due is None:
                if not watched.part.alive():
                    self._check()  # what it died of may be told, and nothing begins again then
                    self._mourn(watched, now)
            elif now >= watched.due:
                watched.due = None
                self._start_again(watched)

    def _check(self) -> None:
        for check in self.checks:
            check()

    def _mourn(self, watched: SupervisedPart, now: float) -> None:
        watched.deaths = 1 if now - watched.since > SETTLED else watched.deaths + 1
        if watched.deaths >= HOPELESS and not self.settled:
            part = watched.part
            raise EmbeddedError(
                f"{part.name} ended {watched.deaths} times in a row; its log:\n{tail(part.log)}"
            )
        pause = min(FIRST_PAUSE * 2 ** (watched.deaths - 1), LONGEST_PAUSE)
        watched.due = now + pause
        self._say(f"{watched.part.name} ended; it starts again in {pause:.1f} s. Its log: {watched.part.log}")

    def _start_again(self, watched: SupervisedPart) -> None:
        watched.since = time.monotonic()
        try:
            watched.part.start()
        except (EmbeddedError, OSError) as problem:
            self._say(str(problem))
            self._mourn(watched, watched.since)
        else:
            self._check()
            self._say(f"{watched.part.name} runs again.")

    def stop(self, limit: float) -> None:
        """End all parts, the last started first, within `limit` seconds; trouble with one stops none."""
        deadline = time.monotonic() + limit
        while self._watched:
            share = (deadline - time.monotonic()) / len(self._watched)
            part = self._watched.pop().part
            try:
                part.stop(max(share, 0.2))
            except (EmbeddedError, OSError) as problem:
                self._say(f"{part.name} did not stop in order: {problem}")
