"""The runs of two rows: exact where they are short, and linear in time where they are long."""

import random
from difflib import SequenceMatcher
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from read_side.comparing.matching import (
    SIDE,
    Budget,
    Run,
    common_end,
    common_start,
    packed,
    runs,
    unique_runs,
)

ITEMS = st.lists(st.sampled_from("abcdefg "), max_size=60).map("".join)


def covered(found: list[Run]) -> int:
    return sum(run.length for run in found)


def sound(old: str, new: str, found: list[Run]) -> bool:
    """Tell whether runs are runs of both, in order and apart."""
    return all(old[run.old :][: run.length] == new[run.new :][: run.length] for run in found) and all(
        one.old + one.length <= two.old
        and one.new + one.length <= two.new
        and (one.old + one.length, one.new + one.length) != (two.old, two.new)
        for one, two in pairwise(found)
    )


def longest(old: str, new: str) -> int:
    """Return the length of a longest common subsequence, slowly."""
    row = [0] * (len(new) + 1)
    for a in old:
        before = 0
        for j, b in enumerate(new, 1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


@given(ITEMS, ITEMS)
def test_of_short_rows_as_much_is_found_as_there_is(old: str, new: str) -> None:
    found = runs(old, new, Budget())
    assert sound(old, new, found)
    assert longest(old, new) == covered(found)


@given(ITEMS, ITEMS)
def test_what_is_found_by_single_items_is_sound(old: str, new: str) -> None:
    assert sound(old, new, unique_runs(old, new))


@given(ITEMS, ITEMS)
def test_common_ends_are_found_whole(old: str, new: str) -> None:
    start, end = common_start(old, new), common_end(old, new)
    assert old[:start] == new[:start]
    assert old[start : start + 1] != new[start : start + 1] or start == min(len(old), len(new))
    assert old[len(old) - end :] == new[len(new) - end :]
    assert end == min(len(old), len(new)) or old[-end - 1] != new[-end - 1]


def test_items_are_packed_the_same_for_the_same() -> None:
    one, other = packed(["ab", "c", "ab"], ["c", "d"])
    assert one[0] == one[2]
    assert one[1] == other[0]
    assert 3 == len({*one, *other})


def test_a_long_row_without_single_items_is_cut_where_32_in_a_row_are_single() -> None:
    seed = random.Random(3)  # noqa: S311 - a fixed text, no secret
    old = "".join(seed.choice("abcd") for _ in range(20 * SIDE))
    new = "x" + old[5 * SIDE : 12 * SIDE] + "y" + old[12 * SIDE :] + "z"  # more is gone than a window holds
    found = runs(old, new, Budget())
    assert sound(old, new, found)
    assert covered(found) > 14 * SIDE


def test_a_long_row_that_cannot_be_cut_is_compared_through_a_window() -> None:
    old = "ab" * (4 * SIDE)
    new = "".join("c" if n % 50 == 0 else item for n, item in enumerate(old))
    found = runs(old, new, Budget())
    assert sound(old, new, found)
    assert covered(found) >= len(old) - len(old) // 50 - 1


def test_once_many_runs_were_told_short_ones_are_left_out() -> None:
    seed = random.Random(3)  # noqa: S311 - a fixed text, no secret
    old, new = ("".join(seed.choice("abcd") for _ in range(900)) for _ in range(2))
    budget = Budget(runs=10)
    found = runs(old, new, budget)
    assert sound(old, new, found)
    assert all(run.length >= 4 for run in found[1:-1])
    assert covered(found) < covered(runs(old, new, Budget()))


@given(ITEMS, ITEMS)
def test_at_least_as_much_is_found_as_by_the_standard_library(old: str, new: str) -> None:
    theirs = sum(
        block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    assert covered(runs(old, new, Budget())) >= theirs
