"""A connection that our own alarm ends is away for everybody who uses it, at whatever point that happens."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from kit.postgres.connect import AWAY, Connection, connect, pool

FROZEN = 0.1
"""Seconds for which the process does not run: meanwhile the answer arrives, and the alarm is due."""


async def asked(connection: Connection) -> None:
    await connection.fetchval("select $1::int", 1)


async def in_transaction(connection: Connection) -> None:
    async with connection.transaction():
        await connection.fetchval("select $1::int", 1)


async def many(connection: Connection) -> None:
    await connection.executemany("select $1::int", [(1,), (2,)])


async def cursor(connection: Connection) -> None:
    async with connection.transaction(), asyncio.timeout(30):
        async for _ in connection.cursor("select generate_series(1, $1::int)", 1_000, prefetch=10):
            pass


async def copying(connection: Connection) -> None:
    await connection.copy_records_to_table("nobody", records=[(1,)])


async def with_types(connection: Connection) -> None:
    await connection.set_type_codec("inet", schema="pg_catalog", encoder=str, decoder=str)


USES = (asked, in_transaction, many, cursor, copying, with_types)

type Use = Callable[[Connection], Coroutine[Any, Any, None]]


async def frozen_then_ended(connection: Connection, use: Use, steps: int) -> BaseException | None:
    """Freeze the process after some steps of the loop, and let it find answer and alarm together."""
    using = asyncio.create_task(use(connection))
    for _ in range(steps):
        await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(FROZEN / 2, connection.terminate)
    time.sleep(FROZEN)  # noqa: ASYNC251 - that is the point
    return (await asyncio.gather(using, return_exceptions=True))[0]


@pytest.mark.parametrize("use", USES)
async def test_a_user_of_a_connection_that_is_ended_learns_that_it_is_away(database: str, use: Use) -> None:
    for steps in (1, 2, 3):
        connection = await connect(database, "test")
        error = await frozen_then_ended(connection, use, steps)
        assert error is None or isinstance(error, AWAY), (steps, repr(error))
        with pytest.raises(AWAY):
            await connection.fetchval("select 1")


async def test_without_our_own_class_of_connections_the_driver_raises_what_nobody_expects(
    database: str,
) -> None:
    connection = await asyncpg.connect(database)
    assert isinstance(await frozen_then_ended(connection, asked, 1), AttributeError)


async def test_a_lent_connection_that_is_ended_is_away_and_the_pool_lends_another(database: str) -> None:
    lender = await pool(database, "test", size=1)
    async with lender.acquire() as connection:
        assert isinstance(await frozen_then_ended(connection, asked, 1), AWAY)
    async with lender.acquire() as connection:
        assert 1 == await connection.fetchval("select 1")
    lender.terminate()
