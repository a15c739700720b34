"""Asking the read tables: pooled connections that may only read, and every failure as a problem."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import asyncpg
import structlog

from kit.db import READER, Pool, pool
from kit.errors import Problem

PATIENCE = 2.0
"""Seconds that a query may wait for a connection, and then for its rows."""

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

log = structlog.get_logger()


class Tables:
    """The read tables of one database.

    Args:
        dsn: address of the database.
        size: connections at the most.
    """

    def __init__(self, dsn: str, size: int = 8) -> None:
        self._dsn = dsn
        self._size = size
        self._pool: Pool = None

    async def __aenter__(self) -> Self:
        self._pool = await pool(self._dsn, "frankenjet read", READER, size=self._size)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.terminate()

    async def row(self, sql: str, *values: Any) -> Any:
        """Return the first row, or None; raises Problem 503 when the database does not answer."""
        with _refusals():
            connection = await self._pool.acquire(timeout=PATIENCE)
            try:
                return await connection.fetchrow(sql, *values, timeout=PATIENCE)
            finally:
                await self._pool.release(connection)

    async def rows(self, sql: str, *values: Any) -> Sequence[Any]:
        """Return all rows; raises Problem 503 when the database does not answer."""
        with _refusals():
            connection = await self._pool.acquire(timeout=PATIENCE)
            try:
                return await connection.fetch(sql, *values, timeout=PATIENCE)  # type: ignore[no-any-return]
            finally:
                await self._pool.release(connection)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except _AWAY as error:
        log.warning("read.refused", error=f"{type(error).__name__}: {error}"[:300])
        raise Problem(
            503, "tables-unavailable", "The read tables cannot be asked now.", headers={"Retry-After": "1"}
        ) from error
