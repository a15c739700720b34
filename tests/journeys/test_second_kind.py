"""A kind declared in 120 lines lives the whole life, commands to query."""

from pathlib import Path

from kit.checkout import ROOT
from tests.given.museum import BUILD
from tests.servers.running import in_process, problem


def test_a_kind_is_declared_in_at_most_120_lines() -> None:
    assert len((ROOT / "tests" / "given" / "museum.py").read_text().splitlines()) <= 120


async def test_a_second_kind_lives_the_whole_life(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        editor, moderator = site.editor, site.moderator
        made = await editor.done("POST", "/museums", {"locale": "en", "title": "Monino"})
        one = f"/museums/{made['id']}"
        refused = await editor.send("PUT", f"{one}/submission", version=1)
        assert [
            {"pointer": "/flagship", "detail": "a museum is shown with its best known exhibit"}
        ] == problem(refused)["errors"]
        await editor.done("PATCH", one, {"flagship": "tu-144"}, version=1)
        await editor.done("PUT", f"{one}/submission", version=2)
        await moderator.done("POST", f"{one}/return", {"comment": "Which Tu-144?"}, version=3)
        await editor.done("PATCH", one, {"flagship": "tu-144-77106"}, version=4)
        await editor.done("POST", f"{one}/revert", {"revision": 2}, version=5)
        await editor.done("PUT", f"{one}/submission", version=6)
        await moderator.done("PUT", f"{one}/publication", {"revision": 4}, version=7)
        receipt = await moderator.done("PUT", f"{one}/slug", {"slug": "central-air-force-museum"}, version=8)
        shown = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
        assert ("tu-144", "central-air-force-museum") == (shown.json()["flagship"], shown.json()["slug"])
        moved = await site.client.get("/v1/museums/monino")
        assert (301, "/v1/museums/central-air-force-museum") == (moved.status_code, moved.headers["location"])
        listed = await site.client.get("/v1/museums", params={"flagship": "tu-144"})
        assert ["Monino"] == [item["title"] for item in listed.json()["items"]]
        await moderator.done("PUT", f"{one}/archive", version=9)
        receipt = await moderator.done("DELETE", f"{one}/archive", version=10)
        gone = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
        assert gone.status_code == 404
