"""Cursors that somebody made himself, even with the right key, and those of other processes and runs."""

from typing import Any

import asyncpg
import pytest

from kit.ids import new_id
from read_side.answers.paging import KEY, Cursors
from read_side.entry.kinds import VIEWS
from read_side.entry.lists.page import Asked
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site, served

VIEW = VIEWS["article"]
ID = str(new_id())
MOMENT = "2026-01-31T12:00:00Z"

BROKEN: list[tuple[Any, ...]] = [
    (), (None, None), ([], {}), (2**70, 5), (-1, 5), (True, 5), (1e300, 5), ({}, 5), ("a", ID), ("a", -1),
    ("a", 2**63), ("a", 1.5), ("a",), ("a", 5, 1), (MOMENT, "x"), (MOMENT,), (MOMENT, 5, 1), (MOMENT, ID),
]  # fmt: skip
"""Sort values that no list has."""

FORGED = {
    "title": [*BROKEN, ("x" * 1_001, 5), ("a\x00b", 5)],
    "published_at": [
        *BROKEN, (ID, 5), ("infinity", 5), ("0000-01-01T00:00:00Z", 5), ("2026-01-31T12:00:00", 5),
        ("2026-13-31T12:00:00Z", 5), ("9999-12-31T23:59:59-23:59", 5), ("0001-01-01T00:00:00+23:59", 5),
    ],
}  # fmt: skip


async def cursors_of(dsn: str) -> Cursors:
    """Return what seals cursors by the secret, which nobody who only asks over HTTP can read."""
    connection = await asyncpg.connect(dsn)
    try:
        key = await connection.fetchval(KEY)
        return Cursors(key, await connection.fetchval("select id from log.identity"))
    finally:
        await connection.close()


@pytest.mark.parametrize("sort", ["-published_at", "published_at", "title", "-title"])
async def test_what_a_cursor_holds_is_checked_before_the_database_is_asked(here: Site, sort: str) -> None:
    Article(here.log, "comet").publish()
    await here.shown()
    cursors = await cursors_of(here.dsn)
    question = Asked(None, {}, sort, 20).question(VIEW)
    good = (MOMENT if "published" in sort else "a title", 5)
    assert 200 == (await here.get("/v1/articles", sort=sort, cursor=cursors.seal(question, good))).status_code
    for values in FORGED[sort.removeprefix("-")]:
        answer = await here.get("/v1/articles", sort=sort, cursor=cursors.seal(question, values))
        assert (400, "/problems/invalid-cursor") == (answer.status_code, answer.json()["type"]), values


async def test_the_cursor_of_a_history_is_checked_too(here: Site) -> None:
    one = Article(here.log, "comet")
    one.publish()
    await here.shown()
    place = f"/v1/articles/{one.id}/revisions"
    cursors = await cursors_of(here.dsn)
    for values in ((), (0,), (-1,), (2**31,), (2**70,), ("1",), (None,), (1.5,), (True,), (1, 1)):
        cursor = cursors.seal(f"article {one.id} revisions", values)
        answer = await here.get(place, EDITORS, cursor=cursor)
        assert (400, "/problems/invalid-cursor") == (answer.status_code, answer.json()["type"]), values


async def test_nothing_that_a_bot_knows_makes_a_cursor(here: Site) -> None:
    Article(here.log, "comet").publish()
    await here.shown()
    lineage = here.read.sources.served.lineage
    assert lineage is not None
    question = Asked(None, {}, "-published_at", 20).question(VIEW)
    for known in (lineage.log.bytes * 2, str(lineage.log).encode()[:32], bytes(32)):
        cursor = Cursors(known, lineage.log).seal(question, (MOMENT, 5))
        assert 400 == (await here.get("/v1/articles", cursor=cursor)).status_code


async def test_a_cursor_holds_in_another_process_and_after_a_restart(here: Site) -> None:
    for number in range(3):
        Article(here.log, f"a-{number}").publish()
    await here.shown()
    first = (await here.get("/v1/articles", limit=2)).json()
    async with served(here.dsn) as (_, another):
        rest = await another.get("/v1/articles", params={"limit": 2, "cursor": first["next"]})
        assert first == (await another.get("/v1/articles", params={"limit": 2})).json()
    assert (200, ["a-0"]) == (rest.status_code, [item["slug"] for item in rest.json()["items"]])


async def test_only_readers_may_read_the_key(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        allowed = await connection.fetch(
            "select r, has_table_privilege(r, 'auth.secret', 'select') as reads,"
            " has_table_privilege(r, 'auth.secret', 'insert, update, delete') as writes"
            " from unnest(array['frankenjet_read', 'frankenjet_write', 'frankenjet_project']) r"
        )
    finally:
        await connection.close()
    found = {row["r"]: (row["reads"], row["writes"]) for row in allowed}
    assert {
        "frankenjet_read": (True, False),
        "frankenjet_write": (False, False),
        "frankenjet_project": (False, False),
    } == found
