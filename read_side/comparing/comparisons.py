"""Comparisons of revisions: small ones at once, large ones beside, each made once and then kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import orjson

from kit.errors import Problem
from kit.running.child import Busy, ChildProcess
from read_side.comparing.changes import FieldValues, Keys, both_ways, size
from read_side.problem_types import TOO_MANY_COMPARISONS

FEW_CHARACTERS = 2_000
"""Characters between the first and the last difference that are compared at once: some 3 ms."""

KEPT_BYTES = 8 * 1024 * 1024
"""Memory for comparisons that were made."""

READERS = 2
"""Comparisons whose contents are read at the same time: the rest of the connections is for others."""

TURN_SECONDS = 2.0
"""Seconds that a comparison waits until its contents may be read."""

_NO_KEYS: Keys = MappingProxyType({})


class Compared(NamedTuple):
    """Changes as JSON, in both directions."""

    there: bytes
    back: bytes


class _Flight:
    """A comparison that is under way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[Compared]) -> None:
        self.task = task
        self.waiting = 0


class Comparisons:
    """Compares contents. What was compared is kept under what it compares, so it can never become old.

    Args:
        worker: does what takes long.
        kept_bytes: memory for what was compared.
    """

    def __init__(self, worker: ChildProcess | None = None, *, kept_bytes: int = KEPT_BYTES) -> None:
        self.worker = worker or ChildProcess("read_side.comparing.comparer")
        self._kept: OrderedDict[Hashable, Compared] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._flights: dict[Hashable, _Flight] = {}
        self._reading = asyncio.Semaphore(READERS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.worker.__aexit__()

    async def of(
        self,
        key: Hashable,
        contents: Callable[[], Coroutine[Any, Any, tuple[FieldValues, FieldValues]]],
        keys: Keys = _NO_KEYS,
    ) -> Compared:
        """Return the changes from one content to another and back.

        Args:
            key: what is compared: for the same key the contents are the same, whenever they are read.
            contents: reads both, when they are needed.
            keys: by which members the items of a list are known.

        Raises:
            Problem: 503, when too many comparisons are asked for; or what `contents` raises.
        """
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._made(key, contents, keys)))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._flights.pop(key, None)
                flight.task.cancel()  # if it still runs, nobody wants it any longer

    async def _made(
        self,
        key: Hashable,
        contents: Callable[[], Coroutine[Any, Any, tuple[FieldValues, FieldValues]]],
        keys: Keys,
    ) -> Compared:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._reading.acquire()
        except TimeoutError:
            raise _too_many() from None
        try:
            before, after = await contents()
        finally:
            self._reading.release()
        if size(before, after) <= FEW_CHARACTERS:
            compared = Compared(*both_ways(before, after, keys))
        else:
            compared = await self._beside(before, after, keys)
        self._keep(key, compared)
        return compared

    async def _beside(self, before: FieldValues, after: FieldValues, keys: Keys) -> Compared:
        try:
            answer = await self.worker.do(orjson.dumps([before, after, dict(keys)]))
        except Busy:
            raise _too_many() from None
        there = int.from_bytes(answer[:8])
        return Compared(answer[8 : 8 + there], answer[8 + there :])

    def _keep(self, key: Hashable, compared: Compared) -> None:
        self._kept[key] = compared
        self._bytes += _weight(compared)
        while self._bytes > self._kept_bytes:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= _weight(gone)


def _weight(compared: Compared) -> int:
    return len(compared.there) + len(compared.back) + 300


def _too_many() -> Problem:
    return Problem(
        TOO_MANY_COMPARISONS,
        detail="Ask again in a moment.",
        headers={"Retry-After": "1"},
    )
