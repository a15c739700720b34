"""What an Idempotency-Key stands for: one request, its If-Match included, and who hears of a replay."""

import asyncio
from pathlib import Path

from tests.servers.running import in_process, problem

ARTICLE = {"locale": "en", "title": "Comet", "summary": "s", "body": "b", "sources": [{"title": "t"}]}
REPLAYED = "idempotency-replayed"


async def test_a_later_command_under_a_used_key_is_refused_and_not_taken_for_done(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        editor = site.editor
        made = await editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        await editor.done("PUT", f"{one}/submission", version=1, key="submit")
        await editor.done("DELETE", f"{one}/submission", version=2)
        refused = problem(await editor.send("PUT", f"{one}/submission", version=3, key="submit"))
        assert (422, "/problems/key-reused") == (refused["status"], refused["type"])
        done = await editor.done("PUT", f"{one}/submission", version=3, key="submit again")
        assert 4 == done["version"], "nothing had happened under the used key"


async def test_a_replayed_receipt_says_that_it_is_one(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        editor = site.editor
        made, again = [await editor.send("POST", "/articles", ARTICLE, key="make") for _ in range(2)]
        assert (201, None) == (made.status_code, made.headers.get(REPLAYED))
        assert (201, "true") == (again.status_code, again.headers.get(REPLAYED))
        assert (made.content, made.headers["location"]) == (again.content, again.headers["location"])
        one = f"/articles/{made.json()['id']}"
        answers = await asyncio.gather(
            *(editor.send("PATCH", one, {"title": "One"}, version=1, key="retry") for _ in range(20))
        )
        assert {made.json()["position"] + 1} == {answer.json()["position"] for answer in answers}
        assert 19 == [answer.headers.get(REPLAYED) for answer in answers].count("true")
        without = await editor.send("PATCH", one, {"title": "Two"}, version=2)
        assert REPLAYED not in without.headers
