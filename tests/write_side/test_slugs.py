"""Slugs are made from titles: the whole, or its first words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slugify import slugify

from kit.errors import Problem
from write_side.slugs import slug_from

LONG = (
    "Report on the loss of the Soviet supersonic airliner Tu-144 at the Paris air show of 1973, "
    "and why the commission's conclusions were not proved to be true at all"
)


def test_a_long_title_gives_its_first_words() -> None:
    first = "report-on-the-loss-of-the-soviet-supersonic-airliner-tu-144-at-the-paris-air-show-of-1973"
    assert f"{first}-and-why-the-commission-s" == slug_from(LONG)


@given(st.lists(st.sampled_from([*LONG.split(), "самолёт", "a", "x" * 119]), min_size=20).map(" ".join))
def test_a_slug_is_the_beginning_of_the_whole_cut_between_two_words(title: str) -> None:
    whole, made = slugify(title), slug_from(title)
    assert whole.startswith(made)
    assert whole[len(made) : len(made) + 1] in {"", "-"}
    assert len(made) <= 120
    following = whole[len(made) + 1 :].split("-")[0]
    assert not following or len(made) + len(following) >= 119  # the next word has no room


@pytest.mark.parametrize(
    "title", ["✈", "018f2c1e-0000-7000-8000-0000000000ab", "018F2C1E 000070008000 0000000000AB"]
)
def test_a_title_that_gives_no_slug_asks_for_one(title: str) -> None:
    with pytest.raises(Problem, match="give one") as refused:
        slug_from(title)
    assert (422, "/slug") == (refused.value.status, refused.value.errors[0]["pointer"])
