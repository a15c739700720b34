"""A read side of three kinds, with and without Redis."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.read_side.kinds.world import PROJECTION, World, three_kinds
from tests.servers.redis_server import redis_with_prefix
from tests.servers.stock import Stock, stock_with_tables


@pytest.fixture(scope="session")
def stock_of_kinds(server: str, template: str) -> Iterator[Stock]:
    """Databases made ahead, with the read tables of three kinds."""
    with stock_with_tables(server, template, PROJECTION) as stock:
        yield stock


@pytest.fixture
def database(stock_of_kinds: Stock) -> Iterator[str]:
    """Address of a fresh database whose read tables are empty."""
    with stock_of_kinds.one() as dsn:
        yield dsn


@pytest_asyncio.fixture
async def world(database: str) -> AsyncIterator[World]:
    """Three kinds without Redis."""
    async with three_kinds(database) as one:
        yield one


@pytest_asyncio.fixture
async def shared(database: str) -> AsyncIterator[World]:
    """Three kinds with copies in Redis."""
    async with (
        redis_with_prefix() as (_client, url, prefix),
        three_kinds(database, redis_url=url, redis_prefix=prefix) as one,
    ):
        yield one
