"""Redis or Valkey to test with, under a key prefix of the test's own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kit.ids import new_id


@asynccontextmanager
async def redis_with_prefix() -> AsyncIterator[tuple[Redis, str, str]]:
    """Yield a client, the address and a prefix whose keys are removed afterwards; skip where no server is."""
    url = os.environ.get("FRANKENJET_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")  # noqa: TID251 - tests have no settings
    client = Redis.from_url(url, protocol=2)
    prefix = f"fjtest_{new_id().hex[-16:]}"
    try:
        await client.ping()
    except RedisError:
        await client.aclose()
        if os.environ.get("CI"):  # noqa: TID251 - the same
            pytest.fail("no Redis answers")
        pytest.skip("no Redis answers")
    try:
        yield client, url, prefix
        keys = [key async for key in client.scan_iter(f"{prefix}*")]
        if keys:
            await client.delete(*keys)
    finally:
        await client.aclose()
