"""An entry is published while the licence of its picture is taken away."""

import asyncio
from pathlib import Path

import httpx2

from tests.given.media.sending import registered
from tests.servers.running import in_process, problem
from tests.write_side.media.test_shown_in_entries import BOTH, FILE, FORCED, fact

ROUNDS = 30


async def test_nothing_is_published_with_a_picture_whose_licence_was_taken_away_just_before(
    database: str, tmp_path: Path
) -> None:
    """The other order is not ruled out: who takes it away may have looked before the entry was published."""
    async with in_process(database, tmp_path) as site:
        media = (await registered(site.editor, FILE))["id"]
        path, whole = f"/media/{media}", {"licence": "CC0", "alt": BOTH}
        version = (await site.editor.done("PATCH", path, whole, version=1))["version"]

        async def published(one: str, seconds: float) -> httpx2.Response:
            await asyncio.sleep(seconds)
            return await site.moderator.send("PUT", f"{one}/publication", FORCED, version=1)

        for number in range(ROUNDS):
            one = await fact(site, media, {locale: f"{title} {number}" for locale, title in BOTH.items()})
            entry, picture = await asyncio.gather(
                published(one, number % 10 * 0.003),
                site.editor.send("PATCH", path, {"licence": ""}, version=version),
            )
            if entry.status_code == 200:
                assert picture.status_code in {200, 409}, picture.text
                if picture.status_code == 200:
                    assert entry.json()["position"] < picture.json()["position"]
                await site.moderator.done("DELETE", f"{one}/publication", version=2)
            else:
                told = problem(entry)["type"]
                assert told in {"/problems/not-publishable", "/problems/others-changed"}
            if picture.status_code == 200:
                version = picture.json()["version"]
                version = (await site.editor.done("PATCH", path, whole, version=version))["version"]
