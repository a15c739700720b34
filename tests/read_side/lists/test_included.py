"""Cards of the entries that others name: brought along with lists and documents, while readers see them."""

from collections.abc import Callable, Sequence
from typing import Any

from read_side.entry.brought.cards import MOST, Includes
from read_side.tables import Tables
from tests.read_side.kinds.world import VIEWS, World


def cards(member: dict[str, Any]) -> dict[str, Any]:
    """Return slugs and what the items say: field → what it brings along."""
    return {
        field: [(one["entry"]["slug"], one.get("item"), cards(one["entry"])) for one in found]
        for field, found in member.get("included", {}).items()
    }


async def test_cards_come_with_lists_and_documents(world: World) -> None:
    ulm = world.museum("ulm", status="open", area={"value": "20"}).publish()
    article = world.article("story").publish()
    hidden = world.museum("hidden")
    founders = [
        {"entry": str(one.id), "role": "founder", "place": "unknown"} for one in (article, hidden, ulm)
    ]
    world.bureau("tupolev", museum=str(ulm.id), founders=founders).publish()
    world.bureau("yakovlev", museum="none").publish()
    await world.shown()
    beside = {"place": "unknown", "role": "founder"}
    named = {
        "museum": [("ulm", None, {})],
        "founders": [("story", beside, {}), ("ulm", beside, {})],
    }
    page = await world.read("/v1/bureaus?sort=title&include=museum,founders")
    assert [named, {"museum": [], "founders": []}] == [cards(one) for one in page["items"]]
    assert named == cards(await world.read("/v1/bureaus/tupolev?include=founders,museum"))
    alone = (await world.read("/v1/bureaus?include=museum&fields=slug&sort=title"))["items"][0]
    assert ["slug", "included"] == list(alone)
    (card,) = alone["included"]["museum"]
    told = card["entry"]
    assert ("museum", str(ulm.id), "open", {"value": "20"}) == tuple(
        told[one] for one in ("kind", "id", "status", "area")
    )
    assert "branch_of" not in told, "a card names no other entries"
    assert isinstance((await world.read("/v1/bureaus/tupolev?include=museum&locale=en"))["title"], str)


async def test_cards_of_cards_come_one_step_further(world: World) -> None:
    louvre = world.museum("louvre").publish()
    partners = [{"entry": str(louvre.id), "role": "partner"}]
    ulm = world.museum("ulm", branch_of=str(louvre.id), partners=partners).publish()
    world.bureau("tupolev", museum=str(ulm.id)).publish()
    await world.shown()
    found = await world.read("/v1/bureaus/tupolev?include=museum.branch_of,museum.partners")
    assert {
        "museum": [
            (
                "ulm",
                None,
                {"branch_of": [("louvre", None, {})], "partners": [("louvre", {"role": "partner"}, {})]},
            )
        ]
    } == cards(found)


async def test_a_page_with_cards_is_dropped_when_one_of_them_changes(world: World) -> None:
    ulm, louvre = world.museum("ulm"), world.museum("louvre").publish()
    ulm.publish(branch_of=str(louvre.id))
    world.bureau("tupolev", museum=str(ulm.id)).publish()
    await world.shown()
    paths = "/v1/bureaus?include=museum.branch_of", "/v1/bureaus/tupolev?include=museum.branch_of"
    steps: tuple[Callable[[], Any], ...] = (
        lambda: ulm.publish(status="open"), lambda: louvre.publish(status="closed"), louvre.unpublish,
        louvre.publish, ulm.archive, ulm.restore, ulm.publish, lambda: ulm.rename("neu-ulm"),
    )  # fmt: skip
    for number, step in enumerate(steps):
        await world.warm(*paths)
        step()
        await world.shown()
        assert [None, None] == [world.here.kept(path) for path in paths], number
    last = await world.read(paths[1])
    assert [("neu-ulm", None, {"branch_of": [("louvre", None, {})]})] == cards(last)["museum"]


class Counting(Tables):
    """Counts the statements that are asked."""

    def __init__(self, inner: Tables) -> None:
        super().__init__("")
        self._inner = inner
        self.count = 0

    async def rows(self, sql: str, *values: Any, long: bool = False) -> Sequence[Any]:
        self.count += 1
        return await self._inner.rows(sql, *values, long=long)


async def test_the_number_of_statements_is_that_of_the_steps_however_many_items_there_are(
    world: World,
) -> None:
    louvre = world.museum("louvre").publish()
    ones = [world.museum(f"m-{one}", branch_of=str(louvre.id)).publish() for one in range(30)]
    partners = [{"entry": str(one.id), "role": "partner"} for one in ones]
    many = [world.museum(f"n-{one}", partners=partners).publish() for one in range(3)]
    await world.shown()
    counting = Counting(world.here.read.sources.tables)
    includes = Includes(VIEWS, counting)
    tree = includes.tree(["partners.branch_of", "branch_of"])
    view, schema = VIEWS["museum"], world.here.follower.schema
    for count in (1, 3):
        counting.count = 0
        found = await includes.cards([view], schema, [str(one.id) for one in many[:count]], tree)
        assert 2 == counting.count
        assert [MOST] * count == [len(one["partners"]) for one in found.of.values()], "the first of them"
        assert {"louvre"} == {
            inner["entry"]["slug"]
            for one in found.of.values()
            for partner in one["partners"]
            for inner in partner["entry"]["included"]["branch_of"]
        }
