"""One change of many entries: tried, run, cut off, repeated, taken back; refusals are told entry by entry."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kit.ids import new_id
from tests.given.every_kind import term
from tests.servers.running import Editor, Site, in_process, problem

TEXTS = {"summary": "About wings.", "body": "Text.", "sources": [{"title": "A book"}], "locale": "en"}


async def made(site: Site, count: int, *, published: bool = True, **more: Any) -> list[str]:
    """Make articles, and return their ids; readers see them when this returns."""
    position, ids = 0, []
    for number in range(count):
        body = {"title": f"Wing {number} {new_id().hex[-6:]}", **TEXTS, **more}
        one = await site.editor.done("POST", "/articles", body)
        ids.append(one["id"])
        if published:
            place = f"/articles/{one['id']}"
            await site.editor.done("PUT", f"{place}/submission", version=1)
            receipt = await site.moderator.done("PUT", f"{place}/publication", {"revision": 1}, version=2)
            position = receipt["position"]
    if position:
        assert (await site.client.get("/v1/articles", params={"after": position})).status_code == 200
    return ids


async def draft(editor: Editor, id_: str, after: int) -> Any:
    answer = await editor.client.get(
        f"/v1/articles/{id_}/draft", params={"after": after}, headers=editor.headers
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_dry_run_tells_what_a_run_then_does(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 3, tags=["old"], category="wings")
        archived = ids[2]
        await site.moderator.done("PUT", f"/articles/{archived}/archive", version=3)
        wish = {"kind": "article", "ids": [*ids, str(new_id())], "change": {"add": {"tags": ["new"]}}}
        tried = await site.editor.done("POST", "/bulk", wish | {"dry_run": True})
        assert {"changed": 2, "unchanged": 0, "refused": 2} == {
            name: tried[name] for name in ("changed", "unchanged", "refused")
        }
        assert {"before": ["old"], "after": ["old", "new"]} == tried["entries"][0]["changed"]["tags"]
        receipt = await site.editor.done("POST", "/bulk", wish)
        assert ids[:2] == [one["entry"] for one in receipt["changed"]]
        assert ["archived", "not-found"] == [one["type"] for one in receipt["refused"]]
        assert ["old", "new"] == (await draft(site.editor, ids[0], receipt["position"]))["tags"]
        again = await site.editor.done("POST", "/bulk", wish)
        assert ([], 2) == (again["changed"], again["unchanged"])


async def test_what_a_list_shows_is_changed_by_its_filters(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        wings = await made(site, 2, category="wings")
        await made(site, 1, category="engines")
        wish = {"kind": "article", "filter": "category=wings", "change": {"set": {"category": "airframe"}}}
        receipt = await site.editor.done("POST", "/bulk", wish)
        assert set(wings) == {one["entry"] for one in receipt["changed"]}
        for query, status, type_ in (
            ("category=nothing", 422, "nothing-selected"),
            ("sort=title", 400, "invalid-parameter"),
            ("colour=red", 400, "invalid-parameter"),
        ):
            refused = await site.editor.send("POST", "/bulk", wish | {"filter": query})
            assert (status, f"/problems/{type_}") == (refused.status_code, problem(refused)["type"])


async def test_lists_of_every_sort_are_added_to_and_taken_from(database: str, tmp_path: Path) -> None:
    """Of lines (an article's tags), of terms (an aircraft's), of items (its other names)."""
    async with in_process(database, tmp_path, projector=False) as site:
        await site.moderator.done("POST", "/terms", term("tag", "biplane") | {"category": None})
        one = await site.editor.done("POST", "/aircraft", {"title": {"en": "An-2"}})
        wish = {"kind": "aircraft", "ids": [one["id"]]}
        more = {"tags": ["biplane"], "other_names": [{"name": "Colt"}]}
        added = await site.editor.done("POST", "/bulk", wish | {"change": {"add": more}})
        again = await site.editor.done("POST", "/bulk", wish | {"change": {"add": more}})
        assert (1, 0, 1) == (len(added["changed"]), len(again["changed"]), again["unchanged"])
        taken = await site.editor.done("POST", "/bulk", wish | {"change": {"take": more}, "dry_run": True})
        changed = taken["entries"][0]["changed"]
        assert {"tags": [], "other_names": []} == {name: one["after"] for name, one in changed.items()}


async def test_a_change_is_taken_back_where_nothing_newer_stands_on_it(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 3, tags=["old"], category="wings")
        change = {"set": {"tags": ["new"], "category": "airframe"}}
        done = await site.editor.done("POST", "/bulk", {"kind": "article", "ids": ids, "change": change})
        await site.editor.done("PATCH", f"/articles/{ids[0]}", {"category": "mine"}, version=4)
        await site.editor.done("PATCH", f"/articles/{ids[1]}", {"category": "x", "tags": []}, version=4)
        undone = await site.editor.done("POST", f"/bulk/{done['id']}/undo")
        assert (done["id"], [ids[0], ids[2]]) == (
            undone["undoes"],
            [one["entry"] for one in undone["changed"]],
        )
        assert {ids[0], ids[1]} == {one["entry"] for one in undone["refused"]}
        found = [await draft(site.editor, id_, undone["position"]) for id_ in ids]
        assert [(["old"], "mine"), ([], "x"), (["old"], "wings")] == [
            (d["tags"], d["category"]) for d in found
        ]


async def test_steps_of_the_life_are_a_moderators_and_are_taken_back(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        drafts = await made(site, 2, published=False)
        shown = await made(site, 1)
        wish = {"kind": "article", "ids": [*drafts, *shown], "change": {"do": "publish"}}
        assert (await site.editor.send("POST", "/bulk", wish)).status_code == 403
        assert 2 == len((await site.moderator.done("POST", "/bulk", wish))["refused"])
        forced = wish | {"change": {"do": "publish", "force": True}, "reason": "All were read"}
        published = await site.moderator.done("POST", "/bulk", forced)
        assert (drafts, 1) == ([one["entry"] for one in published["changed"]], published["unchanged"])
        archive = {"kind": "article", "ids": [*drafts, *shown], "change": {"do": "archive"}}
        archived = await site.moderator.done("POST", "/bulk", archive)
        assert (await site.editor.send("POST", f"/bulk/{archived['id']}/undo")).status_code == 403
        undone = await site.moderator.done("POST", f"/bulk/{archived['id']}/undo")
        assert ([], 3) == (undone["refused"], len(undone["changed"]))
        for id_ in archive["ids"]:
            answer = await site.client.get(f"/v1/articles/{id_}", params={"after": undone["position"]})
            assert answer.status_code == 200


async def test_the_same_request_under_one_key_has_one_effect(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 2)
        wish = {"kind": "article", "ids": ids, "change": {"add": {"tags": ["one"]}}}
        first = await site.editor.send("POST", "/bulk", wish, key="a")
        second = await site.editor.send("POST", "/bulk", wish, key="a")
        assert (first.content, "true") == (second.content, second.headers["idempotency-replayed"])
        other = await site.editor.send("POST", "/bulk", wish | {"ids": ids[:1]}, key="a")
        assert (422, "/problems/key-reused") == (other.status_code, problem(other)["type"])
        both = await asyncio.gather(
            *(
                site.editor.send("POST", "/bulk", wish | {"change": {"set": {"tags": []}}}, key="b")
                for _ in "12"
            )
        )
        assert 1 == len({answer.content for answer in both})


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"set": {"title": ""}}, "/change/set/title"),
        ({"set": {"colour": "red"}}, "/change/set"),
        ({"set": {"body": "x"}}, "/change/set/body"),
        ({"add": {"title": ["x"]}}, "/change/add"),
        ({"add": {"tags": "x"}}, "/change/add/tags"),
        ({"take": {"tags": []}}, "/change/take/tags"),
        ({"set": {}, "do": "archive"}, "/change"),
        ({}, "/change"),
    ],
)
async def test_a_change_that_no_entry_can_have_is_refused_before_any(
    database: str, tmp_path: Path, change: Any, pointer: str
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        wish = {"kind": "article", "ids": [str(new_id())], "change": change}
        refused = await site.editor.send("POST", "/bulk", wish)
        assert 422 == refused.status_code
        assert problem(refused)["errors"][0]["pointer"].startswith(pointer)


@pytest.mark.prove
async def test_more_than_500_entries_are_changed_in_parts(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = [id_ for _ in range(3) for id_ in await made(site, 167, category="wings", published=False)]
        shown = {"kind": "article", "change": {"do": "publish", "force": True}, "reason": "All were read"}
        await site.moderator.done("POST", "/bulk", shown | {"ids": ids[:500]})
        receipt = await site.moderator.done("POST", "/bulk", shown | {"ids": ids[500:]})
        wish = {"kind": "article", "filter": f"category=wings&after={receipt['position']}"}
        refused = await site.editor.send("POST", "/bulk", wish | {"change": {"set": {"category": "x"}}})
        assert (422, "/problems/too-many-selected") == (refused.status_code, problem(refused)["type"])


async def test_a_change_that_was_cut_off_goes_on_under_its_key(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 60, published=False)
        wish = {"kind": "article", "ids": ids, "change": {"add": {"tags": ["one"]}}}
        running = asyncio.create_task(site.editor.send("POST", "/bulk", wish, key="cut"))
        await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        receipt = (await site.editor.send("POST", "/bulk", wish, key="cut")).json()
        assert (60, [], 0) == (len(receipt["changed"]), receipt["refused"], receipt["unchanged"])
        for id_ in ids[::20]:
            assert 2 == (await draft(site.editor, id_, receipt["position"]))["version"]


async def test_what_became_of_a_change_can_be_asked_where_its_receipt_leads(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        ids = await made(site, 3, published=False, tags=["old"])
        archived, nobody = ids[2], str(new_id())
        await site.moderator.done("PUT", f"/articles/{archived}/archive", version=1)
        wish = {
            "kind": "article",
            "ids": [*ids, nobody],
            "change": {"add": {"tags": ["new"]}},
            "reason": "Because",
        }
        answer = await site.editor.send("POST", "/bulk", wish)
        receipt, place = answer.json(), answer.headers["location"]
        assert f"/v1/bulk/{receipt['id']}" == place

        async def told() -> Any:
            found = await site.client.get(place, headers=site.editor.headers)
            assert (200, "no-store") == (found.status_code, found.headers["cache-control"])
            return found.json()

        now = await told()
        assert ("finished", 4, 0, "Because", []) == tuple(
            now[name] for name in ("state", "entries", "unchanged", "reason", "undone_by")
        )
        assert {name: receipt[name] for name in ("id", "kind", "changed", "refused")} == {
            name: now[name] for name in ("id", "kind", "changed", "refused")
        }
        assert wish["change"] == now["change"]
        undone = await site.editor.done("POST", f"/bulk/{receipt['id']}/undo")
        assert [undone["id"]] == (await told())["undone_by"]
        for path, headers, status in (
            (place, {}, 401),
            (f"/v1/bulk/{new_id()}", site.editor.headers, 404),
            (f"/v1/bulk/{ids[0]}", site.editor.headers, 404),
            ("/v1/bulk/not-an-id", site.editor.headers, 404),
        ):
            assert status == (await site.client.get(path, headers=headers)).status_code, path
