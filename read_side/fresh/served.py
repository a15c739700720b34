"""Which read models this process serves, how far they have come, and which answers have become old."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from kit.errors import Problem
from kit.log.lineage import Lineage
from read_side.problem_types import NOT_BUILT, TABLES_UNAVAILABLE

TRUSTED = 0.25
"""Seconds after the beginning of the last good poll for which copies kept here may be served."""

KNOWN = 5.0
"""Seconds after the last good poll for which it is known well enough where the rows of a model are."""

READY = 1.0
"""Seconds that a read model may be behind the log while the process counts as ready."""

TAGS = 100_000
"""Purge tags remembered for each model; for what is forgotten, older copies are not believed."""


class PollResult(NamedTuple):
    """What one poll saw of one model, all in one snapshot."""

    model: str
    schema: str
    position: int
    """Cursor of the read schema."""
    pruned: int
    """Highest position whose purge tags are gone; 0: none."""
    cut: bool
    """There are older purge tags that were not read."""
    purges: Sequence[tuple[int, Sequence[str]]]
    """(position, tags) in ascending order, all after the position that the model had before."""
    parked: int = 0
    """Events of the read schema that are put aside; counted up to a bound."""


class Model:
    """One read model as this build makes it.

    Attributes:
        schema: where its rows are now; None while there is none that is complete.
        position: every event up to it is in the rows, at least.
        parked: but for so many, which are put aside; counted up to a bound.
        fresh: nothing is known of its purges: the next poll reads all that are kept, and is believed alone.
    """

    def __init__(self, name: str, fingerprint: str) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.schema: str | None = None
        self.position = 0
        self.parked = 0
        self.fresh = True
        self._floor = 0
        self._purged: dict[str, int] = {}

    def holds(self, schema: str, stamp: int, tags: Iterable[str]) -> bool:
        """Say whether a copy made at a position of a schema is as good as its rows, as far as is known."""
        if self.fresh or schema != self.schema or stamp < self._floor:
            return False
        purged = self._purged
        return all(purged.get(tag, 0) <= stamp for tag in tags)

    def saw(self, seen: PollResult) -> list[str] | None:
        """Take in what a poll saw; return the tags that were purged, None for everything."""
        afresh = self.fresh or seen.schema != self.schema or seen.cut or seen.pruned > self.position
        self.fresh = False
        if afresh:
            self._purged = {}
            unread = seen.purges[0][0] - 1 if seen.cut and seen.purges else 0
            self._floor = max(seen.pruned, unread)
        purged = self._purged
        gone: list[str] = []
        for position, tags in seen.purges:
            for tag in tags:
                purged.pop(tag, None)
                purged[tag] = position
            gone += tags
        while len(purged) > TAGS:
            oldest = next(iter(purged))
            self._floor = max(self._floor, purged.pop(oldest))
        self.schema, self.position, self.parked = seen.schema, seen.position, seen.parked
        return None if afresh else gone

    def lose(self) -> None:
        """Note that there is no complete schema."""
        self.schema, self.position, self.parked = None, 0, 0


class Served:
    """All models of this process, and the freshness of what it knows about them.

    Args:
        fingerprints: model → fingerprint of this build.
        drop: called with the tags whose answers are old now; None: all answers.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        fingerprints: Mapping[str, str],
        drop: Callable[[Iterable[str] | None], None] = lambda _tags: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.models = {name: Model(name, fingerprint) for name, fingerprint in fingerprints.items()}
        self.drop = drop
        self.head = 0
        """Last position of the log, as of the last poll."""
        self.as_of = float("-inf")
        """When the last good poll began: what was committed before it is known here."""
        self.polled = asyncio.Event()
        """Set, and replaced by a new one, at the end of each good poll."""
        self.wanted = asyncio.Event()
        """Set by those who wait for a poll: the next one comes at once."""
        self.asked = False
        """Somebody has asked since the last poll."""
        self.resting = False
        """Nobody has asked for a while: the next poll comes late, or as soon as it is wanted. True until that
        one is over: what is known here is old until then."""
        self.clock = clock
        self.lineage: Lineage | None = None
        """Of the log that is served; None before the first poll."""
        self.begun: Callable[[Lineage], None] = lambda _lineage: None
        """Called when that changes."""
        self._heads: deque[tuple[float, int]] = deque()
        self.told_head = 0
        """Last position of the log that was told, which may not be true."""
        self.told = asyncio.Event()
        """Set, and replaced by a new one, whenever one is told."""

    @property
    def trusted(self) -> bool:
        """Whether copies kept in this process may be served now."""
        return self.clock() - self.as_of < TRUSTED

    async def awake(self) -> None:
        """Return when what is known here is as fresh as while many ask, or when that takes too long."""
        if self.trusted or not self.resting:
            return
        self.wanted.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(TRUSTED):
                await self.polled.wait()

    def where(self, model: Model) -> str:
        """Return the schema of a model.

        Raises:
            Problem: 503, it is not built, or it has not been heard of for so long that another generation may
                have taken its place.
        """
        self.asked = True
        if self.resting:
            self.wanted.set()
        if model.schema is None:
            raise Problem(NOT_BUILT, headers={"Retry-After": "5"})
        if self.clock() - self.as_of > KNOWN:
            raise Problem(
                TABLES_UNAVAILABLE,
                headers={"Retry-After": "1"},
            )
        return model.schema

    def begin(self, lineage: Lineage) -> None:
        """Forget what was known: positions of another lineage or another log say nothing about this one."""
        self.lineage = lineage
        self.as_of = float("-inf")
        self._heads.clear()
        for model in self.models.values():
            model.fresh = True
        self.begun(lineage)

    def saw(self, began: float, head: int, seen: Iterable[PollResult]) -> None:
        """Take in a poll that began at a moment of `clock`."""
        missing = set(self.models)
        for one in seen:
            missing.discard(one.model)
            gone = self.models[one.model].saw(one)
            if gone is None or gone:
                self.drop(gone)
        for name in missing:
            if self.models[name].schema is not None:
                self.drop(None)
            self.models[name].lose()
        self.head = head
        self.as_of = began
        self.resting = False
        while self._heads and self._heads[-1][1] > head:  # a rumour that was not true
            self._heads.pop()
        self.heard(began, head)
        self.polled.set()
        self.polled = asyncio.Event()

    def heard(self, moment: float, head: int) -> None:
        """Note that the log had come to a position by a moment of `clock`, as a poll saw or somebody said."""
        if head != self.told_head:
            self.told_head = head
            self.told.set()
            self.told = asyncio.Event()
        heads = self._heads
        if not heads or heads[-1][1] < head:
            heads.append((moment, head))
        while len(heads) > 1 and heads[1][0] <= moment - READY:
            heads.popleft()

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Say whether every model is within 1 s of the log's head, with each one's lag in events."""
        now = self.clock()
        known = now - self.as_of < READY + TRUSTED
        wanted = self._heads[0][1] if self._heads else 0
        for moment, head in self._heads:
            if moment <= now - READY:
                wanted = head
        facts = {
            name: {
                "position": model.position,
                "lag_events": max(0, self.head - model.position),
                "parked": model.parked,
            }
            if model.schema is not None
            else {"position": None, "lag_events": None, "parked": None}
            for name, model in self.models.items()
        }
        near = all(m.schema is not None and m.position >= wanted for m in self.models.values())
        return known and near, facts
