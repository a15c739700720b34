"""Gathers concurrent appends into groups: while one group commits, the next one forms and is sent."""

import asyncio
from collections import deque
from typing import Self

from kit.postgres.connect import Check, unchecked
from kit.running.ending import end
from write_side.log.append import Append, Appended, unavailable
from write_side.log.lane import Lane, Waiter

DEADLINE = 2.5
"""Seconds that a command may take; every time-out on the way lies inside it."""

GROUP_COMMANDS = 500
GROUP_BYTES = 1_000_000
MOST_WAITING = 2_000
"""Commands that may wait; above it a command is turned away at once."""

LANES = 2
"""Groups under way at a time: the second is packed, sent and parsed while the first commits."""

BESIDE = 24
"""Commands that make a second group worth a commit of its own; fewer of them go with the next one."""


SOON = 0.002
"""Seconds after an append in which readers are told: once for all that were stored meanwhile, and not between
two commands of one who sends them one after the other. A command that comes alone after such a pause tells
them by itself, in its own transaction: that saves one, with its round trip."""


class Appender:
    """Some connections, on each of them one group at a time.

    Args:
        dsn: address of the database; it must be a direct or session connection.
        check: what a new connection must pass, see `Lane`.
        tells: whether readers are told that the log grew.
    """

    def __init__(self, dsn: str, check: Check = unchecked, *, tells: bool = False) -> None:
        self._waiting: deque[Waiter] = deque()
        self._under_way = 0
        self._lanes = [Lane(dsn, self._appended, check) for _ in range(LANES)]
        self._idle: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._due: deque[tuple[float, asyncio.Future[Appended]]] = deque()
        self._alarm: asyncio.TimerHandle | None = None
        self._tells = tells
        self._head = 0
        """Last position that was stored."""
        self._soon: asyncio.TimerHandle | None = None
        """Until readers are to be told of it."""
        self._due_to_tell = False
        self._stored = float("-inf")
        """When the last group was stored, by the clock of the loop."""

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._run(lane), name="appender") for lane in self._lanes]
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(*self._tasks)
        if self._soon is not None:
            self._soon.cancel()
        for lane in self._lanes:
            lane.hang_up()
        self._expire(everybody=True)

    async def append(self, wanted: Append) -> Appended:
        """Store what one command adds, durably, and say where.

        Raises:
            Conflict: a claim does not hold.
            KeyReused: the key was used for another request.
            Problem: 503, the log could not be reached or answered too late; whether it was stored is
                unknown, and sending the same ids or the same key again finds out.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise unavailable("Too many commands are waiting.")
        answer: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiter(wanted, wanted.size, answer))
        self._expect(answer)
        if self._idle and (not self._under_way or len(self._waiting) >= BESIDE):
            self._idle.pop().set()
        try:
            return await answer
        finally:
            del answer  # its exception would hold this frame, and all that the command carries, in a circle

    async def _run(self, lane: Lane) -> None:
        wake = asyncio.Event()
        while True:
            while group := self._take():
                alone = self._tells and len(group) == 1 and self._is_quiet()
                self._under_way += len(group)
                try:
                    await lane.store(group, tell=alone)
                finally:
                    self._under_way -= len(group)
                await self._tell(lane)
            if not await self._tell(lane):
                self._idle.append(wake)
                await wake.wait()
                wake.clear()

    def _is_quiet(self) -> bool:
        """Tell whether nothing is under way, nor stored of which readers are still to be told."""
        pause = asyncio.get_running_loop().time() - self._stored
        to_tell = self._due_to_tell or self._soon is not None
        return pause >= SOON and not (self._under_way or self._waiting or to_tell)

    def _appended(self, head: int, told: bool) -> None:  # noqa: FBT001 - a callback
        """Note that the log reaches at least this position; a lane tells readers soon, after its group."""
        loop = asyncio.get_running_loop()
        self._stored = loop.time()
        if self._tells and head > self._head:
            self._head = head
            if self._soon is None and not told:
                self._soon = loop.call_later(SOON, self._time_to_tell)

    def _time_to_tell(self) -> None:
        self._soon, self._due_to_tell = None, True
        if self._idle and not self._under_way:
            self._idle.pop().set()

    async def _tell(self, lane: Lane) -> bool:
        """Tell readers of the last position if that is due; return whether it was."""
        if not self._due_to_tell:
            return False
        self._due_to_tell = False
        self._under_way += 1  # what comes meanwhile is for this lane, too: it takes no time
        try:
            await lane.tell(self._head)
        finally:
            self._under_way -= 1
        return True

    def _take(self) -> list[Waiter]:
        """Take the next group: all that wait, or half of all that are on their way when they are many."""
        if self._under_way and len(self._waiting) < BESIDE:
            return []
        all_of_them = len(self._waiting) + self._under_way
        most = min(GROUP_COMMANDS, all_of_them if all_of_them < LANES * BESIDE else -(-all_of_them // LANES))
        group: list[Waiter] = []
        size = 0
        while self._waiting and len(group) < most and size < GROUP_BYTES:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():  # its caller has gone: it was never sent, so it never happens
                group.append(waiting)
                size += waiting.size
        return group

    def _expect(self, answer: asyncio.Future[Appended]) -> None:
        """See to it that an answer comes in time; one alarm serves all, since all may take equally long."""
        loop = asyncio.get_running_loop()
        while self._due and self._due[0][1].done():
            self._due.popleft()
        self._due.append((loop.time() + DEADLINE, answer))
        if self._alarm is None:
            self._alarm = loop.call_later(DEADLINE, self._expire)

    def _expire(self, *, everybody: bool = False) -> None:
        """Refuse those who have waited too long, and look again when the next one will have."""
        loop = asyncio.get_running_loop()
        while self._due and (everybody or self._due[0][1].done() or self._due[0][0] <= loop.time()):
            _, answer = self._due.popleft()
            if not answer.done():
                answer.set_exception(
                    unavailable("The log did not answer in time; send the command again with the same key.")
                )
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = loop.call_at(self._due[0][0], self._expire) if self._due else None
