"""Who names an entry, and what leads to nothing that readers see: page by page, and not to everybody."""

from typing import Any

from events.entry import Source
from kit.ids import named_id
from read_side.entry.pointing import broken
from tests.given.entries import Entry
from tests.projections.lives import Article
from tests.read_side.kinds.test_relations import founder
from tests.read_side.kinds.world import World
from tests.read_side.site import EDITORS, READER

MODERATORS = {"authorization": "Bearer moderator"}


async def named_by(
    world: World, one: Entry, who: dict[str, str] | None = None, limit: int = 100
) -> list[tuple[str, str, str]]:
    """Return (field, slug, state) of all who name an entry, asked for in pages."""
    return [(item["field"], item["slug"], item["state"]) for item in await all_of(
        world, f"/v1/{one.kind.path}/{one.id}/used-by", who, limit
    )]  # fmt: skip


async def all_of(world: World, path: str, who: dict[str, str] | None, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = (await world.here.get(path, who, **query)).json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


async def test_readers_are_told_of_what_they_see_and_editors_of_drafts_as_well(world: World) -> None:
    museum = world.museum("monino").publish()
    text = world.article("about", "ru", subject=museum.id)
    bureau = world.bureau("tupolev", museum=str(museum.id), founders=[founder(museum), founder(museum, "b")])
    await world.shown()
    hidden = [("founders", "tupolev", "draft"), ("museum", "tupolev", "draft"), ("subject", "about", "draft")]
    for limit in (1, 2, 100):
        assert hidden == await named_by(world, museum, EDITORS, limit)
    for who in (None, READER):
        assert [] == await named_by(world, museum, who)

    text.publish()
    bureau.publish()
    bureau.revise(museum=None, title="Tu")
    await world.shown()
    seen = [(field, slug, "published") for field, slug, _ in hidden]
    for limit in (1, 100):
        assert seen == await named_by(world, museum, None, limit)
        assert seen == await named_by(world, museum, EDITORS, limit)
    first = (await world.here.get(f"/v1/museums/{museum.id}/used-by")).json()["items"][0]
    assert {
        "field": "founders", "kind": "bureau", "id": str(bureau.id), "slug": "tupolev",
        "title": {"ru": None, "en": "Tupolev"}, "state": "published",
    } == first  # fmt: skip

    bureau.publish(founders=[])
    text.archive()
    await world.shown()
    assert [] == await named_by(world, museum)
    assert [("subject", "about", "draft")] == await named_by(world, museum, EDITORS)
    bureau.revise(museum=str(museum.id), title="Draft")
    await world.shown()
    path = f"/v1/museums/{museum.id}/used-by"
    assert [{"ru": None, "en": "Draft"}, "About"] == [
        one["title"] for one in await all_of(world, path, EDITORS, 100)
    ]


async def test_who_names_an_entry_is_the_same_after_whatever_became_of_the_draft(world: World) -> None:
    museum, other = world.museum("monino").publish(), world.museum("speyer")
    bureau = world.bureau("tupolev", museum=str(museum.id), heirs=[founder(museum, "a"), founder(other, "a")])
    both = [("heirs", "tupolev", "draft"), ("museum", "tupolev", "draft")]
    await world.shown()
    assert (both, both[:1]) == (await named_by(world, museum, EDITORS), await named_by(world, other, EDITORS))
    bureau.revise(heirs=[founder(museum, "b")])
    await world.shown()
    assert (both, []) == (await named_by(world, museum, EDITORS), await named_by(world, other, EDITORS))
    bureau.revise(museum=str(other.id), heirs=[])
    bureau.revise(title="New")
    await world.shown()
    assert [] == await named_by(world, museum, EDITORS)
    assert both[1:] == await named_by(world, other, EDITORS)
    bureau.archive()
    await world.shown()
    assert both[1:] == await named_by(world, other, EDITORS)


async def test_what_readers_do_not_see_is_not_there_for_them(world: World) -> None:
    museum = world.museum("monino")
    await world.shown()
    path = f"/v1/museums/{museum.id}/used-by"
    nothing = f"/v1/museums/{named_id('nothing')}/used-by"
    of_another_kind = f"/v1/bureaus/{museum.id}/used-by"
    told = [
        (await world.here.get(one, who)).status_code
        for who in (READER, EDITORS)
        for one in (path, nothing, of_another_kind)
    ]
    assert [404, 404, 404, 200, 404, 404] == told
    private = await world.here.get(path, EDITORS)
    assert ("private, no-store", "authorization, cookie") == (
        private.headers["cache-control"], private.headers["vary"].lower(),
    )  # fmt: skip


async def test_links_of_texts_name_an_entry_by_each_address_that_leads_to_it(world: World) -> None:
    museum = world.museum("monino").publish()
    one = world.article("tu-144", "en", body="[a](/museums/monino) [b](/articles/tu-144)")
    two = world.article("tu-154", "en", body=f"[a](/museums/{museum.id}) [b](/articles/en:tu-144)")
    world.museum("speyer", body="[a](/museums/other) [b](/museums/monino-2)")
    await world.shown()
    drafts = [("body", "tu-144", "draft"), ("body", "tu-154", "draft")]
    for limit in (1, 100):
        assert drafts == sorted(await named_by(world, museum, EDITORS, limit))
    assert drafts == sorted(await named_by(world, one, EDITORS)), "in its language, or in any"
    assert [] == await named_by(world, museum)
    one.publish()
    one.revise(body="Nothing.")
    one.revise(title="More")
    two.publish()
    two.revise(body="Nothing.")
    two.publish(title="Of nothing")
    museum.rename("monino-2")
    await world.shown()
    shown = [("body", "tu-144", "published")]
    assert shown == await named_by(world, museum), "by the former slug, in what readers see"
    assert [*shown, ("body", "speyer", "draft")] == sorted(
        await named_by(world, museum, EDITORS), key=lambda told: told[2], reverse=True
    )
    one.unpublish()
    await world.shown()
    assert [("body", "speyer", "draft")] == await named_by(world, museum, EDITORS)


async def test_an_article_is_named_by_those_that_were_translated_from_it(world: World) -> None:
    original = world.article("tu-144", "ru").publish()
    source = Source(entry=original.id, revision=1)
    other = Article(world.log, "tu-144-en", locale="en", translated_from=source)
    await world.shown()
    assert [] == await named_by(world, original)
    assert [("translated_from", "tu-144-en", "draft")] == await named_by(world, original, EDITORS)
    other.publish()
    await world.shown()
    assert [("translated_from", "tu-144-en", "published")] == await named_by(world, original)


async def broken_now(world: World, limit: int = 100) -> list[tuple[str, str, str, str]]:
    """Return (slug, field, target, reason) of what is broken, asked for in pages."""
    return sorted(
        (one["from"]["slug"], one["field"], one["to"]["target"], one["to"]["reason"])
        for one in await all_of(world, "/v1/broken-links", MODERATORS, limit)
    )


async def test_what_leads_nowhere_is_listed_with_its_reason(world: World) -> None:
    hidden, shown = world.museum("hidden"), world.museum("shown").publish()
    nobody = str(named_id("nobody"))
    links = (
        "hidden", "shown", "none", str(hidden.id), str(shown.id), nobody,
    )  # fmt: skip
    body = " ".join(f"[a](/museums/{one})" for one in links) + " [b](/articles/text) [c](/articles/en:text)"
    world.article("text", "ru", body=body, subject=hidden.id).publish()
    bureau = world.bureau("tupolev", museum=str(hidden.id), founders=[founder(nobody), founder(shown)])
    bureau.publish()
    world.bureau("draft", museum=str(hidden.id), body="[a](/museums/none)")
    bureau.revise(museum=str(shown.id), founders=[])
    await world.shown()
    expected = sorted([
        ("text", "body", "hidden", "unseen"),
        ("text", "body", "none", "missing"),
        ("text", "body", str(hidden.id), "unseen"),
        ("text", "body", nobody, "missing"),
        ("text", "body", "en:text", "missing"),
        ("text", "subject", str(hidden.id), "unseen"),
        ("tupolev", "founders", nobody, "missing"),
        ("tupolev", "museum", str(hidden.id), "unseen"),
    ])  # fmt: skip
    for limit in (1, 3, 100):
        assert expected == await broken_now(world, limit), limit
    hidden.publish()
    await world.shown()
    assert [one for one in expected if one[3] == "missing"] == await broken_now(world)
    shown.archive()
    await world.shown()
    assert {("text", "body", "shown", "unseen"), ("tupolev", "founders", str(shown.id), "unseen")} <= set(
        await broken_now(world)
    )


async def test_what_is_broken_is_for_moderators(world: World) -> None:
    for who, status in ((None, 401), (READER, 403), (EDITORS, 403), (MODERATORS, 200)):
        assert status == (await world.here.get("/v1/broken-links", who)).status_code


async def test_a_page_looks_through_so_many_entries_and_the_list_through_all(world: World) -> None:
    for number in range(broken.EXAMINED + 7):
        world.bureau(f"b-{number}").publish()
    first, last = sorted(world.entries, key=lambda one: one.id)[:: len(world.entries) - 1]
    last.publish(body="[a](/museums/none)")
    await world.shown()
    page = (await world.here.get("/v1/broken-links", MODERATORS)).json()
    assert ([], str) == (page["items"], type(page["next"]))
    expected = [(last.slug, "body", "none", "missing")]
    assert expected == await broken_now(world)
    first.publish(body="[a](/museums/none)")
    await world.shown()
    assert sorted([*expected, (first.slug, "body", "none", "missing")]) == await broken_now(world, 1)
