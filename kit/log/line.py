"""A connection on which several readers of a process keep their leases: one is open in place of many."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from kit.postgres.connect import PROJECTOR, Connection, connect


class Line:
    """A connection that is lent to one at a time, and opened again when it is needed after it was lost.

    Anyone who keeps something in its session, such as a lease, has to compare what is lent with what it had.

    Args:
        dsn: address of the database.
        name: as the database shows it.
    """

    def __init__(self, dsn: str, name: str) -> None:
        self._dsn = dsn
        self._name = name
        self._connection: Connection = None
        self._using = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection is not None and not self._connection.is_closed():
            self._connection.terminate()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Connection]:
        """Lend it to one at a time.

        Raises:
            OSError, asyncpg.PostgresError: it cannot be opened.
        """
        async with self._using:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(
                    self._dsn, f"frankenjet {self._name}", PROJECTOR, synchronous_commit="off"
                )
            yield self._connection
