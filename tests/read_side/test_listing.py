"""Lists of published articles: filters, sorts, cursors."""

from typing import Any

import pytest

from events.kinds.article import ARTICLE
from read_side.entry.kinds import VIEWS
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site

VIEW = VIEWS["article"]


async def listed(here: Site, **query: Any) -> dict[str, Any]:
    answer = await here.get("/v1/articles", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def slugs(here: Site, **query: Any) -> list[str]:
    return [item["slug"] for item in (await listed(here, **query))["items"]]


async def some(here: Site) -> list[Article]:
    ones = [
        Article(here.log, "yak", title="Як-42", tags=("jet", "soviet"), category="aircraft", locale="ru"),
        Article(here.log, "comet", title="Comet", tags=("jet",), category="aircraft"),
        Article(here.log, "tupolev", title="Tupolev", tags=("soviet",), category="people"),
    ]
    for one in ones:
        one.publish()
    Article(here.log, "draft", title="Draft", tags=("jet",))
    await here.shown()
    return ones


async def test_a_list_shows_what_is_published_newest_first(here: Site) -> None:
    one, *_ = await some(here)
    found = await listed(here)
    assert [item["slug"] for item in found["items"]] == ["tupolev", "comet", "yak"]
    assert found["next"] is None
    item = found["items"][-1]
    assert item.pop("published_at") == item.pop("updated_at")
    assert item == {
        "id": str(one.id),
        "locale": "ru",
        "slug": "yak",
        "title": "Як-42",
        "summary": "",
        "tags": ["jet", "soviet"],
        "category": "aircraft",
        "revision": 1,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"locale": "ru"}, ["yak"]),
        ({"tag": "jet"}, ["comet", "yak"]),
        ({"tag": ["jet", "soviet"]}, ["yak"]),
        ({"category": "people"}, ["tupolev"]),
        ({"category": "aircraft", "locale": "en", "tag": "jet"}, ["comet"]),
        ({"category": "nothing"}, []),
        ({"sort": "title"}, ["comet", "tupolev", "yak"]),
        ({"sort": "-title"}, ["yak", "tupolev", "comet"]),
        ({"sort": "published_at"}, ["yak", "comet", "tupolev"]),
    ],
)
async def test_lists_can_be_filtered_and_sorted(
    here: Site, query: dict[str, Any], expected: list[str]
) -> None:
    await some(here)
    assert await slugs(here, **query) == expected


@pytest.mark.parametrize("sort", ["-published_at", "published_at", "title", "-title"])
async def test_pages_make_the_whole_list(here: Site, sort: str) -> None:
    for number in range(7):
        Article(here.log, f"a-{number}", title="Same" if number % 2 else "Other").publish()
    await here.shown()
    whole = await slugs(here, sort=sort)
    assert len(whole) == 7
    found, cursor = [], None
    while True:
        query = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
        one = await listed(here, **query)
        found += [item["slug"] for item in one["items"]]
        cursor = one["next"]
        if cursor is None:
            break
    assert found == whole


async def test_only_the_wanted_members_of_items_come(here: Site) -> None:
    await some(here)
    found = await listed(here, fields="title,slug", limit=1)
    assert found["items"] == [{"slug": "tupolev", "title": "Tupolev"}]
    assert found["next"]


async def test_each_member_of_an_item_and_of_a_document_can_come_alone(here: Site) -> None:
    await some(here)
    for member in VIEW.list_fields:
        items = (await listed(here, fields=member))["items"]
        assert [[member]] * 3 == [list(item) for item in items]
    for member in VIEW.document_fields:
        assert [member] == list((await here.get("/v1/articles/comet", fields=member)).json())


async def test_a_cursor_belongs_to_its_list(here: Site) -> None:
    await some(here)
    cursor = (await listed(here, limit=1))["next"]
    assert (await here.get("/v1/articles", limit=2, cursor=cursor)).status_code == 200
    turned = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for query in (
        {"cursor": cursor, "sort": "title"},
        {"cursor": cursor, "locale": "ru"},
        {"cursor": cursor, "tag": "jet"},
        {"cursor": turned},
        {"cursor": cursor + "A"},
        {"cursor": "x"},
        {"cursor": "я"},
    ):
        answer = await here.get("/v1/articles", **query)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=9223372036854775808",
        "sort=revision",
        "locale=de",
        "fields=body",
        "unknown=1",
        "locale=ru&locale=en",
        "category=%00",
        "category=",
        "tag=" + "&tag=".join("abcdefghijk"),
    ],
)
async def test_bad_parameters_are_refused(here: Site, query: str) -> None:
    answer = await here.client.get(f"/v1/articles?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_change_of_what_is_listed_shows(here: Site) -> None:
    one, *_ = await some(here)
    assert await slugs(here, locale="ru") == ["yak"]
    one.rename("yak-42")
    await here.shown()
    assert await slugs(here, locale="ru") == ["yak-42"]
    one.step(ARTICLE.life.unpublished)
    await here.shown()
    assert await slugs(here, locale="ru") == []


async def test_editors_see_the_same_list(here: Site) -> None:
    await some(here)
    assert (await here.get("/v1/articles", EDITORS)).content == (await here.get("/v1/articles")).content


async def test_a_list_takes_one_statement_however_long_it_is(here: Site) -> None:
    await some(here)
    await listed(here, limit=1)  # the key of the cursors is read once
    asked: list[str] = []

    def note(record: Any) -> None:
        asked.append(record.query)

    tables = here.read.sources.tables
    for pool in (tables._pool, tables._long):  # noqa: SLF001 - there is no other way to count
        async with pool.acquire() as connection:
            connection.add_query_logger(note)
    for path in ("/v1/articles", "/v1/articles?limit=1", "/v1/articles/yak"):
        asked.clear()
        assert (await here.get(path, EDITORS)).status_code == 200
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("locale", "titles"),
    [
        ("ru", ["авиация", "еж", "ёж", "Ёлка", "Ель", "Енот", "Жук", "Яна"]),
        ("en", ["Airbus", "de Havilland", "Éclair", "Fokker", "Zeppelin"]),
    ],
)
@pytest.mark.parametrize("limit", [2, 20])
async def test_titles_are_sorted_as_readers_look_them_up(
    here: Site, locale: str, titles: list[str], limit: int
) -> None:
    for number, title in enumerate(reversed(titles)):
        Article(here.log, f"a-{number}", title=title, locale=locale).publish()
    await here.shown()
    for sort, expected in (("title", titles), ("-title", titles[::-1])):
        found, query = [], {"sort": sort, "limit": limit, "locale": locale}
        while True:
            one = await listed(here, **query)
            found += [item["title"] for item in one["items"]]
            if one["next"] is None:
                break
            query["cursor"] = one["next"]
        assert expected == found


async def test_publications_of_one_moment_are_listed_in_their_order(here: Site) -> None:
    ones = [Article(here.log, f"a-{number}", title="Same") for number in range(12)]
    for one in ones:
        one.publish()
    await here.shown()
    expected = [one.slug for one in ones]
    await here.connection.execute(f"update {here.follower.schema}.facets_article set published_at = now()")
    assert expected[::-1] == await slugs(here, sort="-published_at")
    assert expected == await slugs(here, sort="published_at")
    assert expected == await slugs(here, sort="title")
