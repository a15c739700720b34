"""PostgreSQL goes away and comes back: nobody hangs, nobody reads the past, nothing acknowledged is lost."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from events.codec import CODEC
from kit.ids import new_id
from projections.engine.loop import Engine
from scripts.app import WholeBuild
from tests.adversaries.truth import arrived, check, feed
from tests.given.lives import random_lives
from tests.projections.driving import follower_of, projector
from tests.projections.made import PROJECTIONS
from tests.servers.beside import beside
from tests.servers.nodes.postgres_node import Node, own_postgres
from tests.servers.running import (
    Site,
    answered,
    forget,
    in_process,
    problem,
    projecting,
    settings_for,
)
from tests.servers.servers import redis_url
from tests.write_side.log.given import value
from tests.write_side.log.test_outages import frozen
from write_side.log.appender import Appender

REAL = PROJECTIONS[:-1]
ARTICLE = REAL[0]

PATIENCE = 8.0
RECOVERY = 30.0


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with own_postgres() as running:
        yield running


def article(slug: str) -> dict[str, Any]:
    return {
        "locale": "en",
        "title": slug,
        "slug": slug,
        "summary": "s",
        "body": "b",
        "sources": [{"title": "t"}],
    }


async def published(site: Site, slug: str) -> int:
    """Publish an article; return the position at which readers see it."""
    made = await site.editor.done("POST", "/articles", article(slug))
    one = f"/articles/{made['id']}"
    await site.editor.done("PUT", f"{one}/submission", version=1)
    receipt = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
    position: int = receipt["position"]
    return position


class Writer:
    """Sends commands all the while, and notes what was acknowledged and how long each answer took."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.receipts: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.slowest = 0.0

    async def write(self) -> None:
        while True:
            key = new_id().hex
            while True:
                began = time.monotonic()
                answer = await self._site.editor.send("POST", "/articles", article(f"w-{key}"), key=key)
                self.slowest = max(self.slowest, time.monotonic() - began)
                if answer.status_code == 201:
                    self.receipts.append(answer.json())
                    break
                self.refused.append(problem(answer)["type"])
                assert answer.status_code == 503, answer.text
                assert answer.headers["retry-after"]
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.005)


async def well(site: Site, writers: list[Writer], counts: list[int]) -> bool:
    """Say whether the site is ready, and every writer has been acknowledged since."""
    ready = (await site.client.get("/readyz")).status_code == 200
    return ready and all(len(one.receipts) > count for one, count in zip(writers, counts, strict=True))


@pytest.mark.parametrize("end", [signal.SIGQUIT, signal.SIGKILL])
async def test_a_restart_is_weathered_without_help(node: Node, tmp_path: Path, end: signal.Signals) -> None:
    dsn = node.server.dsn
    slug = f"hot-{end}"
    async with in_process(dsn, tmp_path) as site:
        position = await published(site, slug)
        place = f"/v1/articles/{slug}"
        shown = await answered(site.client, place, after=position)
        assert 200 == shown.status_code
        assert 200 == (await site.client.get(place)).status_code, "and now it is kept"
        writers = [Writer(site) for _ in range(4)]
        async with beside(*(one.write() for one in writers)):
            await asyncio.sleep(0.3)

            await asyncio.to_thread(node.stop, end)
            await asyncio.sleep(0.3)
            for query in ({}, {"after": position}):
                began = time.monotonic()
                refused = await site.client.get(place, params=query)
                assert 503 == problem(refused)["status"], "what is kept is not trusted any more"
                assert refused.headers["retry-after"]
                assert time.monotonic() - began < PATIENCE
            assert (200, 503) == (
                (await site.client.get("/livez")).status_code,
                (await site.client.get("/readyz")).status_code,
            )
            await asyncio.to_thread(node.start)
            began = time.monotonic()
            counts = [len(one.receipts) for one in writers]
            async with asyncio.timeout(RECOVERY):
                while not await well(site, writers, counts):  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.02)
                last = max(one.receipts[-1]["position"] for one in writers)
                again = await answered(site.client, place, after=last)
                assert (shown.content, 200) == (again.content, again.status_code)
        assert max(one.slowest for one in writers) < PATIENCE
        assert all(one.refused for one in writers)
        for receipt in (receipt for one in writers for receipt in one.receipts):
            found = await value(
                dsn, "select position from log.event where stream = $1 and version = 1", receipt["id"]
            )
            assert receipt["position"] == found + 1, "an article and its slug stand side by side"
        async with projector(dsn) as connection:
            await arrived(connection, REAL)
    await check(dsn, REAL)


async def test_no_crash_takes_back_what_a_reader_has_seen(node: Node, tmp_path: Path) -> None:
    dsn = node.server.dsn
    async with in_process(dsn, tmp_path) as site:
        for number in range(3):
            position = await published(site, f"seen-{number}")
            shown = await answered(site.client, f"/v1/articles/seen-{number}", after=position)
            assert 200 == shown.status_code
            node.stop(signal.SIGQUIT)  # with everything else of this process standing still
            node.start()
            assert position <= await value(
                dsn, "select min(position) from project.cursor where schema ~ '^read'"
            )
            async with asyncio.timeout(RECOVERY):
                while (await site.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.02)


async def test_a_projector_that_starts_while_it_is_away_works_when_it_is_there(
    node: Node, tmp_path: Path
) -> None:
    dsn, redis = node.server.dsn, Redis.from_url(redis_url())
    settings = settings_for(dsn, tmp_path)
    node.stop(signal.SIGQUIT)
    try:
        async with beside(projecting(settings, WholeBuild())):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(node.start)
            async with in_process(dsn, tmp_path, redis_url="", projector=False) as site:
                async with asyncio.timeout(RECOVERY):
                    position = await published(site, "late")
                    place = f"/v1/articles/late?after={position}"
                    while (await site.client.get(place)).status_code != 200:  # noqa: ASYNC110 - it is asked
                        await asyncio.sleep(0.05)
                    keys = f"{settings.redis_prefix}:*late"
                    while not [key async for key in redis.scan_iter(keys)]:  # noqa: ASYNC110 - it is asked
                        await asyncio.sleep(0.05)
    finally:
        await forget(settings)
        await redis.aclose()


BACKEND = "select pid from pg_stat_activity where datname = current_database() and application_name = $1"


@pytest.mark.parametrize("which", ["frankenjet engine", "frankenjet engine source"])
async def test_a_server_that_says_nothing_any_more_is_given_up(database: str, which: str) -> None:
    """As after a network that lost a connection without a word: nobody would ever hear of it."""
    async with projector(database) as connection, Appender(database) as appender:
        await follower_of(connection, ARTICLE)
        async with beside(Engine(database, CODEC, [ARTICLE], "test", patience=1.5).run()):
            await feed(appender, random_lives(1, articles=1, steps=5))
            await arrived(connection, [ARTICLE])
            with frozen(await value(database, BACKEND, which)):
                await feed(appender, random_lives(2, articles=1, steps=5))
                await arrived(connection, [ARTICLE], RECOVERY)
    await check(database, [ARTICLE])
