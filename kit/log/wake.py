"""Tells readers of the log that it grew: outside the append's transaction, one notification in flight."""

import asyncio
from typing import Self

from kit.postgres.connect import Pool
from kit.retry import before_retry

CHANNEL = "frankenjet_log"


SECONDS = 2.0
"""Seconds that a notification may take, its wait for a connection included."""

_NOTIFY = "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"
"""It says what is durable already, and need not be so itself."""


class Wake:
    """Sends NOTIFY with the latest head; heads that arrive meanwhile are folded into the next one.

    A lost notification costs a reader at most its poll of one second: never an event.

    Args:
        connections: one of them is borrowed for each notification.
    """

    def __init__(self, connections: Pool) -> None:
        self._connections = connections
        self._head = 0
        self._grew = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def appended(self, head: int) -> None:
        """Note that the log reaches at least this position."""
        if head > self._head:
            self._head = head
            self._grew.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="wake")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._grew.wait()
            self._grew.clear()
            try:
                async with self._connections.acquire(timeout=SECONDS) as connection:
                    await connection.execute(_NOTIFY, CHANNEL, str(self._head), timeout=SECONDS)
            except Exception:  # noqa: BLE001 - readers poll anyway; this must never stop
                await before_retry(0.5)
