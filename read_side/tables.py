"""Asking the read tables: pooled connections that may only read, and every failure as a problem."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Self

import structlog

from kit.errors import Problem
from kit.postgres.connect import AWAY, READER, Pool, pool
from read_side.problem_types import TABLES_UNAVAILABLE

QUERY_SECONDS = 2.0
"""Seconds that a query may take, its wait for a connection included."""

log = structlog.get_logger()

LONG_AT_ONCE = 3
"""Questions that may take long and are asked at a time. One whose filters seldom meet may look at all
entries; the other connections are for documents and histories."""


class Tables:
    """The read tables of one database.

    Args:
        dsn: address of the database.
        size: connections at the most.
        role: whose rights they have.
    """

    def __init__(self, dsn: str, size: int = 8, role: str = READER) -> None:
        self._dsn = dsn
        self._role = role
        self._size = size
        self._pool: Pool = None
        self._long = asyncio.Semaphore(LONG_AT_ONCE)
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pool = await pool(self._dsn, "frankenjet read", self._role, size=self._size)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.terminate()

    def renew(self) -> None:
        """Let nobody ask over the connections that are open now; queries that run on them may end."""
        self._renewing = asyncio.get_running_loop().create_task(self._pool.expire_connections())

    async def row(self, sql: str, *values: Any) -> Any:
        """Return the first row, or None; raises Problem 503 when the database does not answer."""
        with _refusals():
            async with asyncio.timeout(QUERY_SECONDS), self._pool.acquire() as connection:
                return await connection.fetchrow(sql, *values)

    async def rows(self, sql: str, *values: Any, long: bool = False) -> Sequence[Any]:
        """Return all rows; raises Problem 503 when the database does not answer.

        Args:
            sql: the statement.
            values: what it takes.
            long: whether its time grows with the tables: such questions wait for each other.
        """
        with _refusals():
            async with (
                asyncio.timeout(QUERY_SECONDS),
                self._long if long else nullcontext(),
                self._pool.acquire() as connection,
            ):
                return await connection.fetch(sql, *values)  # type: ignore[no-any-return]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except AWAY as error:
        log.warning("read.refused", error=f"{type(error).__name__}: {error}"[:300])
        raise Problem(TABLES_UNAVAILABLE, headers={"Retry-After": "1"}) from error
