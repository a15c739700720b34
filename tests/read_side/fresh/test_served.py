"""What polls teach: which copies are as good as the rows."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Problem
from read_side.fresh.purge import look
from read_side.fresh.served import KNOWN, TAGS, Model, PollResult, Served
from tests.projections.lives import Article
from tests.read_side.site import Site

SCHEMA = "read_entries_aaaaaaaaaaaa_1"


def seen(position: int, purges: Iterable[tuple[int, list[str]]] = (), **other: Any) -> PollResult:
    facts: dict[str, Any] = {"schema": SCHEMA, "pruned": 0, "cut": False} | other
    return PollResult("entries", position=position, purges=list(purges), **facts)


def test_a_copy_is_good_until_a_purge_after_it() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(5, [(3, ["a"])]))
    assert model.holds(SCHEMA, 3, ["a"])
    assert not model.holds(SCHEMA, 2, ["a"])
    assert model.holds(SCHEMA, 2, ["b"])
    model.saw(seen(9, [(8, ["b"])]))
    assert not model.holds(SCHEMA, 5, ["a", "b"])
    assert model.holds(SCHEMA, 8, ["a", "b"])


def test_a_copy_older_than_what_is_known_of_purges_is_not_believed() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(50, [(40, ["a"])], pruned=30))
    assert model.holds(SCHEMA, 30, ["b"])
    assert not model.holds(SCHEMA, 29, ["b"])


def test_what_was_cut_off_makes_older_copies_worthless() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(50, [(40, ["a"])], cut=True))
    assert model.holds(SCHEMA, 39, ["b"])
    assert not model.holds(SCHEMA, 38, ["b"])


def test_what_was_cut_off_gives_nothing_back_that_was_worthless_already() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(1_000, [(900, ["a"])], cut=True, pruned=1_001))
    assert not model.holds(SCHEMA, 950, ["b"])
    assert model.holds(SCHEMA, 1_001, ["b"])


def test_a_model_that_nothing_was_heard_of_for_seconds_may_be_another_one_by_now() -> None:
    now = 100.0
    served = Served({"entries": "aaaaaaaaaaaa"}, clock=lambda: now)
    served.saw(now, 10, [seen(10)])
    now += KNOWN
    assert SCHEMA == served.where(served.models["entries"])
    now += 0.1
    with pytest.raises(Problem) as refused:
        served.where(served.models["entries"])
    assert (503, "tables-unavailable") == (refused.value.status, refused.value.type)


def test_purges_pruned_before_they_were_seen_make_everything_worthless() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    assert model.saw(seen(10)) is None
    assert model.saw(seen(20, [(15, ["a"])])) == ["a"]
    assert model.saw(seen(90, [(80, ["a"])], pruned=60)) is None
    assert not model.holds(SCHEMA, 59, ["b"])


def test_rows_of_another_generation_have_their_own_copies() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(10))
    assert model.saw(seen(10, schema="read_entries_aaaaaaaaaaaa_2")) is None
    assert not model.holds(SCHEMA, 10, [])


def test_forgetting_tags_never_makes_an_old_copy_good() -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(1, [(1, ["first"])]))
    model.saw(seen(2, [(2, [f"t{n}" for n in range(TAGS)])]))
    assert not model.holds(SCHEMA, 0, ["first"])
    assert not model.holds(SCHEMA, 0, ["other"])
    assert model.holds(SCHEMA, 2, ["first", "other", "t5"])


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), max_size=12), st.data())
def test_a_copy_is_believed_exactly_when_nothing_it_shows_changed(
    batches: list[list[str]], data: st.DataObject
) -> None:
    model = Model("entries", "aaaaaaaaaaaa")
    model.saw(seen(0))
    changed: dict[str, int] = {}
    for position, tags in enumerate(batches, 1):
        changed |= dict.fromkeys(tags, position)
        model.saw(seen(position, [(position, tags)] if tags else []))
    stamp = data.draw(st.integers(0, len(batches)))
    tags = data.draw(st.lists(st.sampled_from("abcd"), max_size=3))
    assert model.holds(SCHEMA, stamp, tags) == all(changed.get(tag, 0) <= stamp for tag in tags)


async def test_polls_bring_the_purges_of_the_engine(here: Site) -> None:
    one = Article(here.log, "tu-144")
    position = await here.shown()
    model = here.read.sources.model("entries")
    assert (model.position, here.read.sources.served.head) == (position, position)
    assert model.holds(here.follower.schema, position, [f"entry:{one.id}"])
    assert not model.holds(here.follower.schema, position - 1, [f"entry:{one.id}"])


@pytest.mark.parametrize("tags", [30_000, 70_000])
async def test_a_start_reads_only_so_many_purges(here: Site, tags: int) -> None:
    for position in (1, 2, 3):
        await here.connection.execute(
            "insert into project.purge"
            " select $1, $2, array(select 't' || n from generate_series(1, $3::int) n)",
            here.follower.schema,
            position,
            tags,
        )
    served = here.read.sources.served
    model = Model("entries", here.read.sources.model("entries").fingerprint)
    served.models["entries"] = model
    epoch = await here.connection.fetchval("select log.epoch()")
    await look(here.connection, served, epoch)
    assert model.holds(here.follower.schema, 2, ["other"])
    assert not model.holds(here.follower.schema, 0, ["other"])
    assert not model.holds(here.follower.schema, 2, ["t5"])
    assert model.holds(here.follower.schema, 3, ["t5"])
