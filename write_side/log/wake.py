"""Tells readers of the log that it grew: outside the append's transaction, one notification in flight."""

import asyncio
from typing import Self

from kit.db import WRITER, Connection, connect
from kit.retry import before_retry

CHANNEL = "frankenjet_log"


class Wake:
    """Sends NOTIFY with the latest head; heads that arrive meanwhile are folded into the next one.

    A lost notification costs a reader at most its poll of one second: never an event.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
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
        connection: Connection = None
        try:
            while True:
                await self._grew.wait()
                self._grew.clear()
                try:
                    if connection is None or connection.is_closed():
                        connection = await connect(
                            self._dsn, "frankenjet wake", WRITER, synchronous_commit="off"
                        )
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, str(self._head), timeout=2)
                except Exception:  # noqa: BLE001 - readers poll anyway; this must never stop
                    if connection is not None:
                        connection.terminate()
                    connection = None
                    await before_retry(0.5)
        finally:
            if connection is not None:
                connection.terminate()
