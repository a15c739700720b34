"""One connection of the appender: runs a group, and runs it again until it has its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import structlog

from kit.errors import Problem
from kit.log.lineage import AnotherLineage
from kit.log.wake import NOTIFY
from kit.postgres.connect import WRITER, Check, Connection, connect, said
from kit.retry import before_retry
from write_side.log.append import APPEND, APPEND_AND_TELL, Append, Appended, pack, unavailable, unpack
from write_side.problem_types import LOG_FULL

ATTEMPT = 1.8
"""Seconds that one call of the server may take before its connection is given up."""

TELLING = 0.5
"""Seconds that a notification may take: meanwhile a group waits for its connection."""

LOCK_MS = "1500"
"""Milliseconds that the server waits for the lock of the log: a little less than an attempt takes, so that a
lane which waits behind a slow commit of another keeps its connection."""

ONE_PLAN = "force_generic_plan"
"""Each statement of the function finds its rows by key, however many: one plan serves every call."""

type _Call = Callable[..., Awaitable[Any]]

log = structlog.get_logger()


def no_room() -> Problem:
    """Return the refusal of a command that the disk of the log has no room for."""
    return Problem(LOG_FULL,
        detail="The disk of the database is full; send the command again with the same key when it is not.",
        headers={"Retry-After": "5"},
    )  # fmt: skip


class Waiter(NamedTuple):
    """A command on its way, and where its answer goes; the answer is done when nobody waits any more."""

    wanted: Append
    size: int
    """Bytes of payload and metadata."""
    answer: asyncio.Future[Appended]


class Lane:
    """Stores one group at a time.

    Args:
        dsn: address of the database; it must be a direct or session connection.
        appended: called with the last position of each group that stored events, and whether readers have
            been told of it.
        check: what a new connection must pass; AnotherLineage refuses the group, for it was decided on what
            the log does not hold any more.
    """

    def __init__(self, dsn: str, appended: Callable[[int, bool], None], check: Check) -> None:
        self._dsn = dsn
        self._appended = appended
        self._check = check
        self._connection: Connection = None
        self._prepared: tuple[_Call, _Call] | None = None
        self._notify: _Call | None = None

    async def store(self, group: list[Waiter], *, tell: bool = False) -> None:
        """Run one group until it has its answer or nobody waits for it any more.

        With `tell`, for one command: readers are told by the same statement, if all goes well at once.

        After a lost reply the same group with the same ids is run again: the function answers "already
        there" or stores it once. A look-up without its lock could miss what lands a moment later.
        """
        try:
            await self._store(group, tell=tell)
        except Exception:
            # A fault of ours costs this group its answer; it must not end the lane for who follows.
            log.exception("append.failed", commands=len(group))
            _refuse(group, partial(unavailable, "The log could not take this command."))

    async def _store(self, group: list[Waiter], *, tell: bool) -> None:
        wanted = [waiting.wanted for waiting in group]
        arguments = pack(wanted)
        pause = 0.02
        while not all(waiting.answer.done() for waiting in group):
            try:
                async with asyncio.timeout(ATTEMPT):
                    call, call_and_tell = await self._calls()
                    answer = await (call_and_tell if tell else call)(*arguments)
            except asyncpg.DiskFullError as full:  # another attempt would only keep those waiting who follow
                log.error("append.no_room", error=str(full), commands=len(group))  # noqa: TRY400 - it says all
                _refuse(group, no_room)
                return
            except AnotherLineage as error:
                self.hang_up()
                log.warning("append.refused", error=str(error), commands=len(group))
                moved = "The log was moved; send the command again with the same key."
                _refuse(group, partial(unavailable, moved))
                return
            except Exception as error:  # noqa: BLE001 - whatever the driver raises, the way out is the same
                self.hang_up()
                tell = False  # nobody's command fails because readers could not be told
                log.warning("append.retry", error=said(error), commands=len(group))
                await before_retry(pause)
                pause = min(pause * 2, 0.3)
                continue
            self._answer(group, unpack(wanted, answer), told=tell and answer["told"] is True)
            return

    def _answer(self, group: list[Waiter], results: list[Appended | Exception], *, told: bool) -> None:
        head = 0
        for (wanted, _, answer), result in zip(group, results, strict=True):
            if isinstance(result, Exception):
                if not answer.done():
                    answer.set_exception(result)
                continue
            # Never beyond the log: a reader that is told of more than there is would not wait for it.
            head = max(head, result.first if result.repeated else result.first + wanted.events - 1)
            if not answer.done():
                answer.set_result(result)
        if head:
            self._appended(head, told)

    async def tell(self, head: int) -> None:
        """Tell readers how far the log has come; never raises: without it they find out a little later."""
        if self._notify is None:
            return
        try:
            async with asyncio.timeout(TELLING):
                await self._notify(str(head))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, the way out is the same
            self.hang_up()
            log.warning("append.told_nobody", error=said(error))

    async def _calls(self) -> tuple[_Call, _Call]:
        """Return what runs log.append, and the same with a notification; connects where that is lost."""
        if self._prepared is None:
            self._connection = await connect(
                self._dsn, "frankenjet append", WRITER, lock_timeout=LOCK_MS, plan_cache_mode=ONE_PLAN
            )
            await self._check(self._connection)
            prepare = self._connection.prepare
            self._notify = (await prepare(NOTIFY)).fetchrow
            self._prepared = (await prepare(APPEND)).fetchrow, (await prepare(APPEND_AND_TELL)).fetchrow
        return self._prepared

    def hang_up(self) -> None:
        """Give the connection up without a word; the next group opens another one."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._prepared = self._notify = None


def _refuse(group: list[Waiter], problem: Callable[[], Problem]) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(problem())
