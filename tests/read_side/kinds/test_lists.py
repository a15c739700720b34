"""Lists name other entries only while readers see them, and hang on each that they name."""

from typing import Any

from tests.read_side.kinds.world import World


async def items(world: World, path: str) -> list[tuple[str, Any]]:
    """Return slug and museum of each item, after checking that a kept list says the same."""
    answers = [await world.get(path) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert world.here.kept(path) is not None
    return [(one["slug"], one.get("museum")) for one in answers[0].json()["items"]]


async def test_an_entry_that_readers_do_not_see_is_in_no_list(world: World) -> None:
    museum = world.museum("monino").publish()
    world.bureau("tupolev", museum=str(museum.id)).publish()
    world.bureau("yakovlev", museum="none").publish()
    await world.shown()
    whole = "/v1/bureaus?sort=title"
    of_it, of_none = f"/v1/bureaus?museum={museum.id}", "/v1/bureaus?museum=none"
    for hide, show in ((museum.unpublish, None), (museum.archive, museum.restore)):
        assert [("tupolev", str(museum.id)), ("yakovlev", "none")] == await items(world, whole)
        assert [("tupolev", str(museum.id))] == await items(world, of_it)
        assert [("yakovlev", "none")] == await items(world, of_none)
        hide()
        await world.shown()
        assert [None, None] == [world.here.kept(path) for path in (whole, of_it)]
        assert world.here.kept(of_none) is not None
        assert [("tupolev", None), ("yakovlev", "none")] == await items(world, whole)
        assert [] == await items(world, of_it)
        if show is not None:
            show()
        museum.publish()
        await world.shown()
        assert [None, None] == [world.here.kept(path) for path in (whole, of_it)]


async def test_what_happens_to_one_kind_leaves_the_lists_of_the_others(world: World) -> None:
    world.article("a", "en").publish()
    world.museum("a").publish()
    world.bureau("a").publish()
    await world.shown()
    lists = ("/v1/articles", "/v1/museums", "/v1/bureaus", "/v1/articles?locale=en", "/v1/articles?locale=ru")
    for number, one in enumerate(world.entries):
        await world.warm(*lists)
        one.publish(title="New")
        await world.shown()
        kept = [world.here.kept(path) is not None for path in lists]
        assert [other.kind is not one.kind for other in world.entries] == kept[:3]
        assert [number != 0] * 2 == kept[3:]
