"""A log of another lineage, or another log, behind the same address: nothing of the former one is served."""

from kit.ids import new_id
from kit.log.lineage import Lineage, lineage_of
from read_side.fresh.served import Served
from tests.projections.lives import Article
from tests.read_side.answers.world import World
from tests.read_side.fresh.test_served import SCHEMA, seen
from tests.read_side.site import Site
from tests.write_side.log.given import value

ONE, OTHER = (Lineage(new_id(), f"7312345:0000000{timeline}") for timeline in (1, 2))


async def test_what_was_kept_is_gone_when_the_log_is_another_one() -> None:
    world = World()
    world.served.begin(ONE)
    world.poll(10)
    await world.get()
    world.served.begin(OTHER)
    world.poll(10)
    assert 200 == (await world.get()).status_code
    assert 2 == len(world.calls)


async def test_an_answer_from_rows_of_the_former_log_is_not_kept_for_the_next_one() -> None:
    world = World()
    world.served.begin(ONE)
    world.poll(10)

    def begin_again() -> None:
        world.served.begin(OTHER)
        world.poll(10)

    world.during = begin_again  # between its rows and its answer
    await world.get()
    world.during = lambda: None
    await world.get()
    await world.get()
    assert 2 == len(world.calls)


def test_no_copy_is_believed_until_a_poll_has_seen_the_purges_of_the_log() -> None:
    served = Served({"entries": "aaaaaaaaaaaa"})
    model = served.models["entries"]
    model.saw(seen(9, [(8, ["a"])]))
    assert model.holds(SCHEMA, 8, ["a"])
    served.begin(OTHER)
    assert not model.holds(SCHEMA, 8, ["a"])
    assert not served.trusted
    assert model.saw(seen(7, [(5, ["a"])])) is None, "everything"
    assert model.holds(SCHEMA, 5, ["a"])
    assert not model.holds(SCHEMA, 4, ["a"])


async def test_a_log_that_gets_another_id_is_served_without_a_pause_and_without_memory(here: Site) -> None:
    for number in range(3):
        Article(here.log, f"tu-{number}").publish()
    await here.shown()
    former = here.read.sources.cache
    page = (await here.get("/v1/articles", limit=2)).json()
    await value(here.dsn, "update log.identity set id = gen_random_uuid() returning id")
    await here.polled()
    assert await lineage_of(here.connection) == here.read.sources.served.lineage
    assert former is not here.read.sources.cache
    assert 200 == (await here.get("/v1/articles/tu-1")).status_code
    assert 400 == (await here.get("/v1/articles", limit=2, cursor=page["next"])).status_code
