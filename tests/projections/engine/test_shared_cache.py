"""After a commit the shared cache holds what readers see, and nothing that they no longer may."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from structlog.testing import capture_logs

from events.codec import CODEC
from events.kinds.article import ARTICLE
from events.reading import reader_of
from kit.cache.store import Cache
from kit.ids import new_id
from kit.log.lineage import lineage_of
from kit.log.source import LogSource
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.engine.follower import Follower
from projections.engine.shared_cache import Copies
from read_side.answers.answer import decode
from read_side.entry.document import EntryAddress, document_key
from read_side.entry.kinds import VIEWS
from tests.given.lives import Written, store
from tests.projections.driving import follow, follower_of, projector
from tests.projections.lives import Article, Log
from tests.servers.proxy import proxied
from tests.servers.servers import redis_url
from tests.write_side.given import CREATED, FULL, published

REDIS = redis_url()
STREAM = new_id()
LIFE: list[Written] = [
    (STREAM, 0, CREATED),
    (STREAM, 1, published(1)),
    (STREAM, 2, ARTICLE.life.unpublished()),
]

LONG_TEXT = "It flew. " * 400


@pytest_asyncio.fixture
async def prefix() -> AsyncIterator[str]:
    """Yield a beginning of keys of this test's own; what is under it is removed."""
    mine = f"fjtest-{new_id().hex[-12:]}"
    yield mine
    from redis.asyncio import Redis

    async with Redis.from_url(REDIS) as redis:
        async for key in redis.scan_iter(f"{mine}:*"):
            await redis.delete(key)


async def test_a_document_is_in_the_shared_cache_after_the_commit_that_published_it(
    database: str, prefix: str
) -> None:
    await store(database, LIFE[:2])
    found = await _followed(database, prefix)
    assert found is not None
    stamp, value = found
    answer: Any = decode(value)
    assert stamp == 2
    assert FULL.title in answer.body.decode()


async def test_what_is_no_longer_published_is_not_put_there_again(database: str, prefix: str) -> None:
    await store(database, LIFE)
    assert await _followed(database, prefix) is None


async def test_copies_end_although_what_they_have_asked_is_never_answered(database: str, prefix: str) -> None:
    """A primary that has lost its power: the projector is told to stop while it waits for that answer."""
    generation = Generation("entries", "nobody", 1, "read_entries_nobody_1", "current")
    async with proxied(database) as (proxy, dsn), asyncio.timeout(None) as limit:
        async with Copies(dsn, REDIS, prefix, VIEWS) as copies:
            with capture_logs() as said:
                await copies.committed(generation, [f"entry:{STREAM}"], 1)
                async with asyncio.timeout(30):
                    while not said:  # noqa: ASYNC110 - it has a connection when it finds no such table
                        await asyncio.sleep(0.02)
            proxy.pause()
            await copies.committed(generation, [f"entry:{STREAM}"], 2)
            await asyncio.sleep(0.2)
            limit.reschedule(asyncio.get_running_loop().time() + 2)
        limit.reschedule(None)
        proxy.resume()


async def test_a_damaged_text_is_no_end_of_copies(database: str, prefix: str) -> None:
    log = Log()
    damaged, sound = Article(log, "damaged", body=LONG_TEXT), Article(log, "sound", body="text")
    damaged.revise(body=f"{LONG_TEXT} more")
    damaged.publish()
    sound.publish()
    await store(database, [(one.stream, one.version - 1, one.event) for one in log.events])
    async with projector(database) as connection:
        follower = await follower_of(connection, PROJECTIONS[0])
        await follow(database, connection, follower)
        await connection.execute(f"update {follower.schema}.revision set body = 'x' where parts is null")
        key = document_key(VIEWS["article"], follower.schema, EntryAddress(None, "sound", "en"))
        async with (
            Copies(database, REDIS, prefix, VIEWS) as copies,
            Cache(REDIS, f"{prefix}:{await lineage_of(connection)}") as cache,
        ):
            with capture_logs() as said:
                await copies.committed(follower.generation, [f"entry:{damaged.id}"], 1)
                async with asyncio.timeout(30):
                    while not said:  # noqa: ASYNC110 - another task does it
                        await asyncio.sleep(0.02)
            assert "its parts" in said[0]["reason"]
            await copies.committed(follower.generation, [f"entry:{sound.id}"], 1)
            async with asyncio.timeout(30):
                while await cache.get(key) is None:  # noqa: ASYNC110 - another task does it
                    await asyncio.sleep(0.02)


async def _followed(database: str, prefix: str) -> tuple[int, bytes] | None:
    """Follow the log with copies after each commit; return what the cache then holds of the article."""
    async with projector(database) as connection:
        lineage = await lineage_of(connection)
        follower: Follower = await follower_of(connection, PROJECTIONS[0])
        assert await follower.lead(connection)
        key = document_key(
            VIEWS["article"], follower.schema, EntryAddress(None, CREATED.slug, CREATED.locale)
        )
        async with (
            Copies(database, REDIS, prefix, VIEWS) as copies,
            LogSource(database, reader_of(CODEC), "test") as source,
            Cache(REDIS, f"{prefix}:{lineage}") as cache,
        ):
            page = await source.read(0, 100)
            await follower.apply_all(connection, page, copies.committed)
            for _ in range(40):
                if (found := await cache.get(key)) is not None:
                    return found
                await asyncio.sleep(0.025)
    return None
