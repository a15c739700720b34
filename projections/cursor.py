"""The cursor of a reader that keeps no tables, such as the forwarder: leased, fenced, in PostgreSQL."""

import asyncio
from typing import Self

from kit.db import PROJECTOR, Connection, connect
from projections.lease import Fenced, check_lineage, free, renew, take

_SAVE = """
update project.cursor set position = $3, seen = seen + ($3 - position), updated_at = clock_timestamp()
 where schema = $1 and term = $2 and position <= $3"""


class LeasedCursor:
    """Position of the one active copy of a reader.

    Args:
        dsn: address of the database.
        name: the reader, as `frankenjet status` shows it.
        holder: this process.
    """

    def __init__(self, dsn: str, name: str, holder: str) -> None:
        self._dsn = dsn
        self._name = name
        self._holder = holder
        self._connection: Connection = None
        self._using = asyncio.Lock()
        self._term: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection is not None and not self._connection.is_closed():
            if self._term is not None:
                await free(self._connection, self._name, self._term)
            self._connection.terminate()

    async def lead(self) -> bool:
        """Take or renew the lease; tell whether this copy is the active one."""
        async with self._using:
            connection = await self._open()
            if self._term is not None:
                try:
                    await renew(connection, self._name, self._term)
                except Fenced:
                    self._term = None
                return self._term is not None
            taken = await take(connection, self._name, self._holder)
            if taken is None:
                return False
            await check_lineage(connection, self._name)
            self._term = taken[0]
            return True

    async def load(self) -> int:
        """Return the saved position; 0 before the first event."""
        async with self._using:
            connection = await self._open()
            position = await connection.fetchval(
                "select position from project.cursor where schema = $1", self._name
            )
            return position or 0

    async def save(self, position: int) -> None:
        """Move forward to a position; raises Fenced when another copy is the active one."""
        async with self._using:
            connection = await self._open()
            if await connection.execute(_SAVE, self._name, self._term, position) != "UPDATE 1":
                self._term = None
                raise Fenced(self._name)

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(
                self._dsn, f"frankenjet {self._name}", PROJECTOR, synchronous_commit="off"
            )
        return self._connection
