"""Reads the log forward from a position: by polling, woken early by notifications."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

from kit.log.rows import PAGE_BYTES, page
from kit.log.wake import CHANNEL, position_in
from kit.postgres.connect import PROJECTOR, Connection, connect
from kit.running.beside_loop import BesideLoop
from kit.running.time_limit import TimeLimit
from kit.running.watchdog import Watchdog

POLL_SECONDS = 1.0
"""Seconds after which a reader looks by itself, whether it was woken or not."""

type Read[T] = Callable[[Sequence[Any], TimeLimit], list[T]]
"""From rows, as `kit.log.rows` reads them, to what they hold, in order; fewer when the time is over."""


class LogSource[T]:
    """A reader's view of the log, on a connection of its own.

    When that is lost, so is the view: the next connection may lead to a log that was moved or restored, and
    the reader compares its cursor with it first.

    Positions are dense and in commit order, so "position > cursor" misses nothing.
    """

    def __init__(self, dsn: str, read: Read[T], name: str, watchdog: Watchdog | None = None) -> None:
        self._dsn = dsn
        self._read = read
        self._name = name
        self._connection: Connection = None
        self._worker = BesideLoop(watchdog=watchdog)
        self._rest: Sequence[Any] = ()
        """Rows that were read with the last page, and that there was no time to decode."""
        self._whole = False
        """Behind those there was nothing."""
        self._woken = asyncio.Event()
        self._heard = 0
        """Notifications so far."""
        self.at_end = False
        """What was read last was all that there was beyond it."""
        self._head = 0
        """Last position that a notification named: a rumour, which a look at the log puts right."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._worker.close()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def give_up(self) -> None:
        """Close the connection at once, whatever waits for it."""
        if self._connection is not None:
            self._connection.terminate()

    async def read(self, after: int, limit: int) -> list[T]:
        """Return up to `limit` events with position > after, in order; fewer when they are large or slow."""
        connection = await self._open()
        heard = self._heard
        rows, self._rest = self._rest, ()
        if not rows or rows[0]["position"] != after + 1 or len(rows) > limit:
            rows = await page(connection, after, after + limit, limit=limit)
            large = sum([len(row["payload"]) for row in rows]) >= PAGE_BYTES // 2
            self._whole = len(rows) < limit and not large
        self.at_end = self._whole
        if not rows and heard == self._heard:  # what was heard meanwhile may be true already
            self._head = min(self._head, after)
        if not rows:
            return []
        items = await self._worker.run(lambda bound: self._read(rows, bound), len(rows))
        self._rest = rows[len(items) :]
        self.at_end = self._whole and not self._rest
        return items

    async def wait(self, after: int, seconds: float = POLL_SECONDS) -> None:
        """Return when the log may have grown past a position, after `seconds` at the latest.

        Every login of the database can send a notification, and a log that was restored ends before positions
        that were named: each notification causes one look at the most, whatever it says.
        """
        if self._head > after:
            return
        self._woken.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _open(self) -> Connection:
        if self._connection is None:
            self._connection = await connect(
                self._dsn, self._name, PROJECTOR, statement_timeout="60000",
                plan_cache_mode="force_generic_plan", enable_seqscan="off",
            )  # fmt: skip
            await self._connection.add_listener(CHANNEL, self._notified)
        if self._connection.is_closed():
            raise ConnectionError(f"the connection of {self._name} was lost")
        return self._connection

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self._heard += 1
        if (position := position_in(payload)) is not None:
            self._head = max(self._head, position)
        self._woken.set()
