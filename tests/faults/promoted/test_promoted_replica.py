"""The primary dies and its standby is promoted: the site goes on, and nobody shows what was lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.log.lineage import Lineage, lineage_of
from kit.postgres.connect import READER, connect
from read_side.fresh.served import TRUSTED
from scripts.models.resync import resync
from scripts.models.verify import verify
from tests.adversaries.truth import arrived, check
from tests.faults.promoted.test_promoted_readers import Follower, until
from tests.faults.test_postgres import REAL, Writer, article, published, well
from tests.projections.driving import projector
from tests.servers.beside import beside
from tests.servers.nodes.replica import Pair
from tests.servers.running import Site, answered, in_process

RECOVERY = 30.0


async def lineage(dsn: str) -> Lineage:
    connection = await connect(dsn, "test", READER)
    try:
        return await lineage_of(connection)
    finally:
        await connection.close()


async def places(dsn: str, ids: list[str]) -> dict[str, int]:
    """Return where the second event of each command stands that made one of these articles."""
    async with projector(dsn) as connection:
        found = await connection.fetch(
            "select stream::text, position + 1 from log.event where version = 1 and stream::text = any($1)",
            ids,
        )
    return dict(map(tuple, found))


async def sound(nodes: Pair) -> None:
    """Fail unless every read model of the new primary is the fold of its log, and `verify` says so too."""
    dsn = nodes.standby.server.dsn
    async with projector(dsn) as connection:
        await arrived(connection, REAL, RECOVERY)
    await check(dsn, REAL)
    assert 0 == await verify(dsn, as_json=True)


@pytest.mark.parametrize("dies", [Pair.fails, pytest.param(Pair.vanishes, marks=pytest.mark.prove)])
async def test_after_a_clean_failover_everybody_goes_on_without_help(
    nodes: Pair, tmp_path: Path, dies: Callable[[Pair], Awaitable[None]]
) -> None:
    nodes.synchronous()
    reader = Follower(nodes)
    async with in_process(nodes.dsn, tmp_path) as site, beside(reader.follow()):
        before = await lineage(nodes.dsn)
        await published(site, "seen")
        writers = [Writer(site) for _ in range(4)]
        async with beside(*(one.write() for one in writers)):
            await asyncio.sleep(0.5)
            await dies(nodes)
            await asyncio.sleep(0.2)
            await nodes.promote()
            began, counts = time.monotonic(), [len(one.receipts) for one in writers]
            async with asyncio.timeout(RECOVERY):
                while not await well(site, writers, counts):  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.02)
                last = await published(site, "fresh")
                # the projector may not yet have noticed that nobody answers it
                shown = await answered(site.client, "/v1/articles/fresh", after=last)
                await until(lambda: last in dict(reader.seen))
            assert (200, 200) == (
                shown.status_code,
                (await site.client.get("/v1/articles/seen")).status_code,
            )
            assert time.monotonic() - began < RECOVERY
        assert list(range(1, last + 1)) == sorted(place for place in dict(reader.seen) if place <= last)
        after = await lineage(nodes.dsn)
        assert before.log == after.log
        assert before.epoch.replace(":00000001", ":00000002") == after.epoch
        receipts = {one["id"]: one["position"] for writer in writers for one in writer.receipts}
        assert receipts == await places(nodes.dsn, list(receipts)), "an article and its slug side by side"
        await sound(nodes)


class Story:
    """An article that lives on after its last revision was lost; its ends take the same places in the log."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._path = ""

    async def begin(self) -> int:
        """Publish its first revision; return the position."""
        made = await self._site.editor.done("POST", "/articles", article("tu-144"))
        self._path = f"/articles/{made['id']}"
        await self._site.editor.done("PUT", f"{self._path}/submission", version=1)
        receipt = await self._site.moderator.done(
            "PUT", f"{self._path}/publication", {"revision": 1}, version=2
        )
        position: int = receipt["position"]
        return position

    async def end(self, title: str) -> dict[str, Any]:
        """Revise and publish it as an editor who has seen version 3; return the last receipt."""
        await self._site.editor.until_done("PATCH", self._path, {"title": title}, version=3)
        await self._site.editor.until_done("PUT", f"{self._path}/submission", version=4)
        return await self._site.moderator.until_done(
            "PUT", f"{self._path}/publication", {"revision": 2}, version=5
        )

    async def titles(self, after: int) -> set[str]:
        """Return what readers see: from memory, shared, and from the tables."""
        answers = [await self._get(after=after), await self._get(), await self._get()]
        answers += [await self._get(fields="title"), await self._get(by="somebody")]
        return {answer.json()["title"] for answer in answers}

    async def _get(self, by: str = "", **query: Any) -> httpx2.Response:
        who = self._site.editor.headers if by else None
        return await answered(self._site.client, "/v1/articles/tu-144", who, **query)


async def test_what_a_lagging_standby_never_had_is_shown_to_nobody_and_decides_nothing(
    nodes: Pair, tmp_path: Path
) -> None:
    async with in_process(nodes.dsn, tmp_path) as site:
        story = Story(site)
        kept = await story.begin()
        assert {"tu-144"} == await story.titles(kept)
        await asyncio.to_thread(nodes.cut)
        lost = await story.end("Lost")
        assert {"Lost"} == await story.titles(lost["position"])
        await nodes.fails()
        await nodes.promote()
        await asyncio.sleep(TRUSTED)  # so long copies may be shown of which nobody knows any more
        async with asyncio.timeout(RECOVERY):
            assert {"tu-144"} == await story.titles(kept)
            again = await story.end("Told again")
            assert lost == again, "the same version at the same position, and yet another article"
            assert {"Told again"} == await story.titles(again["position"])
        former = await lineage(nodes.dsn)
        dsn = nodes.standby.server.dsn
        assert 0 == await resync(dsn, dsn, forget=True)
        assert former.log != (await lineage(nodes.dsn)).log
        async with asyncio.timeout(RECOVERY):
            assert {"Told again"} == await story.titles(again["position"])
        await sound(nodes)
