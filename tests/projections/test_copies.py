"""Documents that the projector writes into Redis after a commit."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from redis.asyncio import Redis

from kit.cache import Cache
from kit.ids import named_id
from projections.copies import WAITING, Copies
from read_side.article.table import ARTICLE
from read_side.entry.document import document_key
from tests.projections.lives import Article
from tests.read_side.site import Site, site
from tests.redis_server import redis_with_prefix


@pytest_asyncio.fixture
async def redis() -> AsyncIterator[tuple[Redis, str, str]]:
    async with redis_with_prefix() as found:
        yield found


@pytest_asyncio.fixture
async def here(database: str) -> AsyncIterator[Site]:
    async with site(database) as one:
        yield one


async def test_what_a_commit_changed_is_in_redis_soon_after(
    here: Site, redis: tuple[Redis, str, str]
) -> None:
    _, url, prefix = redis
    generation = here.follower.generation
    log = await here.connection.fetchval("select id from log.identity")
    async with Cache(url, f"{prefix}:{log}") as cache, Copies(here.dsn, url, prefix, [ARTICLE]) as copies:
        one = Article(here.log, "tu-144", title="One")
        one.publish()
        hidden = Article(here.log, "hidden")
        position = await here.project()
        tags = [f"article:{one.id}", f"article:{hidden.id}", "articles", f"article-subject:{one.subject}"]
        await copies.committed(generation, tags, position)
        key = document_key(ARTICLE, generation.schema, "tu-144")
        async with asyncio.timeout(3):
            while (held := await cache.get(key)) is None:  # noqa: ASYNC110 - nobody tells when it is there
                await asyncio.sleep(0.01)
        assert held[0] == position
        assert await cache.get(document_key(ARTICLE, generation.schema, "hidden")) is None


async def test_what_a_large_batch_changed_is_left_to_readers(
    here: Site, redis: tuple[Redis, str, str]
) -> None:
    client, url, prefix = redis
    async with Copies(here.dsn, url, prefix, [ARTICLE]) as copies:
        one = Article(here.log, "tu-144")
        one.publish()
        position = await here.project()
        others = [named_id("another", str(number)) for number in range(WAITING)]
        tags = [f"article:{id_}" for id_ in (one.id, *others)]
        await copies.committed(here.follower.generation, tags, position)
        await asyncio.sleep(0.3)
        assert [key async for key in client.scan_iter(f"{prefix}*")] == []
