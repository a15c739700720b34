"""What the projector's tasks and readers note about themselves; the thread of the health port reads it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from prometheus_client.registry import Collector

from kit.clock import now
from kit.durations import Durations

BEAT = 1.0
"""Seconds between two signs of life of the loop."""

LOOP_STUCK = 10.0
"""Seconds without one after which the loop counts as stuck: its leases have run out by then."""

TASK_STUCK = 60.0
"""The same of a task, whose waits for the database and the broker are all shorter."""


class Throughput:
    """What one reader has taken."""

    __slots__ = ("durations", "events")

    def __init__(self) -> None:
        self.durations = Durations()
        """Of its batches."""
        self.events = 0

    def took(self, events: int, seconds: float) -> None:
        """Count a batch that is committed, sealed or confirmed."""
        self.events += events
        self.durations.add(seconds)


class Task:
    """How one task of the process does: the engine, the forwarder, the notary."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.beaten = clock()
        self.restarts = 0
        self.error = ""
        """Why it began again the last time."""
        self.failed_at = 0.0
        """When, in seconds since 1970; 0: never."""
        self.halted = ""
        """What stops it, and no repetition mends; empty while nothing does."""
        self._resting = False
        self.waits: Callable[[], str] = lambda: ""
        """Says what it waits for that it can do without, such as a broker."""
        self.unseen: Callable[[], str] = lambda: ""
        """Says what it cannot make sure of."""

    def begin(self) -> None:
        """Note that it leads, and begins its work."""
        self.beat()
        self._resting = False

    def beat(self, *, well: bool = False) -> None:
        """Note that it turns; `well`: and that nothing stops it."""
        self.beaten = self._clock()
        if well and not self._resting:
            self.halted = ""

    def rest(self, why: str) -> None:
        """Note that it does nothing more for as long as it leads."""
        self.halted = why
        self._resting = True

    def failed(self, error: BaseException, *, halted: bool = False) -> None:
        """Note that it begins again."""
        self.beat()
        self.restarts += 1
        self.error = f"{type(error).__name__}: {error}"[:300]
        self.failed_at = now().timestamp()
        if halted:
            self.halted = self.error


class ProcessHealth:
    """All of a process. The readers' thread writes; others only read.

    Args:
        clock: seconds that only grow.
        loop_stuck, task_stuck: seconds of silence after which a loop or a task counts as stuck.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        loop_stuck: float = LOOP_STUCK,
        task_stuck: float = TASK_STUCK,
    ) -> None:
        self._clock = clock
        self._limits = loop_stuck, task_stuck
        self._loop = clock()
        self._watched: list[asyncio.Task[Any]] = []
        self.tasks: dict[str, Task] = {}
        self.tallies: dict[str, Throughput] = {}
        self.figures: list[Collector] = []
        """What tasks count of their own; each may be read from another thread."""

    def task(self, name: str) -> Task:
        return self.tasks.setdefault(name, Task(self._clock))

    def tally(self, reader: str) -> Throughput:
        return self.tallies.setdefault(reader, Throughput())

    def forget(self, reader: str) -> None:
        """Drop the tally of a reader that is not one any more."""
        self.tallies.pop(reader, None)

    def watch(self, task: asyncio.Task[Any]) -> None:
        """Regard the end of a task, which runs without end, as the end of the process's life."""
        self._watched.append(task)

    async def beating(self) -> None:
        """Note that the loop turns, without end."""
        while True:
            self._loop = self._clock()
            await asyncio.sleep(BEAT)

    def faults(self) -> list[str]:
        """Say what is dead or stuck; nothing: the process is alive."""
        loop, task = self._limits
        found = [f"the task {one.get_name()} has ended" for one in self._watched if one.done()]
        if self._clock() - self._loop > loop:
            found.append(f"the loop has not turned for {self.seconds_since(self._loop):.1f} s")
        for name, one in list(self.tasks.items()):
            if self._clock() - one.beaten > task:
                found.append(f"the task {name} has not turned for {self.seconds_since(one.beaten):.1f} s")
        return found

    def seconds_since(self, since: float) -> float:
        """Return the seconds since a moment of the clock."""
        return self._clock() - since
