"""What a text was translated from belongs to its revision, and names what exists."""

from pathlib import Path
from typing import Any

from kit.ids import new_id
from tests.journeys.test_editor import ARTICLE
from tests.servers.running import Site, in_process

ENGLISH = ARTICLE | {"locale": "en", "title": "Tu-144", "slug": "tu-144-en"}


async def draft(site: Site, id_: str, position: int) -> dict[str, Any]:
    answer = await site.editor.send("GET", f"/articles/{id_}/draft?after={position}")
    found: dict[str, Any] = answer.json()
    return found


async def test_a_translator_says_and_a_revert_restores_what_each_revision_was_made_from(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        editor = site.editor
        source = (await editor.done("POST", "/articles", ENGLISH))["id"]
        await editor.done("PATCH", f"/articles/{source}", {"body": "Its second text."}, version=1)
        first, second = ({"entry": source, "revision": n} for n in (1, 2))
        one = (await editor.done("POST", "/articles", ARTICLE | {"translated_from": first}))["id"]
        path = f"/articles/{one}"

        checked = await editor.done("PATCH", path, {"translated_from": second}, version=1)
        assert (2, 2) == (checked["revision"], checked["version"])
        assert second == (await draft(site, one, checked["position"]))["translated_from"]
        again = await editor.done("PATCH", path, {"translated_from": second}, version=2)
        assert 2 == again["version"]

        stale = (await editor.send("PATCH", path, {"body": "…"}, version=1)).json()
        told = (stale["changed"], stale["base"], stale["theirs"])
        assert (["translated_from"], {"translated_from": first}, {"translated_from": second}) == told

        back = await editor.done("POST", f"{path}/revert", {"revision": 1}, version=2)
        assert first == (await draft(site, one, back["position"]))["translated_from"]
        gone = await editor.done("PATCH", path, {"translated_from": None}, version=3)
        assert (await draft(site, one, gone["position"]))["translated_from"] is None

        history = (await editor.send("GET", f"{path}/revisions")).json()["items"]
        assert [None, first, second, first] == [item["translated_from"] for item in history]
        assert [["translated_from"]] * 3 == [item["changed"] for item in history[:3]]
        compared = (await editor.send("GET", f"{path}/diff?from=1&to=2")).json()["changes"]
        assert [("translated_from", first, second)] == [
            (c["field"], c["before"], c["after"]) for c in compared
        ]

        await editor.done("PUT", f"/articles/{source}/submission", version=2)
        await site.moderator.done("PUT", f"/articles/{source}/publication", {"revision": 2}, version=3)
        await editor.done("PUT", f"{path}/submission", version=4)
        await site.moderator.done("PUT", f"{path}/publication", {"revision": 4}, version=5)
        last = await site.moderator.done(
            "PUT", f"{path}/publication", {"revision": 2, "force": True, "reason": "x"}, version=6
        )
        shown = await site.client.get("/v1/articles/tu-144", params={"after": last["position"]})
        assert second == shown.json()["translated_from"]


async def test_a_text_is_only_translated_from_a_revision_that_exists_in_another_language(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        russian = await site.editor.done("POST", "/articles", ARTICLE)
        english = await site.editor.done("POST", "/articles", ENGLISH)
        wrong = [
            ({"entry": str(new_id()), "revision": 1}, "/translated_from/entry", "names no entry that exists"),
            (
                {"entry": english["id"], "revision": 2},
                "/translated_from/revision",
                "names no revision that exists",
            ),
            (
                {"entry": russian["id"], "revision": 1},
                "/translated_from/entry",
                "must be in another language",
            ),
        ]
        for source, pointer, detail in wrong:
            for answer in (
                await site.editor.send(
                    "POST", "/articles", ARTICLE | {"slug": "x", "translated_from": source}
                ),
                await site.editor.send(
                    "PATCH", f"/articles/{russian['id']}", {"translated_from": source}, version=1
                ),
            ):
                assert 422 == answer.status_code
                assert [{"pointer": pointer, "detail": detail}] == answer.json()["errors"]
