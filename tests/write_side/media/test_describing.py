"""A picture is described, suppressed and restored, by those who may, on the version that they saw."""

from pathlib import Path

from tests.given.media.pictures import written
from tests.given.media.sending import registered
from tests.servers.running import in_process, problem

FILE = written("PNG")


async def test_a_picture_is_described_suppressed_and_restored(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        one = f"/media/{(await registered(site.editor, FILE))['id']}"
        said = {
            "alt": {"ru": "Самолёт", "en": "An aeroplane"},
            "author": "Anna",
            "licence": "CC0",
            "taken": {"edtf": "1941-06"},
            "focal_point": {"x": 500, "y": 250},
            "reason": "From the archive",
        }
        assert 2 == (await site.editor.done("PATCH", one, said, version=1))["version"]
        assert 3 == (await site.editor.done("PATCH", one, {"alt": {"ru": None}}, version=2))["version"]
        assert 3 == (await site.editor.done("PATCH", one, {"author": "Anna"}, version=3))["version"]
        stale = problem(await site.editor.send("PATCH", one, {"author": "Boris"}, version=1))
        assert (412, ["alt", "author", "focal_point", "licence", "taken"]) == (
            stale["status"], stale["changed"],
        )  # fmt: skip
        assert {"ru": None, "en": "An aeroplane"} == stale["theirs"]["alt"]
        assert 428 == (await site.editor.send("PATCH", one, {"author": "Boris"})).status_code
        assert (
            403
            == (
                await site.editor.send("PUT", f"{one}/suppression", {"reason": "Stolen"}, version=3)
            ).status_code
        )
        unnamed = problem(await site.moderator.send("PUT", f"{one}/suppression", {"reason": ""}, version=3))
        assert ["/reason"] == [error["pointer"] for error in unnamed["errors"]]
        gone = await site.moderator.done("PUT", f"{one}/suppression", {"reason": "Stolen"}, version=3)
        assert (4, True) == (gone["version"], gone["suppressed"])
        assert (await registered(site.editor, FILE))["suppressed"]
        back = await site.moderator.done("DELETE", f"{one}/suppression", version=4)
        assert (5, False) == (back["version"], back["suppressed"])


async def test_what_was_said_wrongly_is_refused_at_its_place(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        one = f"/media/{(await registered(site.editor, FILE))['id']}"
        for said, pointer in (
            ({"focal_point": {"x": 1001, "y": 0}}, "/focal_point/x"),
            ({"taken": {"edtf": "1941-13"}}, "/taken"),
            ({"alt": {"de": "x"}}, "/alt/de"),
            ({"size": 1}, "/size"),
        ):
            refused = problem(await site.editor.send("PATCH", one, said, version=1))
            assert (422, [pointer]) == (refused["status"], [at["pointer"] for at in refused["errors"]])
