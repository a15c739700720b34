"""What was put aside is shown, tried again in order, or passed over; the projection never stops for it."""

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
import pytest
from typer.testing import CliRunner

from events.codec import CODEC, Stored
from events.reading import reader_of
from kit.errors import Problem
from kit.forms import Wrong
from kit.log.lease import Fenced
from kit.log.source import LogSource
from kit.postgres.connect import Connection
from projections.catalog import PROJECTIONS
from projections.engine import park
from projections.engine.loop import tell_nobody
from scripts.models.parked import parked_cli
from scripts.models.rebuild import rebuild
from tests.adversaries.traffic import Traffic
from tests.adversaries.truth import arrived, check, schema_of
from tests.given.lives import ARCHIVED, random_lives, store, store_behind
from tests.projections.driving import contents, follow, follower_of, projector
from tests.servers.running import Site, in_process, problem
from tests.write_side.log.given import value

ARTICLE = PROJECTIONS[0]

REFUSED = (
    "alter table {0}.entry add constraint refused check (content ->> 'title' not like 'refused%') not valid"
)


async def parked(dsn: str, *arguments: str) -> tuple[int, str]:
    """Run `frankenjet parked`; its exit code and what it prints."""
    environment = {"DATABASE_URL": dsn, "COLUMNS": "200"}
    done = await asyncio.to_thread(CliRunner().invoke, parked_cli, arguments, env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit | Problem | Wrong), done.exception
    return done.exit_code, done.output


async def execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def published(site: Site, slug: str) -> str:
    """Publish an article; return its place."""
    body = {
        "locale": "en",
        "title": "taken",
        "slug": slug,
        "summary": "s",
        "body": "b",
        "sources": [{"title": "t"}],
    }
    made = await site.editor.done("POST", "/articles", body)
    one = f"/articles/{made['id']}"
    await site.editor.done("PUT", f"{one}/submission", version=1)
    receipt = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
    seen = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
    assert 200 == seen.status_code
    return one


async def test_a_parked_entity_is_shown_as_it_was_and_goes_on_after_a_retry(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site, projector(database) as connection:
        one = await published(site, "one")
        traffic = Traffic(site)
        await traffic.prepare(2)
        schema = await schema_of(connection, ARTICLE)
        await execute(database, REFUSED.format(schema))
        async with traffic.flowing():
            first = await site.editor.done("PATCH", one, {"title": "refused"}, version=3)
            await site.editor.done("PATCH", one, {"title": "refused again"}, version=4)
            await site.editor.done("PUT", f"{one}/submission", version=5)
            last = await site.moderator.done("PUT", f"{one}/publication", {"revision": 3}, version=6)
            async with asyncio.timeout(30):
                while (await value(database, "select count(*) from project.parked")) < 4:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            shown = await site.client.get(f"/v1{one}")
            assert (200, "taken", str(first["position"])) == (
                shown.status_code, shown.json()["title"], shown.headers["frankenjet-parked"],
            )  # fmt: skip
            refused = await site.client.get(f"/v1{one}", params={"after": last["position"]})
            assert "/problems/not-there-yet" == problem(refused)["type"]

            code, said = await parked(database, "list", "--json")
            listed = orjson.loads(said)["parked"]
            assert (3, 1, 4, first["position"]) == (
                code,
                len(listed),
                listed[0]["events"],
                listed[0]["position"],
            )
            assert one.endswith(listed[0]["stream"])
            assert (1, "0 events applied; 4 stay: ") == _outcome(await parked(database, "retry"))

            await execute(database, f"alter table {schema}.entry drop constraint refused")
            assert (0, "4 events applied") == _outcome(await parked(database, "retry", listed[0]["stream"]))
            await asyncio.sleep(0.25)
            for query in ({}, {"after": last["position"]}):
                shown = await site.client.get(f"/v1{one}", params=query)
                assert (200, "refused again") == (shown.status_code, shown.json()["title"])
                assert "frankenjet-parked" not in shown.headers
            everything = (await site.client.get("/v1/articles", params={"sort": "title"})).json()["items"]
            assert "refused again" in [item["title"] for item in everything]

            more = await site.editor.done("PATCH", one, {"title": "and on"}, version=7)
            draft = await site.editor.send("GET", f"{one}/draft?after={more['position']}")
            assert "and on" == draft.json()["title"], "the projector knows that it is not parked any more"
        assert (0, "nothing is parked\n") == await parked(database, "list")
        await arrived(connection, PROJECTIONS)
    await check(database, PROJECTIONS)


async def test_what_a_retry_changed_is_seen_although_the_log_stands_still(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site, projector(database) as connection:
        one = await published(site, "one")
        schema = await schema_of(connection, ARTICLE)
        await execute(database, REFUSED.format(schema))
        await site.editor.done("PATCH", one, {"title": "refused"}, version=3)
        await site.editor.done("PUT", f"{one}/submission", version=4)
        last = await site.moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=5)
        await arrived(connection, [ARTICLE])
        await asyncio.sleep(0.3)
        for _ in range(2):  # so that the answer is kept
            assert ["taken"] == await titles(site)
        await execute(database, f"alter table {schema}.entry drop constraint refused")
        assert 0 == (await parked(database, "retry"))[0]
        await asyncio.sleep(0.25)
        assert last["position"] == await value(database, "select log.head()")
        for _ in range(2):
            assert ["refused"] == await titles(site)


async def titles(site: Site) -> list[str]:
    return [item["title"] for item in (await site.client.get("/v1/articles")).json()["items"]]


def _outcome(done: tuple[int, str]) -> tuple[int, str]:
    code, said = done
    return code, said.strip().partition(": ")[2].partition("CheckViolationError")[0]


async def poisoned(dsn: str) -> UUID:
    """Write lives, one of them with an event that nobody can read and one behind it that anybody can."""
    lives = random_lives(1, articles=3, steps=40)
    await store(dsn, lives)
    poison = Stored("article.revised", 1, b'{"revision":"poison\xff')
    return await store_behind(dsn, lives, 0, poison, ARCHIVED)


async def followed(dsn: str, connection: Connection) -> None:
    follower = await follower_of(connection, ARTICLE)
    await follow(dsn, connection, follower)
    await follower.free_lease(connection)


async def test_an_event_is_passed_over_with_a_reason_and_what_is_behind_it_applies(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        await followed(database, connection)
        schema = await schema_of(connection, ARTICLE)
        position = await connection.fetchval("select min(position) from project.parked")
        code, said = await parked(database, "show", str(stream), "--json")
        shown = [orjson.loads(line) for line in said.splitlines()]
        assert (0, [position, position + 1]) == (code, [event["position"] for event in shown])
        assert '{"revision":"poison\ufffd' == shown[0]["payload"]

        assert 2 == (await parked(database, "skip", str(stream)))[0], (
            "without a reason nobody passes over anything"
        )
        assert 1 == (await parked(database, "skip", str(stream), "--reason", " "))[0]
        code, said = await parked(database, "skip", str(stream), "--reason", "broken by hand", "--by", "Лена")
        assert (0, True) == (code, f"passes over position {position}" in said)
        kept = await connection.fetchrow("select schema, stream, position, reason, by from project.skipped")
        assert (schema, stream, position, "broken by hand", "Лена") == tuple(kept)
        state = await connection.fetchval(f"select publication from {schema}.entry where id = $1", stream)
        assert "archived" == state
        assert 0 == await connection.fetchval("select count(*) from project.parked")
        assert 1 == (await parked(database, "skip", str(stream), "--reason", "again"))[0]

        assert 0 == await rebuild(database, "entries", fresh=True, jobs=1, as_json=True)
        assert "no rows differed" in capsys.readouterr().err, "the same build knows what was decided"
        assert 0 == await connection.fetchval("select count(*) from project.parked")
    await check(database, [ARTICLE])


async def test_a_retry_that_changes_nothing_leaves_the_park_as_it_was(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        await followed(database, connection)
        live = await follower_of(connection, ARTICLE)
        before = await contents(connection, live)
        code, said = await parked(database, "retry", str(stream))
        assert (1, True) == (
            code,
            "0 events applied; 2 stay: article.revised schema 1 cannot be read" in said,
        )
        assert before == await contents(connection, live)
        assert 1 == (await parked(database, "retry", str(UUID(int=0))))[0], "nothing of it is parked"


async def test_the_copy_that_led_before_a_retry_learns_of_it_before_it_commits_again(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        outcome = await park.retry(connection, CODEC, ARTICLE, follower.generation, stream)
        assert (0, 2) == (outcome.applied, outcome.left)
        await store(database, random_lives(2, articles=1, steps=3))
        page = await source.read(follower.position, 1_000)
        with pytest.raises(Fenced):
            await follower.apply_all(connection, page, tell_nobody)
        assert await follower.lead(connection), "nobody else wants it, so it is had again at once"
        await follower.apply_all(connection, page, tell_nobody)
    await check(database, [ARTICLE])
