"""A developer changes what is read and what is stored; the old build and the new one work side by side."""

import asyncio
import signal
from pathlib import Path

import httpx2

from kit.ids import new_id
from projections.catalog import PROJECTIONS
from scripts.models.discard import confirm
from tests.adversaries.traffic import Traffic
from tests.given.next_build import next_build
from tests.servers.processes import processes
from tests.servers.running import Editor, Site, in_process, settings_for, tokens_for
from tests.write_side.log.given import value

ARTICLE = {
    "locale": "ru",
    "title": "Ту-144",
    "slug": "tu-144",
    "summary": "Самолёт.",
    "body": "Первый полёт.",
    "sources": [{"title": "Ригмант"}],
    "meta_title": "О Ту-144",
}

FINGERPRINTS = "select count(distinct (model, fingerprint)) from project.generation"

SCHEMAS = "select count(*) from pg_namespace where nspname like 'read\\_%'"


async def returned_once_and_published(site: Site) -> str:
    """Take an article through a return to its publication; its id."""
    editor, moderator = site.editor, site.moderator
    made = await editor.done("POST", "/articles", ARTICLE)
    one = f"/articles/{made['id']}"
    await editor.done("PUT", f"{one}/submission", version=1)
    await moderator.done("POST", f"{one}/return", {"comment": "Когда?"}, version=2)
    await editor.done("PUT", f"{one}/submission", version=3)
    await moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=4)
    await editor.done("PATCH", one, {"summary": "Черновик."}, version=5)
    await editor.done("PUT", f"{one}/submission", version=6)
    await moderator.done("POST", f"{one}/return", {"comment": "Где источник?"}, version=7)
    return one


async def draft_of(editor: Editor, one: str, after: int) -> dict[str, object]:
    answer = await editor.send("GET", f"{one}/draft?after={after}")
    assert 200 == answer.status_code, answer.text
    draft: dict[str, object] = answer.json()
    return draft


async def test_a_schema_is_changed_and_changed_back_while_readers_read(database: str, tmp_path: Path) -> None:
    prefix = f"fjtest-{new_id().hex[-12:]}"
    copy = next_build(tmp_path / "next")
    async with in_process(database, tmp_path, redis_prefix=prefix) as old:
        one = await returned_once_and_published(old)
        traffic = Traffic(old)
        await traffic.prepare(2)
        settings = settings_for(database, tmp_path, redis_prefix=prefix)
        tokens = await tokens_for(settings, database)
        with processes(settings, tmp_path, root=copy) as running:
            async with traffic.flowing(), httpx2.AsyncClient(base_url=running.url, timeout=30) as client:
                running.start("project")
                running.start("serve")
                await running.ready()
                both = Traffic(old, [client, old.client])
                both.articles = traffic.articles
                async with both.reading():
                    await asyncio.sleep(0.5)
                listed = (await client.get("/v1/articles", params={"locale": "ru"})).json()["items"]
                assert ["О Ту-144"] == [item["meta_title"] for item in listed], "filled from old events"
                before = (await old.client.get("/v1/articles", params={"locale": "ru"})).json()["items"]
                assert "meta_title" not in before[0]
                assert 2 * len(PROJECTIONS) + 1 == await value(database, FINGERPRINTS)

                editor, moderator = (Editor(client, tokens[role]) for role in ("editor", "moderator"))
                head = await value(database, "select log.head()")
                assert "Где источник?" == (await draft_of(editor, one, head))["comment"]
                await editor.done("PUT", f"{one}/submission", version=8)
                back = await moderator.done("POST", f"{one}/return", {"comment": "Ещё раз."}, version=9)
                assert "Ещё раз." == (await draft_of(editor, one, back["position"]))["comment"]

                seen = await client.get(f"/v1{one}")
                meanwhile = await old.client.get(f"/v1{one}")
                assert str(back["position"]) == await parked(old, one)
                assert (200, 200) == (seen.status_code, meanwhile.status_code)
                assert seen.json() == meanwhile.json()
                assert 1 == await confirm(database), "nobody drops what another build still keeps up to date"
                running.kill("project", signal.SIGTERM)
                running.stop()  # back to the old build, which has never stopped
                async with asyncio.timeout(30):
                    while await confirm(database):  # noqa: ASYNC110 - until its lease has run out
                        await asyncio.sleep(0.5)
                await asyncio.sleep(0.3)
        assert len(PROJECTIONS) == await value(database, FINGERPRINTS)
        assert len(PROJECTIONS) == await value(database, SCHEMAS)


async def parked(site: Site, one: str) -> str:
    """Wait until a build has put aside what it cannot read; what it says of it."""
    async with asyncio.timeout(30):
        while True:
            answer = await site.client.get(f"/v1{one}")
            assert 200 == answer.status_code
            if "frankenjet-parked" in answer.headers:
                return answer.headers["frankenjet-parked"]
            await asyncio.sleep(0.05)
