"""A bot that began late names entries by titles that it asks the API for."""

from pathlib import Path
from typing import Any

from scripts.bot.names import Names
from scripts.bot.teller import Teller
from tests.servers.running import as_processes

ACTOR = "018f0000-0000-7000-8000-000000007c1e"

DRAFT = {"locale": "ru", "title": "Ту-144", "summary": "С.", "body": "Т.", "sources": [{"title": "Р"}]}


def archived(entry: str) -> dict[str, Any]:
    """Return an event that tells no title."""
    return {"type": "article.archived", "subject": f"article/{entry}", "actor": ACTOR, "data": {}}


async def test_titles_are_those_that_readers_see_else_those_of_drafts(database: str, tmp_path: Path) -> None:
    async with as_processes(database, tmp_path) as (running, site):
        draft = await site.editor.done("POST", "/articles", DRAFT)
        seen = await site.editor.done("POST", "/articles", DRAFT | {"title": "Ант-25"})
        path = f"/articles/{seen['id']}"
        await site.editor.done("PUT", f"{path}/submission", version=1)
        await site.moderator.done("PUT", f"{path}/publication", {"revision": 1}, version=2)
        last = await site.editor.done("PATCH", path, {"title": "АНТ-25"}, version=3)
        assert 200 == (await site.editor.send("GET", f"{path}/draft?after={last['position']}")).status_code

        async def said(token: str, *entries: str) -> list[str]:
            lines: list[str] = []
            teller = Teller(Names(running.url, token), lines.append, json_output=False)
            for entry in entries:
                await teller.show(archived(entry), b"")
            return [line.partition(" was")[0] for line in lines]

        token = site.moderator.headers["Authorization"].partition(" ")[2]
        assert ["«Ант-25»", "«Ту-144»"] == await said(token, seen["id"], draft["id"])
        assert [f"article {ACTOR[:8]}"] == await said(token, ACTOR), "there is no such entry"
        assert [f"article {draft['id'][:8]}", "«Ант-25»"] == await said("", draft["id"], seen["id"])
        assert [f"article {seen['id'][:8]}"] == await said("no token", seen["id"])
