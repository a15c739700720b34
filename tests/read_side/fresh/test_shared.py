"""Documents shared through Redis: never older than the rows, whatever is done to Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.base import Locale
from events.kinds.article import ARTICLE
from kit.log.lineage import lineage_of
from read_side.answers.answer import Answer, encode
from read_side.entry.document import EntryAddress, document_key, form, refresh
from read_side.entry.kinds import VIEWS
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site, served, site
from tests.servers.proxy import Proxy, proxied
from tests.servers.redis_server import redis_with_prefix

VIEW = VIEWS["article"]


class Shared:
    """A site with Redis, and Redis itself. Requests carry a token, so that no whole answer is in the way."""

    def __init__(self, here: Site, client: Redis, prefix: str, space: str) -> None:
        self.here = here
        self.client = client
        self.prefix = prefix
        self.space = space

    async def title(self, slug: str = "tu-144", **query: Any) -> str:
        answer = await self.here.get(f"/v1/articles/{slug}", EDITORS, **query)
        assert answer.status_code == 200, answer.text
        await self.here.read.sources.cache.settled()
        found: str = answer.json()["title"]
        return found

    def key(self, slug: str = "tu-144", locale: Locale | None = None) -> str:
        return document_key(VIEW, self.here.follower.schema, EntryAddress(None, slug, locale))

    async def plant(self, title: str, stamp: int, one: Article) -> None:
        """Put a document there that no row would give."""
        answer = Answer(f'{{"title":"{title}"}}'.encode(), '"x"', (f"entry:{one.id}",))
        await self.client.delete(f"{self.space}:{self.key()}")
        await self.here.read.sources.cache.put(self.key(), stamp, encode(answer))


@pytest_asyncio.fixture
async def redis() -> AsyncIterator[tuple[Redis, str, str]]:
    async with redis_with_prefix() as found:
        yield found


@pytest_asyncio.fixture
async def shared(database: str, redis: tuple[Redis, str, str]) -> AsyncIterator[Shared]:
    client, url, prefix = redis
    async with site(database, redis_url=url, redis_prefix=prefix) as here:
        yield Shared(here, client, prefix, f"{prefix}:{await lineage_of(here.connection)}")


async def published(shared: Shared, title: str = "Old") -> Article:
    one = Article(shared.here.log, "tu-144", title=title)
    one.publish()
    await shared.here.shown()
    return one


async def test_a_document_is_shared_under_log_epoch_fingerprint_and_generation(shared: Shared) -> None:
    await published(shared)
    await shared.title()
    fingerprint = shared.here.read.sources.model("entries").fingerprint
    keys = [key.decode() async for key in shared.client.scan_iter(f"{shared.prefix}*")]
    assert keys == [f"{shared.space}:{fingerprint}:1:article:{form()}:slug::tu-144"]


async def test_an_id_and_a_slug_never_share_a_key(shared: Shared) -> None:
    one = await published(shared)
    schema = shared.here.follower.schema
    ours, theirs = EntryAddress(one.id), EntryAddress(None, str(one.id))
    assert document_key(VIEW, schema, ours) != document_key(VIEW, schema, theirs)
    await shared.title(str(one.id))
    await shared.title(str(one.id).upper())
    keys = [key.decode() async for key in shared.client.scan_iter(f"{shared.prefix}*")]
    assert [document_key(VIEW, schema, ours)] == [key.removeprefix(f"{shared.space}:") for key in keys]


async def test_a_shared_document_is_served_as_long_as_nothing_changed(shared: Shared) -> None:
    one = await published(shared)
    position = shared.here.read.sources.model("entries").position
    await shared.plant("planted", position, one)
    assert await shared.title() == "planted"
    assert await shared.title(after=position) == "planted"


async def test_a_shared_document_older_than_a_change_is_not_believed(shared: Shared) -> None:
    one = await published(shared)
    position = shared.here.read.sources.model("entries").position
    one.revise(title="New")
    one.publish()
    now = await shared.here.shown()
    await shared.plant("planted", position, one)
    assert await shared.title() == "New"
    await shared.plant("planted", now - 1, one)
    assert await shared.title(after=now) == "New"


async def test_a_change_is_read_at_once_by_who_waits_for_it(shared: Shared) -> None:
    one = await published(shared, "T0")
    for number in range(1, 15):
        await shared.title()
        one.revise(title=f"T{number}")
        one.publish()
        position = await shared.here.project()
        assert await shared.title(after=position) == f"T{number}"


async def test_nothing_of_what_is_hidden_stays_in_redis_answers(shared: Shared) -> None:
    one = await published(shared)
    await shared.title()
    one.step(ARTICLE.life.unpublished)
    await shared.here.shown()
    assert (await shared.here.get("/v1/articles/tu-144", EDITORS)).status_code == 404


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"fj1\n" + b"0" * 60])
async def test_garbage_under_our_keys_changes_nothing(shared: Shared, garbage: bytes) -> None:
    await published(shared)
    await shared.title()
    await shared.client.set(f"{shared.space}:{shared.key()}", garbage)
    assert await shared.title() == "Old"


async def test_a_well_sealed_value_that_is_no_answer_changes_nothing(shared: Shared) -> None:
    await published(shared)
    await shared.here.read.sources.cache.put(shared.key(), 10**6, b"\x93no answer")
    assert await shared.title() == "Old"


async def test_flushing_in_mid_run_changes_nothing(shared: Shared) -> None:
    await published(shared)
    for _ in range(3):
        assert await shared.title() == "Old"
        await shared.client.delete(f"{shared.space}:{shared.key()}")


async def test_the_projector_writes_what_readers_would(shared: Shared) -> None:
    one = await published(shared, "Before")
    sources = shared.here.read.sources
    await refresh(sources.tables, sources.cache, VIEWS, shared.here.follower.schema, [one.id])
    key = shared.key(locale="en")
    held = await sources.cache.get(key)
    assert held is not None
    assert held[0] == sources.model("entries").position
    written = (await shared.here.get("/v1/articles/en:tu-144", EDITORS)).content
    await shared.client.delete(f"{shared.space}:{key}")
    assert (await shared.here.get("/v1/articles/en:tu-144", EDITORS)).content == written


async def test_readers_of_one_cold_document_ask_the_database_once(shared: Shared) -> None:
    await published(shared)
    tables = shared.here.read.sources.tables
    asked: list[str] = []
    async with tables._pool.acquire() as connection:  # noqa: SLF001 - there is no other way to count
        connection.add_query_logger(lambda record: asked.append(record.query))
    await asyncio.gather(*(shared.title() for _ in range(40)))
    assert len(asked) == 1


async def test_without_redis_or_with_a_frozen_one_the_right_answer_comes_in_time(
    database: str, redis: tuple[Redis, str, str]
) -> None:
    _, url, prefix = redis
    parts = urlsplit(url)
    async with (
        Proxy(parts.hostname or "", parts.port or 6379) as proxy,
        site(database, redis_url=f"redis://127.0.0.1:{proxy.port}/0", redis_prefix=prefix) as here,
    ):
        shared = Shared(here, redis[0], prefix, "")
        one = await published(shared, "T0")
        for number, fault in enumerate((proxy.pause, proxy.reset, proxy.resume), 1):
            await shared.title()
            fault()
            one.revise(title=f"T{number}")
            one.publish()
            position = await here.project()
            async with asyncio.timeout(15):
                assert await shared.title(after=position) == f"T{number}"


async def test_two_processes_never_show_an_older_answer_than_the_bound(
    database: str, redis: tuple[Redis, str, str]
) -> None:
    """A reader of another process sees a change 250 ms after its commit, through both levels of copies."""
    _, url, prefix = redis
    async with site(database, redis_url=url, redis_prefix=prefix) as here:
        one = Article(here.log, "tu-144", title="T0")
        one.publish()
        await here.shown()
        async with served(database, redis_url=url, redis_prefix=prefix) as (_other, client):
            for number in range(1, 8):
                await client.get("/v1/articles/tu-144")
                one.revise(title=f"T{number}")
                one.publish()
                await here.project()
                await asyncio.sleep(0.25)
                for reader in (client, here.client):
                    assert (await reader.get("/v1/articles/tu-144")).json()["title"] == f"T{number}"


async def test_a_database_that_is_gone_is_a_503(database: str) -> None:
    async with proxied(database) as (proxy, through), site(database) as here:
        Article(here.log, "tu-144").publish()
        await here.shown()
        async with served(through) as (read, client):
            await read.sources.served.polled.wait()
            assert (await client.get("/v1/articles/tu-144")).status_code == 200
            assert (await client.get("/v1/articles/tu-144")).status_code == 200
            await proxy.refuse()
            proxy.reset()
            await asyncio.sleep(0.3)
            answer = await client.get("/v1/articles/tu-144")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            await proxy.accept()
            async with asyncio.timeout(30):
                await read.sources.served.polled.wait()
            assert (await client.get("/v1/articles/tu-144")).status_code == 200
