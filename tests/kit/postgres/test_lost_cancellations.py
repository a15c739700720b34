"""A task that is cancelled while its server is silent ends cancelled, and not with what the clean-up met."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from kit.postgres.connect import AWAY, Connection, Pool, connect, pool, pooled
from tests.servers.proxy import Proxy, proxied

ENDS = 4.0
"""Seconds: less than after what a task is cancelled once more."""

SLOW = "select pg_sleep(3600)"


async def lent(lender: Pool) -> None:
    async with lender.acquire() as connection:
        await connection.execute(SLOW)


async def lent_for_a_moment(lender: Pool) -> None:
    async with lender.acquire(timeout=0.5) as connection:
        await connection.execute(SLOW)


async def lent_for_a_transaction(lender: Pool) -> None:
    async with lender.acquire() as connection:
        asyncio.get_running_loop().call_later(0.5, connection.terminate)
        async with connection.transaction():
            await connection.execute(SLOW)


async def cancelled_in_silence(
    proxy: Proxy, lender: Pool, use: Callable[[Pool], Coroutine[Any, Any, None]]
) -> asyncio.Task[None]:
    """Cancel a task whose server does not answer any more; return it when it has ended."""
    using = asyncio.create_task(use(lender))
    await asyncio.sleep(0.2)
    proxy.pause()
    using.cancel()
    await asyncio.wait([using], timeout=ENDS)
    proxy.resume()
    assert using.done()
    return using


@pytest.mark.parametrize("use", [lent, lent_for_a_moment, lent_for_a_transaction])
async def test_who_has_borrowed_a_connection_ends_cancelled_and_the_pool_lends_another(
    database: str, use: Callable[[Pool], Coroutine[Any, Any, None]]
) -> None:
    async with proxied(database) as (proxy, dsn), pooled(dsn, "test", size=1) as lender:
        assert (await cancelled_in_silence(proxy, lender, use)).cancelled()
        async with asyncio.timeout(ENDS), lender.acquire() as connection:
            assert 1 == await connection.fetchval("select 1")


@pytest.mark.parametrize("use", [lent_for_a_moment, lent_for_a_transaction])
async def test_with_the_pool_of_the_driver_the_cancellation_gets_lost(
    database: str, use: Callable[[Pool], Coroutine[Any, Any, None]]
) -> None:
    async with proxied(database) as (proxy, dsn):
        lender = await asyncpg.create_pool(dsn, min_size=0, max_size=1)
        using = await cancelled_in_silence(proxy, lender, use)
        lender.terminate()
        assert not using.cancelled()
        assert isinstance(using.exception(), AWAY)


async def test_a_time_out_stays_one_although_the_connection_is_given_back_late(database: str) -> None:
    async with proxied(database) as (proxy, dsn):
        lender = await pool(dsn, "test", size=1)
        asyncio.get_running_loop().call_later(0.1, proxy.pause)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), lender.acquire() as connection:
                await connection.execute(SLOW)
        lender.terminate()
        proxy.resume()


async def fail(connection: Connection, how: Callable[[], object]) -> None:
    async with connection.transaction():
        await connection.execute("select 1")
        how()
        raise LookupError


async def test_a_block_ends_with_its_own_error_where_its_transaction_cannot_be_rolled_back(
    database: str,
) -> None:
    connection = await connect(database, "test")
    with pytest.raises(LookupError):
        await fail(connection, connection.terminate)


async def test_an_error_of_the_server_to_a_roll_back_is_told(database: str) -> None:
    """It is there, and does not do what it should: nobody may take that for the end of the transaction."""
    connection = await connect(database, "test")

    async def refused(query: str) -> None:
        raise asyncpg.InternalServerError(query)

    with pytest.raises(asyncpg.InternalServerError):
        await fail(connection, lambda: setattr(connection, "execute", refused))
    connection.terminate()


async def test_a_commit_that_gets_no_answer_is_told(database: str) -> None:
    connection = await connect(database, "test")
    with pytest.raises(AWAY):
        async with connection.transaction():
            connection.terminate()
