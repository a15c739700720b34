"""An address has one meaning: slugs that could be ids are refused to everybody."""

from pathlib import Path

from kit.ids import new_id
from tests.journeys.test_editor import ARTICLE
from tests.servers.running import in_process


async def test_a_slug_that_is_spelt_like_an_id_is_refused_at_creation_and_at_renaming(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        made = await site.editor.done("POST", "/articles", ARTICLE)
        for slug in (made["id"], str(new_id()), str(new_id()).replace("-", "")):
            answers = [
                await site.editor.send("POST", "/articles", ARTICLE | {"slug": slug}),
                await site.editor.send("PUT", f"/articles/{made['id']}/slug", {"slug": slug}, version=1),
            ]
            for answer in answers:
                assert 422 == answer.status_code
                assert [{"pointer": "/slug", "detail": "must not be spelt like an id"}] == answer.json()[
                    "errors"
                ]
        untitled = await site.editor.send("POST", "/articles", ARTICLE | {"title": str(new_id())})
        assert (422, "/slug") == (untitled.status_code, untitled.json()["errors"][0]["pointer"])
