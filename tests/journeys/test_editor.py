"""An editor, a moderator and a reader work on one article over HTTP, as the README shows."""

import asyncio
from pathlib import Path

from tests.servers.running import Site, in_process, problem

ARTICLE = {
    "locale": "ru",
    "title": "Ту-144",
    "summary": "Сверхзвуковой пассажирский самолёт.",
    "body": "Первый полёт состоялся в 1968 году.",
    "sources": [{"title": "Ригмант В. Г. Ту-144"}],
    "reason": "Первая версия",
}


async def seen(site: Site, address: str, position: int) -> dict[str, object]:
    """Return what a reader sees once a position is visible."""
    answer = await site.client.get(f"/v1/articles/{address}", params={"after": position})
    assert answer.status_code == 200, answer.text
    document: dict[str, object] = answer.json()
    return document


async def test_an_article_from_the_first_draft_to_the_second_publication(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        editor, moderator = site.editor, site.moderator
        made = await editor.done("POST", "/articles", ARTICLE, key="first")
        one = f"/articles/{made['id']}"
        assert made == await editor.done("POST", "/articles", ARTICLE, key="first")
        assert (await site.client.get(f"/v1{one}", params={"after": made["position"]})).status_code == 404

        await editor.done("PATCH", one, {"body": "Первый полёт — 31 декабря 1968 года."}, version=1)
        await editor.done("PUT", f"{one}/submission", version=2)
        published = await moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=3)
        shown = await seen(site, "tu-144", published["position"])
        assert ("Первый полёт — 31 декабря 1968 года.", 2) == (shown["body"], shown["revision"])

        ahead = await editor.done("PATCH", one, {"body": "Черновик."}, version=4)
        assert shown == await seen(site, "tu-144", ahead["position"])
        diff = await editor.send("GET", f"{one}/diff?from=2&to=3&after={ahead['position']}")
        assert ["body"] == [change["field"] for change in diff.json()["changes"]]

        await editor.done("POST", f"{one}/revert", {"revision": 1}, version=5)
        await editor.done("PUT", f"{one}/submission", version=6)
        last = await moderator.done("PUT", f"{one}/publication", {"revision": 4}, version=7)
        assert ARTICLE["body"] == (await seen(site, "tu-144", last["position"]))["body"]

        draft = await editor.send("GET", f"{one}/draft?after={last['position']}")
        assert ('"v8"', "none", 4) == (draft.headers["etag"], draft.json()["draft"], draft.json()["pinned"])
        history = (await editor.send("GET", f"{one}/revisions")).json()["items"]
        assert [4, 3, 2, 1] == [item["revision"] for item in history]
        assert (1, "Первая версия") == (history[0]["reverts"], history[-1]["reason"])


async def test_nobody_overwrites_a_colleague(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        editor = site.editor
        made = await editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        await editor.done("PATCH", one, {"title": "Ту-144Д", "reason": "Модификация"}, version=1)

        stale = problem(await site.moderator.send("PATCH", one, {"summary": "Моё"}, version=1))
        assert (412, ["title"]) == (stale["status"], stale["changed"])
        assert ({"title": "Ту-144"}, {"title": "Ту-144Д"}) == (stale["base"], stale["theirs"])
        assert "Модификация" == stale["since"][0]["reason"]

        assert problem(await editor.send("PATCH", one, {"summary": "x"}))["status"] == 428
        star = await editor.client.patch(f"/v1{one}", json={}, headers=editor.headers | {"If-Match": "*"})
        assert problem(star)["status"] == 400
        public = await editor.client.patch(
            f"/v1{one}", json={}, headers=editor.headers | {"If-Match": '"abc"'}
        )
        assert problem(public)["status"] == 412

        taken = problem(
            await editor.send("POST", "/articles", {"locale": "ru", "title": "X", "slug": "tu-144"})
        )
        assert (409, "/problems/slug-taken") == (taken["status"], taken["type"])


async def test_one_subject_has_one_article_in_a_locale(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        made = await site.editor.done("POST", "/articles", ARTICLE)
        await site.editor.send("GET", f"/articles/{made['id']}/draft?after={made['position']}")
        draft = (await site.editor.send("GET", f"/articles/{made['id']}/draft")).json()
        again = ARTICLE | {"subject": draft["subject"], "slug": "another"}
        refused = problem(await site.editor.send("POST", "/articles", again))
        assert ("/problems/entry-exists", made["id"]) == (refused["type"], refused["id"])
        other = await site.editor.done("POST", "/articles", again | {"locale": "en"})
        assert other["id"] != made["id"]


async def test_fifty_retries_of_one_key_have_one_effect_and_one_answer(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        editor = site.editor
        made = await editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        answers = await asyncio.gather(
            *(editor.send("PATCH", one, {"title": "Одно"}, version=1, key="retry") for _ in range(50))
        )
        assert {200} == {answer.status_code for answer in answers}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["version"] == 2

        other = problem(await editor.send("PATCH", one, {"title": "Другое"}, version=2, key="retry"))
        assert (422, "/problems/key-reused") == (other["status"], other["type"])
        theirs = await site.moderator.send("PATCH", one, {"title": "Третье"}, version=2, key="retry")
        assert theirs.status_code == 200, "a key belongs to its actor"


async def test_a_renamed_article_is_found_by_its_old_slugs_until_they_are_released(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        editor, moderator = site.editor, site.moderator
        made = await editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        await editor.done("PUT", f"{one}/submission", version=1)
        await moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
        refused = await editor.send("PUT", f"{one}/slug", {"slug": "tu-144-sst"}, version=3)
        assert (403, "/problems/forbidden") == (problem(refused)["status"], problem(refused)["type"])
        await moderator.done("PUT", f"{one}/slug", {"slug": "tu-144-sst"}, version=3)
        renamed = await moderator.done("PUT", f"{one}/slug", {"slug": "concordski"}, version=4)
        for old in ("tu-144", "tu-144-sst"):
            moved = await site.client.get(f"/v1/articles/{old}", params={"after": renamed["position"]})
            assert moved.status_code == 301
            assert moved.headers["location"].partition("?")[0] == "/v1/articles/ru:concordski"
        taken = await editor.send("POST", "/articles", {"locale": "ru", "title": "Y", "slug": "tu-144"})
        assert taken.status_code == 409
        refused = await editor.send("DELETE", f"{one}/slugs/tu-144", version=5)
        assert problem(refused)["status"] == 403
        freed = await moderator.done("DELETE", f"{one}/slugs/tu-144", version=5)
        gone = await site.client.get("/v1/articles/tu-144", params={"after": freed["position"]})
        assert gone.status_code == 404
        await editor.done("POST", "/articles", {"locale": "ru", "title": "Y", "slug": "tu-144"})


async def test_who_may_do_what(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        made = await site.editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        assert (await site.client.post("/v1/articles", json=ARTICLE)).status_code == 401
        assert (await site.client.get(f"/v1{one}/draft")).status_code == 401
        await site.editor.done("PUT", f"{one}/submission", version=1)
        for method, path, body in [
            ("PUT", f"{one}/publication", {"revision": 1}),
            ("DELETE", f"{one}/publication", None),
            ("POST", f"{one}/return", {"comment": "x"}),
            ("PUT", f"{one}/archive", None),
            ("DELETE", f"{one}/archive", None),
        ]:
            refused = await site.editor.send(method, path, body, version=2)
            assert problem(refused)["status"] == 403, path
