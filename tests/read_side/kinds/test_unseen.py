"""What an entry names and readers do not see: no answer for everybody tells of it."""

from typing import Any

from tests.given.entries import Entry
from tests.read_side.kinds.world import World
from tests.read_side.site import EDITORS


async def named_by_a_published_one(world: World) -> tuple[Entry, Entry]:
    """Publish a bureau that names a museum, in three revisions; the museum is not published."""
    hidden = world.museum("monino")
    items = [{"entry": str(hidden.id), "role": "founder"}]
    bureau = world.bureau("tupolev", museum=str(hidden.id), founders=items).publish()
    bureau.publish(museum=None, founders=[])
    await world.shown()
    return hidden, bureau


async def told(world: World, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = await world.here.get(path, headers or {})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_histories_tell_of_it_while_readers_see_it(world: World) -> None:
    hidden, bureau = await named_by_a_published_one(world)
    place, id_ = f"/v1/bureaus/{bureau.id}", str(hidden.id)
    ways = (f"{place}/revisions/1", f"{place}/diff?from=1&to=2", f"{place}/diff?from=2&to=1")
    for _ in range(2):
        assert [id_ in await told(world, one) for one in ways] == [False] * 3
        assert ["founder" in await told(world, one, EDITORS) for one in ways] == [True] * 3
    hidden.publish()
    await world.shown()
    assert [id_ in await told(world, one) for one in ways] == [True] * 3
    hidden.unpublish()
    await world.shown()
    assert [id_ in await told(world, one) for one in ways] == [False] * 3
