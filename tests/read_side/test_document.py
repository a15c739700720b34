"""What readers see under a slug or an id."""

from typing import Any

import pytest

from events.entry import Source
from events.kinds.article import ARTICLE
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site


async def document(here: Site, address: object, **query: Any) -> dict[str, Any]:
    answer = await here.get(f"/v1/articles/{address}", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_published_article_can_be_read(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Ту-144", body="Первый.", summary="s", tags=("sst",), locale="ru")
    one.publish()
    await here.shown()
    found = await document(here, "tu-144")
    moments = [found.pop(name) for name in ("published_at", "first_published_at", "updated_at")]
    assert all(moment.endswith("Z") for moment in moments)
    assert found == {
        "id": str(one.id),
        "kind": "article",
        "subject": str(one.subject),
        "locale": "ru",
        "slug": "tu-144",
        "revision": 1,
        **{one.name: one.spelt(one.empty) for one in ARTICLE.fields},
        "title": "Ту-144",
        "summary": "s",
        "body": "Первый.",
        "tags": ["sst"],
        "links": [],
        "relations": [],
        "related": [],
        "translations": [],
        "translated_from": None,
    }


async def test_it_can_be_read_by_its_id(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    assert await document(here, one.id) == await document(here, "tu-144")


async def test_later_revisions_are_not_shown_before_they_are_published(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Old", body="Old text.")
    one.publish()
    one.revise(title="New", body="New text.")
    await here.shown()
    found = await document(here, "tu-144")
    assert (found["title"], found["body"], found["revision"]) == ("Old", "Old text.", 1)
    one.publish()
    await here.shown()
    found = await document(here, "tu-144")
    assert (found["title"], found["body"], found["revision"]) == ("New", "New text.", 2)


@pytest.mark.parametrize(
    "address", ["tu-144", "nothing", "Not-A-Slug", "018f2c1e-0000-7000-8000-000000000001", "я"]
)
async def test_what_is_not_published_is_not_there(here: Site, address: str) -> None:
    one = Article(here.log, "tu-144")
    await here.shown()
    assert (await here.get(f"/v1/articles/{address}")).status_code == 404
    assert (await here.get(f"/v1/articles/{one.id}")).status_code == 404
    assert (await here.get(f"/v1/articles/{one.id}", EDITORS)).status_code == 404


@pytest.mark.parametrize("step", [ARTICLE.life.unpublished, ARTICLE.life.archived])
async def test_what_is_put_away_is_gone_at_once(here: Site, step: Any) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    await document(here, "tu-144")
    one.step(step)
    await here.shown()
    assert (await here.get("/v1/articles/tu-144")).status_code == 404


async def test_every_former_slug_leads_straight_to_the_present_one(here: Site) -> None:
    one = Article(here.log, "concordski")
    one.publish()
    one.rename("tu")
    one.rename("tu-144")
    await here.shown()
    for former in ("concordski", "tu"):
        answer = await here.get(f"/v1/articles/{former}")
        assert (answer.status_code, answer.headers["location"]) == (301, "/v1/articles/en:tu-144")
    answer = await here.get("/v1/articles/tu", fields="title")
    assert answer.headers["location"] == "/v1/articles/en:tu-144?fields=title"
    one.release("tu")
    await here.shown()
    assert (await here.get("/v1/articles/tu")).status_code == 404
    other = Article(here.log, "tu")
    other.publish()
    await here.shown()
    assert (await document(here, "tu"))["id"] == str(other.id)


async def test_a_released_slug_of_a_cached_redirect_is_free_at_once(here: Site) -> None:
    one = Article(here.log, "old")
    one.publish()
    one.rename("new")
    await here.shown()
    assert [(await here.get("/v1/articles/old")).status_code for _ in range(2)] == [301, 301]
    one.release("old")
    await here.shown()
    assert (await here.get("/v1/articles/old")).status_code == 404


async def test_translations_are_named_once_they_are_published(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    assert (await document(here, "tu-144"))["translations"] == []
    source = Source(entry=one.id, revision=1)
    other = Article(here.log, "tu-144-ru", locale="ru", subject=one.subject, translated_from=source)
    await here.shown()
    assert (await document(here, "tu-144"))["translations"] == []
    other.publish()
    await here.shown()
    assert (await document(here, "tu-144"))["translations"] == [{"locale": "ru", "slug": "tu-144-ru"}]
    assert (await document(here, "tu-144-ru"))["translated_from"] == {"entry": str(one.id), "revision": 1}
    other.rename("tu-144-russian")
    await here.shown()
    assert (await document(here, "tu-144"))["translations"] == [{"locale": "ru", "slug": "tu-144-russian"}]


async def test_links_name_the_present_slug_and_title_of_what_readers_can_see(here: Site) -> None:
    hidden = Article(here.log, "hidden", title="Secret")
    one = Article(
        here.log,
        "tu-144",
        body="[a](/articles/concordski) [b](/articles/hidden) [c](/articles/nobody) "
        f"[d](/articles/{hidden.id})",
    )
    one.publish()
    await here.shown()
    targets = ("concordski", "hidden", "nobody", str(hidden.id))
    plain = [{"kind": "article", "slug": target} for target in targets]
    assert (await document(here, "tu-144"))["links"] == plain
    other = Article(here.log, "concordski", title="Concorde")
    await here.shown()
    assert (await document(here, "tu-144"))["links"] == plain
    other.publish()
    other.rename("concorde")
    await here.shown()
    named = {"kind": "article", "locale": "en", "slug": "concorde", "title": "Concorde"}
    assert (await document(here, "tu-144"))["links"] == [named, *plain[1:]]
    other.step(ARTICLE.life.unpublished)
    await here.shown()
    assert (await document(here, "tu-144"))["links"] == plain


async def test_only_the_wanted_members_come(here: Site) -> None:
    one = Article(here.log, "tu-144", title="Tu-144")
    one.publish()
    await here.shown()
    assert await document(here, "tu-144", fields="title,slug") == {"slug": "tu-144", "title": "Tu-144"}


@pytest.mark.parametrize(
    "query",
    ["fields=secret", "fields=", "fields=title,", "unknown=1", "after=x", "after=-1", "after=1&after=2"],
)
async def test_bad_parameters_are_refused(here: Site, query: str) -> None:
    answer = await here.client.get(f"/v1/articles/tu-144?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_holds_the_answer_gets_304_until_it_changes(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    first = await here.get("/v1/articles/tu-144")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    for headers in (
        {"if-none-match": tag},
        {"if-none-match": f'"x", W/{tag}', "cache-control": "no-cache"},
        {"if-none-match": tag} | EDITORS,
    ):
        again = await here.get("/v1/articles/tu-144", headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    partly = await here.get("/v1/articles/tu-144", {"if-none-match": tag}, fields="title")
    assert partly.status_code == 200
    one.revise(title="Tu-144")
    one.publish()
    await here.shown()
    changed = await here.get("/v1/articles/tu-144", {"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_head_says_what_get_would(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    for _ in range(2):
        head = await here.client.head("/v1/articles/tu-144")
        get = await here.get("/v1/articles/tu-144")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
        assert head.headers["etag"] == get.headers["etag"]


async def test_nothing_internal_is_sent(here: Site) -> None:
    one = Article(here.log, "tu-144")
    one.publish()
    await here.shown()
    for headers in ({}, {}, EDITORS):
        answer = await here.get("/v1/articles/tu-144", headers)
        assert not [name for name in answer.headers if name.startswith("x-frankenjet")]


async def test_of_very_many_links_the_first_thousand_are_told(here: Site) -> None:
    other = Article(here.log, "t-999", title="The last one")
    other.publish()
    one = Article(here.log, "tu-144", body=" ".join(f"[a](/articles/t-{n})" for n in range(2_500)))
    one.publish()
    await here.shown()
    links = (await document(here, "tu-144"))["links"]
    assert [f"t-{n}" for n in range(1_000)] == [link["slug"] for link in links]
    assert {"kind": "article", "locale": "en", "slug": "t-999", "title": "The last one"} == links[-1]
