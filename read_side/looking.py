"""Looks into schema `auth`, where accounts and imports are, within a second or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from kit.errors import Problem, ProblemType
from kit.postgres.connect import AWAY, Connection, Pool

LOOK_SECONDS = 1.0
"""Longest time that a look may take."""


@asynccontextmanager
async def looking(request: Request, unavailable: ProblemType) -> AsyncIterator[Connection]:
    """Lend a connection that may read schema `auth`.

    Args:
        request: of the application that has them.
        unavailable: the answer when the database is away, or takes too long.
    """
    pool: Pool = request.app.state.identities.pool
    try:
        async with asyncio.timeout(LOOK_SECONDS), pool.acquire(timeout=LOOK_SECONDS) as connection:
            yield connection
    except AWAY as error:
        raise Problem(unavailable, headers={"Retry-After": "1"}) from error
