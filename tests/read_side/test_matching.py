"""The parts of two sequences are those that difflib finds, as far as the budget reaches."""

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from read_side.entry.diff import text_ops
from read_side.entry.matching import parts

ITEMS = st.lists(st.sampled_from("abcdefg "), max_size=60)

SIGNS = "!?"
"""What stands between the words of the earlier text, and of the later one."""


def hostile(words: int, sign: str) -> str:
    """Return a text all of whose runs are short: no other has its words between these signs."""
    return sign.join(f"w{number:05}" for number in range(words))


@given(ITEMS, ITEMS)
def test_the_parts_are_those_of_difflib(old: list[str], new: list[str]) -> None:
    expected = SequenceMatcher(None, old, new).get_opcodes()
    assert expected == [tuple(part) for part in parts(old, new, [10**9]) or ()]


@pytest.mark.parametrize("words", [300, 3_000])
def test_many_popular_items_are_left_out_as_difflib_does(words: int) -> None:
    old = [f"{number % 7}" if number % 3 else f"w{number}" for number in range(words)]
    new = [f"{number % 5}" if number % 3 else f"w{number}" for number in range(words)]
    expected = SequenceMatcher(None, old, new).get_opcodes()
    assert expected == [tuple(part) for part in parts(old, new, [10**9]) or ()]


def test_what_is_walked_again_and_again_is_paid_for() -> None:
    old, new = ([word for n in range(4_000) for word in (f"w{n}", sign)] for sign in SIGNS)
    budget = [3_000_000]
    assert parts(old, new, budget) is None
    assert budget[0] < 0


def test_texts_of_short_runs_are_compared_all_the_same() -> None:
    before, after = (f"{sign} {hostile(25_000, sign)} {sign * 3}" for sign in SIGNS)
    ops = text_ops(before, after)
    assert before == "".join(text for sign, text in ops if sign in "=-")
    assert after == "".join(text for sign, text in ops if sign in "=+")
