"""A read side of three kinds, with and without Redis."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.read_side.kinds.world import World, three_kinds
from tests.servers.redis_server import redis_with_prefix


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
