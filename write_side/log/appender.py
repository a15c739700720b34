"""Gathers concurrent appends into groups: while one group commits, the next one forms."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Self

import asyncpg
import structlog

from kit.db import WRITER, Check, Connection, connect, unchecked
from kit.errors import Problem
from kit.lineage import AnotherLineage
from kit.retry import before_retry
from write_side.log.append import APPEND, Append, Appended, pack, unpack

DEADLINE = 2.5
"""Seconds that a command may take; every time-out on the way lies inside it."""

ATTEMPT = 1.8
"""Seconds that one call of the server may take before its connection is given up."""

GROUP_COMMANDS = 500
GROUP_BYTES = 1_000_000
WAITING = 2_000
"""Commands that may wait; above it a command is turned away at once."""

log = structlog.get_logger()


def unavailable(detail: str) -> Problem:
    """Return the refusal of a command that the log could not take in time; trying again is safe."""
    return Problem(
        503, "log-unavailable", "The log cannot take this now.", detail=detail, headers={"Retry-After": "1"}
    )


def no_room() -> Problem:
    """Return the refusal of a command that the disk of the log has no room for."""
    return Problem(
        507, "log-full", "The log has no room for this now.",
        detail="The disk of the database is full; send the command again with the same key when it is not.",
        headers={"Retry-After": "5"},
    )  # fmt: skip


class _Waiting(NamedTuple):
    wanted: Append
    size: int
    answer: asyncio.Future[Appended]


class Appender:
    """One connection, one task, one group at a time.

    Args:
        dsn: address of the database; it must be a direct or session connection.
        appended: called with the last position of each group that stored events.
        check: what a new connection must pass; AnotherLineage refuses every command, for it was decided on
            what the log does not hold any more.
    """

    def __init__(
        self, dsn: str, appended: Callable[[int], None] = lambda _head: None, check: Check = unchecked
    ) -> None:
        self._dsn = dsn
        self._check = check
        self._appended = appended
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._connection: Connection = None
        self._call: Callable[..., Awaitable[Any]] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="appender")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._give_up_connection()

    async def append(self, wanted: Append) -> Appended:
        """Store what one command adds, durably, and say where.

        Raises:
            Conflict: a claim does not hold.
            KeyReused: the key was used for another request.
            Problem: 503, the log could not be reached or answered too late; whether it was stored is
                unknown, and sending the same ids or the same key again finds out.
        """
        if len(self._waiting) >= WAITING:
            raise unavailable("Too many commands are waiting.")
        answer: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(wanted, wanted.size, answer))
        self._wake.set()
        try:
            async with asyncio.timeout(DEADLINE):
                return await answer
        except TimeoutError:
            raise unavailable(
                "The log did not answer in time; send the command again with the same key."
            ) from None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            group = self._take()
            while group:
                try:
                    await self._store(group)
                except Exception:
                    # A fault of ours costs this group its answer; it must not end the task for who follows.
                    log.exception("append.failed", commands=len(group))
                    self._refuse(group, unavailable("The log could not take this command."))
                group = self._take()
            self._wake.clear()
            if self._waiting:
                self._wake.set()

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and len(group) < GROUP_COMMANDS and size < GROUP_BYTES:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():  # its caller has gone: it was never sent, so it never happens
                group.append(waiting)
                size += waiting.size
        return group

    async def _store(self, group: list[_Waiting]) -> None:
        """Run one group until it has its answer or nobody waits for it any more.

        After a lost reply the same group with the same ids is run again: the function answers "already
        there" or stores it once. A look-up without its lock could miss what lands a moment later.
        """
        wanted = [waiting.wanted for waiting in group]
        arguments = pack(wanted)
        pause = 0.02
        while not all(waiting.answer.done() for waiting in group):
            try:
                async with asyncio.timeout(ATTEMPT):
                    answer = await (self._call or await self._connect())(*arguments)
            except asyncpg.DiskFullError as full:  # another attempt would only keep those waiting who follow
                log.error("append.no_room", error=str(full), commands=len(group))  # noqa: TRY400 - it says all
                self._refuse(group, no_room())
                return
            except AnotherLineage as error:
                self._give_up_connection()
                log.warning("append.refused", error=str(error), commands=len(group))
                self._refuse(
                    group, unavailable("The log was moved; send the command again with the same key.")
                )
                return
            except Exception as error:  # noqa: BLE001 - whatever the driver raises, the way out is the same
                self._give_up_connection()
                log.warning("append.retry", error=type(error).__name__, commands=len(group))
                await before_retry(pause)
                pause = min(pause * 2, 0.3)
                continue
            self._answer(group, unpack(wanted, answer))
            return

    def _answer(self, group: list[_Waiting], results: list[Appended | Exception]) -> None:
        head = 0
        for waiting, result in zip(group, results, strict=True):
            if isinstance(result, Exception):
                if not waiting.answer.done():
                    waiting.answer.set_exception(result)
                continue
            # Never beyond the log: a reader that is told of more than there is would not wait for it.
            head = max(head, result.first if result.repeated else result.first + waiting.wanted.events - 1)
            if not waiting.answer.done():
                waiting.answer.set_result(result)
        if head:
            self._appended(head)

    def _refuse(self, group: list[_Waiting], problem: Problem) -> None:
        for waiting in group:
            if not waiting.answer.done():
                waiting.answer.set_exception(problem)

    async def _connect(self) -> Callable[..., Awaitable[Any]]:
        self._connection = await connect(self._dsn, "frankenjet append", WRITER)
        await self._check(self._connection)
        statement = await self._connection.prepare(APPEND)
        self._call = statement.fetchrow
        return self._call

    def _give_up_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._call = None
