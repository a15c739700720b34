"""Asking the read tables: pooled connections that may only read, and every failure as a problem."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

import structlog

from kit.errors import Problem
from kit.groups import Groups
from kit.postgres.connect import AWAY, READER, Pool, pool
from read_side.problem_types import TABLES_UNAVAILABLE

QUERY_SECONDS = 2.0
"""Seconds that a query may take, its wait for a connection included."""

log = structlog.get_logger()

LONG_AT_ONCE = 3
"""Questions that may take long and are asked at a time. One whose filters seldom meet may look at all
entries; the other connections are for documents and histories."""

TURN_SECONDS = 0.5
"""Seconds that a question may wait for its turn beside those of the statement that takes it."""

TOGETHER, AT_ONCE = 16, 3
"""Questions that a statement takes together, and such statements at a time. A document that is read alone
costs some 200 µs of PostgreSQL, one of sixteen 35 µs."""

LONG_SETTINGS: Mapping[str, Any] = {
    "plan_cache_mode": "force_custom_plan",  # what few or many entries have is planned for in its own way
    "max_parallel_workers_per_gather": "0",  # many readers are served at a time: workers are taken from them
    "random_page_cost": "1.1",  # tables of lists stay in memory
}
"""What connections for such questions say besides."""


class Tables:
    """The read tables of one database.

    Args:
        dsn: address of the database.
        size: connections at the most; where they suffice, some are for what may take long alone.
        role: whose rights they have.
    """

    def __init__(self, dsn: str, size: int = 8, role: str = READER) -> None:
        self._dsn = dsn
        self._role = role
        self._size = size
        self._pool: Pool = None
        self._long: Pool = None
        self._renewing: asyncio.Future[Any] | None = None
        self._groups = Groups(self._together, at_once=AT_ONCE, most=TOGETHER)

    async def __aenter__(self) -> Self:
        name, role, most = "frankenjet read", self._role, self._size
        short = most - LONG_AT_ONCE if most > LONG_AT_ONCE else most
        self._pool = await pool(self._dsn, name, role, size=short)
        self._long = await pool(self._dsn, name, role, size=min(most, LONG_AT_ONCE), **LONG_SETTINGS)
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in (self._pool, self._long):
            if one is not None:
                one.terminate()

    def renew(self) -> None:
        """Let nobody ask over the connections that are open now; queries that run on them may end."""
        self._renewing = asyncio.gather(self._pool.expire_connections(), self._long.expire_connections())

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
            asked = self._long if long else self._pool
            async with asyncio.timeout(QUERY_SECONDS), asked.acquire() as connection:
                return await connection.fetch(sql, *values)  # type: ignore[no-any-return]

    async def rows_of(self, sql: str, *values: Any) -> Sequence[Any]:
        """Return the rows of one question, which is asked together with others that come at the same time.

        Args:
            sql: takes an array for each value, and says in column `n` which question a row is of, from 1.
            values: of this question.

        Raises:
            Problem: 503 when the database does not answer, or too slowly for all who ask.
        """
        with _refusals():
            async with asyncio.timeout(QUERY_SECONDS + TURN_SECONDS):
                return await self._groups.ask(sql, values)

    async def _together(self, sql: str, questions: Sequence[tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
        found: list[list[Any]] = [[] for _ in questions]
        for row in await self.rows(sql, *zip(*questions, strict=True)):
            found[row["n"] - 1].append(row)
        return found


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except AWAY as error:
        log.warning("read.refused", error=f"{type(error).__name__}: {error}"[:300])
        raise Problem(TABLES_UNAVAILABLE, headers={"Retry-After": "1"}) from error
