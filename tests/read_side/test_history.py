"""The working copy, the revisions, and what changed between any two of them."""

from typing import Any

import pytest

from events.base import Event
from events.kinds.article import ARTICLE
from read_side.entry.statement import statement
from tests.projections.lives import EDITOR, Article
from tests.read_side.site import EDITORS, READER, Site


async def asked(
    here: Site, one: Article, path: str, headers: dict[str, str] | None = None, **query: Any
) -> Any:
    answer = await here.get(f"/v1/articles/{one.id}{path}", headers, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_working_copy_is_the_newest_revision_with_its_state(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Old", body="Old text.")
    one.submit()
    one.publish()
    one.revise(title="New")
    one.submit()
    one.give_back("Sources, please.")
    await here.shown()
    answer = await here.get(f"/v1/articles/{one.id}/draft", EDITORS)
    assert answer.headers["etag"] == '"v6"'
    assert "no-store" in answer.headers["cache-control"]
    found = answer.json()
    state = {
        name: found[name]
        for name in ("draft", "submitted", "publication", "pinned", "comment", "revision", "version")
    }
    assert state == {
        "draft": "open",
        "submitted": None,
        "publication": "pinned",
        "pinned": 1,
        "comment": "Sources, please.",
        "revision": 2,
        "version": 6,
    }
    assert (found["title"], found["body"], found["slug"]) == ("New", "Old text.", "tu-144")


async def test_the_working_copy_is_for_editors_only(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    path = f"/v1/articles/{one.id}/draft"
    assert [(await here.get(path, headers)).status_code for headers in ({}, READER, EDITORS)] == [
        401,
        403,
        200,
    ]
    assert (await here.get("/v1/articles/tu-144/draft", EDITORS)).status_code == 404
    assert (await here.get(f"/v1/articles/{EDITOR}/draft", EDITORS)).status_code == 404


async def test_editors_see_every_revision_with_who_when_and_why(here: Site) -> None:
    one = Article(here.log, "tu-144", title="One")
    one.revise(title="Two", reason="a better name")
    one.publish()
    one.revise(title="One", reverts=1)
    await here.shown()
    found = await asked(here, one, "/revisions", EDITORS)
    assert [item["revision"] for item in found["items"]] == [3, 2, 1]
    assert found["next"] is None
    newest, second, first = found["items"]
    assert (newest["reverts"], newest["published_at"]) == (1, None)
    assert second["published_at"] is not None
    assert {name: second[name] for name in ("actor", "client", "reason", "changed", "version")} == {
        "actor": str(EDITOR),
        "client": "api",
        "reason": "a better name",
        "changed": ["title"],
        "version": 2,
    }
    assert "body" in first["changed"]


@pytest.mark.parametrize("away", [[ARTICLE.life.unpublished], [ARTICLE.life.archived, ARTICLE.life.restored]])
async def test_a_revision_that_was_taken_back_stays_hidden_until_it_is_published_again(
    here: Site, away: list[type[Event]]
) -> None:
    one = Article(here.log, "tu-144", title="One")
    one.publish()
    one.revise(title="A slander")
    one.publish()
    for step in away:
        one.step(step)
    one.revise(title="Three")
    one.publish()
    await here.shown()
    assert [3, 1] == [item["revision"] for item in (await asked(here, one, "/revisions"))["items"]]
    hidden = ["/revisions/2", "/diff?from=1&to=2", "/diff?from=3&to=2"]
    assert [404] * 3 == [(await here.get(f"/v1/articles/{one.id}{path}")).status_code for path in hidden]
    assert "slander" not in (await here.get(f"/v1/articles/{one.id}/diff?from=1&to=3")).text
    everything = (await asked(here, one, "/revisions", EDITORS))["items"]
    assert [3, 2, 1] == [item["revision"] for item in everything]

    one.publish(2)
    await here.shown()
    assert [3, 2, 1] == [item["revision"] for item in (await asked(here, one, "/revisions"))["items"]]
    assert "A slander" == (await asked(here, one, "/revisions/2"))["content"]["title"]


async def test_a_long_history_comes_in_pages(here: Site) -> None:
    one = Article(here.log, "tu-144")
    for number in range(6):
        one.revise(title=f"T{number}")
    await here.shown()
    numbers, cursor = [], None
    while True:
        found = await asked(
            here, one, "/revisions", EDITORS, limit=3, **({"cursor": cursor} if cursor else {})
        )
        numbers += [item["revision"] for item in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert numbers == [7, 6, 5, 4, 3, 2, 1]


async def test_a_revision_is_whole(here: Site) -> None:
    one = Article(here.log, "tu-144", title="One", body="First.", tags=("a",))
    one.revise(title="Two")
    one.revise(body="Third.")
    await here.shown()
    second = await asked(here, one, "/revisions/2", EDITORS)
    assert (second["id"], second["revision"]) == (str(one.id), 2)
    content = second["content"]
    assert (content["title"], content["body"], content["tags"]) == ("Two", "First.", ["a"])
    assert (await asked(here, one, "/revisions/3", EDITORS))["content"]["body"] == "Third."


async def test_a_diff_shows_each_changed_field(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Tu", body="Первый полёт был в 1967 году.", tags=("a", "b"))
    one.revise(body="Первый полёт был в 1968 году.", tags=["b", "c"])
    await here.shown()
    found = await asked(here, one, "/diff", EDITORS, **{"from": 1, "to": 2})
    assert (found["from"], found["to"]) == (1, 2)
    assert {change["field"]: change for change in found["changes"]} == {
        "body": {
            "field": "body",
            "ops": [["=", "Первый полёт был в "], ["-", "1967 "], ["+", "1968 "], ["=", "году."]],
        },
        "tags": {"field": "tags", "added": ["c"], "removed": ["a"], "reordered": False},
    }
    back = await asked(here, one, "/diff", EDITORS, **{"from": 2, "to": 1})
    assert {"field": "tags", "added": ["a"], "removed": ["c"], "reordered": False} in back["changes"]
    assert (await asked(here, one, "/diff", EDITORS, **{"from": 2, "to": 2}))["changes"] == []


@pytest.mark.parametrize("headers", [{}, READER])
async def test_readers_see_what_was_published_and_nothing_else(here: Site, headers: dict[str, str]) -> None:
    one = Article(here.log, "tu-144", title="One")
    one.revise(title="Secret")
    one.revise(title="Three")
    one.publish(1)
    one.publish(3)
    one.revise(title="Four")
    await here.shown()
    place = f"/v1/articles/{one.id}"
    found = await asked(here, one, "/revisions", headers)
    assert [item["revision"] for item in found["items"]] == [3, 1]
    assert (await asked(here, one, "/revisions/3", headers))["content"]["title"] == "Three"
    assert (await here.get(f"{place}/diff", headers, **{"from": 1, "to": 3})).status_code == 200
    for hidden in ("/revisions/2", "/revisions/4", "/diff?from=1&to=2", "/diff?from=3&to=4"):
        assert (await here.client.get(place + hidden, headers=headers)).status_code == 404
    one.step(ARTICLE.life.unpublished)
    await here.shown()
    for gone in ("/revisions", "/revisions/1", "/revisions/3", "/diff?from=1&to=3"):
        assert (await here.client.get(place + gone, headers=headers)).status_code == 404
        assert (await here.client.get(place + gone, headers=EDITORS)).status_code == 200


async def test_what_an_editor_sees_never_reaches_a_reader(here: Site) -> None:
    one = Article(here.log, "tu-144", title="One")
    one.publish()
    one.revise(title="Secret")
    await here.shown()
    path = f"/v1/articles/{one.id}/revisions"
    for headers, count in ((EDITORS, 2), ({}, 1), (EDITORS, 2), ({}, 1), ({}, 1)):
        answer = await here.get(path, headers)
        assert len(answer.json()["items"]) == count
        assert answer.headers["vary"].startswith("authorization")
        assert answer.headers["cache-control"].startswith("private" if headers else "public")


@pytest.mark.parametrize(
    "path",
    [
        "/revisions/0",
        "/revisions/x",
        "/revisions/9223372036854775808",
        "/revisions/99",
        "/diff?from=1&to=99",
    ],
)
async def test_a_revision_that_is_not_there_is_a_404(here: Site, path: str) -> None:
    one = Article(here.log, "tu-144")
    await here.shown()
    assert (await here.client.get(f"/v1/articles/{one.id}{path}", headers=EDITORS)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/diff",
        "/diff?from=1",
        "/diff?from=0&to=1",
        "/diff?from=1&to=1&x=1",
        "/revisions?limit=0",
        "/revisions?cursor=x",
        "/draft?x=1",
    ],
)
async def test_bad_parameters_are_refused(here: Site, path: str) -> None:
    one = Article(here.log, "tu-144")
    await here.shown()
    answer = await here.client.get(f"/v1/articles/{one.id}{path}", headers=EDITORS)
    assert answer.status_code == 400


async def test_a_long_history_costs_the_document_nothing(here: Site) -> None:
    """Pages of the document's rows that are read do not grow with the number of revisions."""
    one = Article(here.log, "tu-144", body="text")
    for number in range(300):
        one.revise(title=f"T{number}")
    one.publish()
    short = Article(here.log, "short", body="text")
    short.publish()
    await here.shown()
    sql = statement(here.follower.schema, "slug")
    read = []
    for slug in ("tu-144", "short"):
        await here.connection.fetchrow(sql, ["article"], [slug])
        whole = sql.replace("$1", "'{article}'").replace("$2", f"'{{{slug}}}'")
        plan = await here.connection.fetchval(f"explain (analyze, buffers, format json) {whole}")
        read.append(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
    assert read[0] <= read[1] + 3
