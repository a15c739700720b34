"""A slug without a language: one visible owner is shown or redirected to, of several there is a choice."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.given.entries import Entry
from tests.read_side.kinds.world import World, tags_of
from tests.read_side.site import EDITORS

BARE = "/v1/articles/tu-144"


async def two(world: World, *, published: bool = True) -> tuple[Entry, Entry]:
    """Make two articles of one slug: the English one is published, the Russian one perhaps."""
    english = world.article("tu-144", "en", title="Plane").publish()
    russian = world.article("tu-144", "ru", title="Самолёт")
    if published:
        russian.publish()
    await world.shown()
    return english, russian


def back(one: Entry) -> None:
    """Take an entry out of the archive and show it again."""
    one.restore()
    one.publish()


def choice(one: Entry) -> dict[str, Any]:
    shown = {"id": str(one.id), "locale": one.locale, "slug": one.slug, "title": one.state.content["title"]}
    return shown | {"location": one.path}


async def test_of_one_visible_owner_there_is_no_choice(world: World) -> None:
    english, russian = await two(world, published=False)
    for _ in range(2):
        assert str(english.id) == (await world.read(BARE))["id"]
    russian.publish()
    english.unpublish()
    await world.shown()
    assert str(russian.id) == (await world.read(BARE))["id"]
    await world.agrees(BARE)


async def test_of_two_there_is_a_choice_in_the_order_of_languages(world: World) -> None:
    english, russian = await two(world)
    for _ in range(2):
        answer = await world.get(BARE)
        assert (300, {"choices": [choice(english), choice(russian)]}) == (answer.status_code, answer.json())
    places = [one["location"] for one in answer.json()["choices"]]
    assert ["Plane", "Самолёт"] == [(await world.read(place))["title"] for place in places]


async def test_a_former_slug_leads_to_the_present_one_in_its_language(world: World) -> None:
    english = world.article("tu-144", "en").publish()
    english.rename("tu-144-sst")
    world.article("tu-144", "ru")
    await world.shown()
    for _ in range(2):
        answer = await world.get(BARE)
        assert (301, "/v1/articles/en:tu-144-sst") == (answer.status_code, answer.headers["location"])
    assert "/v1/articles/en:tu-144-sst" == (await world.from_rows(BARE))[1]
    assert str(english.id) == (await world.read("/v1/articles/tu-144-sst"))["id"]


async def test_a_choice_names_the_present_slug_of_an_entry_whose_former_one_it_is(world: World) -> None:
    english, russian = await two(world)
    english.rename("tu-144-sst")
    await world.shown()
    for _ in range(2):
        assert [choice(english), choice(russian)] == (await world.get(BARE)).json()["choices"]


@pytest.mark.parametrize("state", ["draft", "unpublished", "archived", "restored"])
async def test_what_readers_do_not_see_makes_no_address_ambiguous(world: World, state: str) -> None:
    english, russian = await two(world, published=state != "draft")
    steps: dict[str, list[Callable[[], Any]]] = {
        "draft": [],
        "unpublished": [russian.unpublish],
        "archived": [russian.archive],
        "restored": [russian.archive, russian.restore],
    }
    for step in steps[state]:
        step()
    await world.shown()
    for _ in range(2):
        assert str(english.id) == (await world.read(BARE))["id"]
    hidden = {f"entry:{russian.id}"}
    assert hidden < tags_of(world.here, BARE)


async def changed(world: World, step: Callable[[], Any], status: int) -> None:
    """Check that what is kept under the bare slug is dropped by a step, and what stands there then."""
    await world.warm(BARE)
    step()
    await world.shown()
    assert world.here.kept(BARE) is None
    await world.agrees(BARE)
    assert status == (await world.get(BARE)).status_code


async def test_a_kept_answer_is_dropped_for_each_thing_that_happens_to_the_other_language(
    world: World,
) -> None:
    world.article("tu-144", "en").publish()
    await world.shown()
    await world.warm(BARE)
    russian = world.article("tu-144", "ru")
    await world.shown()
    assert world.here.kept(BARE) is None, "it hangs on the other one from its claim on"
    await changed(world, russian.publish, 300)
    await changed(world, russian.unpublish, 200)
    await changed(world, russian.publish, 300)
    await changed(world, lambda: russian.rename("tu-144-ru"), 300)
    await changed(world, lambda: russian.release("tu-144"), 200)
    await changed(world, lambda: russian.rename("tu-144"), 300)
    await changed(world, russian.archive, 200)
    await changed(world, lambda: back(russian), 300)


async def test_a_kept_choice_is_dropped_for_each_thing_that_happens_to_one_of_them(world: World) -> None:
    english, russian = await two(world)
    for one in (english, russian):
        await changed(world, lambda one=one: one.publish(title="New"), 300)  # type: ignore[misc]
        assert "New" in (await world.get(BARE)).text
        await changed(world, one.unpublish, 200)
        await changed(world, one.publish, 300)
        await changed(world, one.archive, 200)
        await changed(world, lambda one=one: back(one), 300)  # type: ignore[misc]
        await changed(world, lambda one=one: one.rename(f"{one.locale}-tu"), 300)  # type: ignore[misc]
        await changed(world, lambda one=one: one.release("tu-144"), 200)  # type: ignore[misc]
        await changed(world, lambda one=one: one.rename("tu-144"), 300)  # type: ignore[misc]


async def test_a_kept_redirect_is_dropped_when_the_slug_is_claimed_again(world: World) -> None:
    english = world.article("tu-144", "en").publish()
    english.rename("tu-144-sst")
    await world.shown()
    await world.warm(BARE)
    russian = world.article("tu-144", "ru")
    await world.shown()
    await changed(world, russian.publish, 300)
    await changed(world, lambda: english.release("tu-144"), 200)
    await changed(world, lambda: russian.rename("tu-144-ru"), 301)
    await changed(world, lambda: world.article("tu-144", "en").publish(), 300)
    russian.release("tu-144")
    await world.shown()
    assert 200 == (await world.get(BARE)).status_code


async def test_a_slug_of_two_kinds_is_ambiguous_in_neither(world: World) -> None:
    world.article("tu-144", "en").publish()
    world.museum("tu-144").publish()
    await world.shown()
    assert [200, 200] == await world.statuses(BARE, "/v1/museums/tu-144")
    await world.warm(BARE)
    world.bureau("tu-144").publish()
    await world.shown()
    assert world.here.kept(BARE) is not None


async def test_fields_and_after_of_a_choice_and_of_a_redirect(world: World) -> None:
    english, russian = await two(world)
    position = await world.shown()
    whole = (await world.get(BARE)).json()
    for query in ({"fields": "title"}, {"after": position}, {"fields": "title,id", "after": position}):
        for _ in range(2):
            assert (300, whole) == ((await world.get(BARE, **query)).status_code, whole)
            assert whole == (await world.get(BARE, **query)).json()
    assert 400 == (await world.get(BARE, fields="none")).status_code
    english.rename("tu")
    russian.unpublish()
    position = await world.shown()
    moved = await world.get(BARE, fields="title", after=position)
    assert 301 == moved.status_code
    assert f"/v1/articles/en:tu?fields=title&after={position}" == moved.headers["location"]
    assert {"title": "Plane"} == (await world.get(moved.headers["location"])).json()


@pytest.mark.parametrize("headers", [{}, EDITORS])
async def test_only_a_document_is_ever_unchanged(world: World, headers: dict[str, str]) -> None:
    """RFC 9110, 13.2.1: conditions are for what would be a 2xx."""
    english, russian = await two(world)
    for status in (300, 301, 200):
        for _ in range(2):  # made now, and kept
            answer = await world.here.get(BARE, headers)
            assert status == answer.status_code
            for tag in {answer.headers.get("etag", '"x"'), "*"}:
                again = await world.here.get(BARE, headers | {"if-none-match": tag})
                unchanged = 304 if status == 200 else status
                assert unchanged == again.status_code, (status, tag)
        if status == 300:
            english.rename("tu")
            russian.unpublish()
        else:
            english.rename("tu-144")
        await world.shown()


async def test_head_tells_what_get_does(world: World) -> None:
    english, russian = await two(world)
    places = [BARE, english.path, russian.path]
    english.rename("tu")
    await world.shown()
    for place in [*places, english.path]:
        for _ in range(2):
            head = await world.here.client.head(place)
            answer = await world.get(place)
            assert (answer.status_code, b"") == (head.status_code, head.content)
            same = ("location", "etag", "content-length", "content-type", "cache-control", "vary")
            assert [answer.headers.get(one) for one in same] == [head.headers.get(one) for one in same], place
