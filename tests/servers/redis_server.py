"""Redis or Valkey to test with, under a key prefix of the test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from kit.ids import new_id
from tests.servers.servers import redis_url


@asynccontextmanager
async def redis_with_prefix() -> AsyncIterator[tuple[Redis, str, str]]:
    """Yield a client, the address and a prefix whose keys are removed afterwards."""
    url = redis_url()
    client = Redis.from_url(url, protocol=2)
    prefix = f"fjtest_{new_id().hex[-16:]}"
    try:
        yield client, url, prefix
        keys = [key async for key in client.scan_iter(f"{prefix}*")]
        if keys:
            await client.delete(*keys)
    finally:
        await client.aclose()
