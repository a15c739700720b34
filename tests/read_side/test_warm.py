"""Documents that the projector writes into Redis after a commit."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from redis.asyncio import Redis

from kit.cache import Cache
from read_side.article.table import ARTICLE
from read_side.entry.document import document_key
from read_side.warm import AT_ONCE, Warm
from tests.projections.lives import Article
from tests.read_side.site import Site
from tests.redis_server import redis_with_prefix


@pytest_asyncio.fixture
async def redis() -> AsyncIterator[tuple[Redis, str, str]]:
    async with redis_with_prefix() as found:
        yield found


async def test_what_a_commit_changed_is_in_redis_soon_after(
    here: Site, redis: tuple[Redis, str, str]
) -> None:
    _, url, prefix = redis
    generation = here.follower.generation
    key = document_key(ARTICLE, generation.schema, "tu-144")
    async with Cache(url, prefix) as cache, Warm(here.dsn, cache, [ARTICLE]) as warm:
        one = Article(here.log, "tu-144", title="One")
        one.publish()
        hidden = Article(here.log, "hidden")
        position = await here.project()
        tags = [f"article:{one.id}", f"article:{hidden.id}", "articles", f"article-subject:{one.subject}"]
        await warm.committed(generation, tags, position)
        async with asyncio.timeout(2):
            while (held := await cache.get(key)) is None:  # noqa: ASYNC110 - nobody tells when it is there
                await asyncio.sleep(0.01)
        assert held[0] == position
        assert await cache.get(document_key(ARTICLE, generation.schema, "hidden")) is None


async def test_a_large_batch_is_left_to_readers(here: Site, redis: tuple[Redis, str, str]) -> None:
    client, url, prefix = redis
    async with Cache(url, prefix) as cache, Warm(here.dsn, cache, [ARTICLE]) as warm:
        ones = [Article(here.log, f"a-{number}") for number in range(AT_ONCE + 1)]
        for one in ones:
            one.publish()
        position = await here.project()
        await warm.committed(here.follower.generation, [f"article:{one.id}" for one in ones], position)
        await asyncio.sleep(0.2)
        assert [key async for key in client.scan_iter(f"{prefix}*")] == []
