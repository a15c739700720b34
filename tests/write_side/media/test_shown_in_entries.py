"""An entry is published with pictures that have a licence, and words in each language of the entry."""

from pathlib import Path
from typing import Any

import pytest

from kit.ids import new_id_text
from tests.given.media.pictures import written
from tests.given.media.sending import registered
from tests.servers.running import Site, in_process, problem

FILE = written("PNG")
BOTH = {"ru": "Биплан", "en": "A biplane"}
FORCED = {"revision": 1, "force": True, "reason": "At once"}


async def fact(site: Site, media: str, title: dict[str, str]) -> str:
    text = dict.fromkeys(title, "Yes.")
    wish = {"title": title, "text": text, "pictures": [{"media": media}]}
    return f"/facts/{(await site.editor.done('POST', '/facts', wish))['id']}"


async def lacking(site: Site, one: str, wish: dict[str, Any] = FORCED) -> list[tuple[str, str]]:
    refused = problem(await site.moderator.send("PUT", f"{one}/publication", wish, version=1))
    assert (422, "/problems/not-publishable") == (refused["status"], refused["type"])
    return [(one["pointer"], one["detail"]) for one in refused["errors"]]


@pytest.mark.parametrize(
    ("said", "title", "missing"),
    [
        (
            {},
            BOTH,
            ["has no licence", "has no alternative text in Russian", "has no alternative text in English"],
        ),
        ({"licence": "CC0"}, {"en": "It flies"}, ["has no alternative text in English"]),
        ({"licence": "CC0", "alt": {"en": "A biplane"}}, BOTH, ["has no alternative text in Russian"]),
        ({"alt": BOTH}, BOTH, ["has no licence"]),
    ],
)
async def test_a_picture_without_licence_or_words_is_not_published_even_by_force(
    database: str, tmp_path: Path, said: dict[str, Any], title: dict[str, str], missing: list[str]
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        media = (await registered(site.editor, FILE))["id"]
        if said:
            await site.editor.done("PATCH", f"/media/{media}", said, version=1)
        one = await fact(site, media, title)
        assert [("/pictures/0/media", each) for each in missing] == await lacking(site, one)
        whole = {"licence": "CC0", "alt": BOTH}
        await site.editor.done("PATCH", f"/media/{media}", whole, version=2 if said else 1)
        assert 2 == (await site.moderator.done("PUT", f"{one}/publication", FORCED, version=1))["version"]


async def test_a_picture_needs_words_in_the_languages_of_the_entry_alone(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        media = (await registered(site.editor, FILE))["id"]
        await site.editor.done("PATCH", f"/media/{media}", {"licence": "CC0", "alt": {"ru": "Да"}}, version=1)
        one = await fact(site, media, {"ru": "Он летает"})
        assert 2 == (await site.moderator.done("PUT", f"{one}/publication", FORCED, version=1))["version"]


async def test_what_readers_need_of_a_picture_stays_while_a_published_entry_shows_it(
    database: str, tmp_path: Path
) -> None:
    """It may be said otherwise, not taken away; a picture that only drafts show is described at will."""
    async with in_process(database, tmp_path) as site:
        media = (await registered(site.editor, FILE))["id"]
        path, whole = f"/media/{media}", {"licence": "CC0", "alt": BOTH}
        await site.editor.done("PATCH", path, whole, version=1)
        one = await fact(site, media, BOTH)
        await site.editor.done("PATCH", path, {"licence": ""}, version=2)
        await site.editor.done("PATCH", path, whole, version=3)
        await site.moderator.done("PUT", f"{one}/publication", FORCED, version=1)
        for said, pointers in (
            ({"licence": ""}, ["/licence"]),
            ({"alt": {"ru": None}}, ["/alt/ru"]),
            ({"licence": "", "alt": {"ru": None, "en": None}}, ["/licence", "/alt/ru", "/alt/en"]),
        ):
            refused = problem(await site.editor.send("PATCH", path, said, version=4))
            assert (409, "/problems/picture-shown") == (refused["status"], refused["type"])
            assert pointers == [each["pointer"] for each in refused["errors"]]
            assert one.rpartition("/")[2] in refused["errors"][0]["detail"]
        other = {"licence": "CC BY 4.0", "alt": {"ru": "Другой биплан"}}
        await site.editor.done("PATCH", path, other, version=4)
        await site.moderator.done("DELETE", f"{one}/publication", version=2)
        assert 6 == (await site.editor.done("PATCH", path, {"licence": ""}, version=5))["version"]


async def test_what_is_no_picture_or_suppressed_is_not_published(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        media = (await registered(site.editor, FILE))["id"]
        await site.editor.done("PATCH", f"/media/{media}", {"licence": "CC0", "alt": BOTH}, version=1)
        await site.moderator.done("PUT", f"/media/{media}/suppression", {"reason": "Stolen"}, version=2)
        for each in (media, new_id_text()):
            one = await fact(site, each, BOTH | {"en": f"It flies {each}"})
            assert [("/pictures/0/media", "is no picture that is shown")] == await lacking(site, one)
