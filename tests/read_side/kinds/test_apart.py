"""What two kinds, or two languages, have under one slug: each has its own answers, copies and tags."""

import asyncio

import pytest

from events.codec import Stored
from tests.given.lives import store_raw
from tests.read_side.kinds.world import World, names, tags_of
from tests.read_side.site import EDITORS

TITLES = ["A plane", "Самолёт", {"ru": None, "en": "A museum"}, {"ru": None, "en": "A bureau"}]
PLACES = ("/v1/articles/en:tu-144", "/v1/articles/ru:tu-144", "/v1/museums/tu-144", "/v1/bureaus/tu-144")


async def four(world: World) -> None:
    """Publish four entries under one slug, each with a title of its own."""
    world.article("tu-144", "en", title="A plane").publish()
    world.article("tu-144", "ru", title="Самолёт").publish()
    world.museum("tu-144", title="A museum").publish()
    world.bureau("tu-144", title="A bureau").publish()
    await world.shown()


async def test_one_slug_leads_to_another_entry_in_each_kind_and_language(world: World) -> None:
    await four(world)
    for _ in range(2):
        titles = [(await world.read(place))["title"] for place in PLACES]
        assert TITLES == titles
    for place in PLACES:
        assert world.here.kept(place) is not None


async def test_readers_who_come_at_the_same_moment_share_no_query_of_another_kind(world: World) -> None:
    await four(world)
    for _ in range(10):
        answers = await asyncio.gather(*(world.here.get(place, EDITORS) for place in PLACES))
        assert TITLES == [one.json()["title"] for one in answers]


async def test_they_share_nothing_in_redis(shared: World) -> None:
    await four(shared)
    for _ in range(2):
        for place in PLACES:
            await shared.here.get(place, EDITORS)
        await shared.here.read.sources.cache.settled()
    await shared.agrees(*PLACES)


@pytest.mark.parametrize("number", range(4))
async def test_what_happens_to_one_of_them_leaves_what_is_kept_of_the_others(
    world: World, number: int
) -> None:
    await four(world)
    await world.warm(*PLACES)
    one = world.entries[number]
    for step in (lambda: one.publish(title="New"), lambda: one.rename("tu"), one.unpublish, one.archive):
        step()
        await world.shown()
        kept = [world.here.kept(place) is not None for place in PLACES]
        assert [place != PLACES[number] for place in PLACES] == kept
        await world.agrees(*PLACES)


async def test_an_entry_is_not_there_under_another_kind(world: World) -> None:
    await four(world)
    article, _, museum, _ = world.entries
    for kind, other in (("museums", article), ("bureaus", article), ("articles", museum)):
        place = f"/v1/{kind}/{other.id}"
        for path in ("", "/draft", "/revisions", "/revisions/1", "/diff?from=1&to=1"):
            for who in (None, EDITORS):
                answer = await world.here.get(f"{place}{path}", who)
                unknown = 401 if path == "/draft" and who is None else 404
                assert unknown == answer.status_code, (place, path)


async def test_a_slug_in_a_language_is_none_of_a_kind_that_has_one_entry_for_all(world: World) -> None:
    await four(world)
    assert [404, 404] == await world.statuses("/v1/museums/en:tu-144", "/v1/bureaus/ru:tu-144")


async def test_a_redirect_names_the_language_where_entries_have_one(world: World) -> None:
    await four(world)
    for one in world.entries:
        one.rename("tu-144-new")
    await world.shown()
    for _ in range(2):
        moved = [(await world.get(place)).headers["location"] for place in PLACES]
        assert [one.path for one in world.entries] == moved
    assert [
        "/v1/articles/en:tu-144-new",
        "/v1/articles/ru:tu-144-new",
        "/v1/museums/tu-144-new",
        "/v1/bureaus/tu-144-new",
    ] == moved


async def test_a_link_leads_to_the_kind_and_the_language_that_it_names(world: World) -> None:
    await four(world)
    ids = " ".join(f"[i](/{one.kind.path}/{one.id})" for one in world.entries)
    body = f"""[a](/articles/en:tu-144) [b](/articles/ru:tu-144) [c](/museums/tu-144) [d](/bureaus/tu-144)
    {ids} [e](/museums/{world.entries[0].id}) [f](/museums/ru:tu-144)"""
    world.museum("linking", body=body).publish()
    await world.shown()
    links = (await world.read("/v1/museums/linking"))["links"]
    assert [*TITLES, *TITLES, None, None] == [link.get("title") for link in links]
    assert ["en", "ru", None, None] == [link.get("locale") for link in links[:4]]
    assert ["article", "article", "museum", "bureau"] == [link["kind"] for link in links[:4]]


async def test_a_link_to_one_kind_does_not_hang_on_the_others(world: World) -> None:
    world.article("linking", body="[a](/museums/tu-144)").publish()
    await world.shown()
    await world.warm("/v1/articles/en:linking")
    world.article("tu-144").publish()
    world.bureau("tu-144").publish()
    await world.shown()
    assert world.here.kept("/v1/articles/en:linking") is not None
    world.museum("tu-144").publish()
    await world.shown()
    assert world.here.kept("/v1/articles/en:linking") is None
    assert [("museum", "tu-144")] == names(await world.read("/v1/articles/en:linking"), "links")


async def test_translations_are_of_the_same_kind_and_subject(world: World) -> None:
    english = world.article("tu-144", "en")
    russian = world.article("tu-144", "ru", subject=english.state.subject)
    world.article("other", "ru")
    world.museum("tu-144").publish()
    for one in world.entries[:3]:
        one.publish()
    await world.shown()
    await world.warm(english.path, russian.path)
    assert [{"locale": "ru", "slug": "tu-144"}] == (await world.read(english.path))["translations"]
    assert "translations" not in await world.read("/v1/museums/tu-144")
    russian.rename("tu-144-sst")
    await world.shown()
    assert [{"locale": "ru", "slug": "tu-144-sst"}] == (await world.read(english.path))["translations"]
    await world.agrees(english.path, russian.path)


@pytest.mark.parametrize("number", range(4))
async def test_a_parked_entry_of_one_kind_leaves_the_others_alone(world: World, number: int) -> None:
    await four(world)
    await world.warm(*PLACES)
    one = world.entries[number]
    raw = Stored(f"{one.kind.name}.unpublished", 1, b'{"no":1}')
    await world.here.store()
    await store_raw(world.here.dsn, one.id, one.state.version, raw)
    world.here._stored += 1  # noqa: SLF001 - it stands in the log, and not in the test's
    position = await world.here.shown()
    kept = [world.here.kept(place) is not None for place in PLACES]
    assert [place != PLACES[number] for place in PLACES] == kept
    for place, other in zip(PLACES, world.entries, strict=True):
        answer = await world.get(place)
        expected = str(position) if other is one else None
        assert (200, expected) == (answer.status_code, answer.headers.get("frankenjet-parked"))
        late = await world.get(place, after=position)
        assert (503 if other is one else 200) == late.status_code
    for other in world.entries:
        if other.kind.path != one.kind.path:  # of another kind it is not there, parked or not
            place = f"/v1/{other.kind.path}/{one.id}"
            for path in ("", "/draft", "/revisions", "/revisions/1", "/diff?from=1&to=1"):
                after = f"{'&' if '?' in path else '?'}after={position}"
                answer = await world.here.get(f"{place}{path}{after}", EDITORS)
                assert 404 == answer.status_code, (path, answer.text)


async def test_the_tags_of_an_answer_name_nothing_of_another_kind(world: World) -> None:
    await four(world)
    await world.warm(*PLACES, "/v1/articles/tu-144")
    for one in world.entries:
        others = {f"entry:{other.id}" for other in world.entries if other is not one}
        assert others.isdisjoint(tags_of(world.here, one.path))
    ways = {f"entry:{one.id}" for one in world.entries[:2]} | {"slug:article/tu-144"}
    assert ways == tags_of(world.here, "/v1/articles/tu-144")
