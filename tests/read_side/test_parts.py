"""A long text as parts of the one before: it comes back exactly, or not at all."""

from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from read_side.entry.parts import Damaged, TextParts, hash_of, parts_of, put_together, weight


def _parts(before: str, after: str) -> TextParts:
    return parts_of(before, after, hash_of(after))


LINES = st.lists(
    st.one_of(
        st.text("aбя\n\r\u2028 😀\u0301", max_size=30), st.sampled_from(["Первый полёт.\n", "А.\n", "x" * 40])
    ),
    max_size=12,
)


@st.composite
def edited(draw: Any, steps: int = 1) -> list[str]:
    """Return a text and what becomes of it, edit by edit."""
    lines = draw(LINES)
    texts = ["".join(lines)]
    for _ in range(steps):
        place = draw(st.integers(0, len(lines)))
        lines = lines[:place] + draw(LINES) + lines[place + draw(st.integers(0, 3)) :]
        if draw(st.booleans()):
            lines = lines[::-1]
        texts.append("".join(lines))
    return texts


@given(edited())
def test_a_text_comes_back_from_the_one_before_and_its_parts(texts: list[str]) -> None:
    before, after = texts
    assert after == put_together([(before, None), (None, _parts(before, after))])


@given(edited(steps=6), st.integers(1, 6))
def test_a_text_comes_back_over_several_revisions_whole_ones_among_them(texts: list[str], whole: int) -> None:
    rows: list[tuple[str | None, TextParts | None]] = [(texts[0], None)]
    for number, (before, after) in enumerate(pairwise(texts), 1):
        rows += [(after, None)] if number == whole else [(None, None), (None, _parts(before, after))]
    assert texts[-1] == put_together(rows)


@given(edited())
def test_parts_are_pieces_of_the_text_before_or_what_is_new(texts: list[str]) -> None:
    before, after = texts
    digest, *parts = _parts(before, after)
    assert isinstance(digest, str)
    for one in parts:
        assert one if isinstance(one, str) else 0 <= one[0] < one[1] <= len(before)


def test_of_a_changed_line_only_its_inside_is_new() -> None:
    lines = [f"{number}. It flew for the first time in 1968.\n" for number in range(40)]
    before = "".join(lines)
    after = before.replace("\n7. It flew", "\n7. It rolled out").replace("\n39. It", "\n39. She")
    _, *parts = _parts(before, after)
    assert ["rolled out", "She"] == [one for one in parts if isinstance(one, str)]


@pytest.mark.parametrize("lines", [10, 2_000])
def test_lines_that_change_places_are_not_new(lines: int) -> None:
    texts = [f"line {number} of this text\n" for number in range(lines)]
    before, after = "".join(texts), "".join(texts[lines // 2 :] + texts[: lines // 2])
    assert weight(_parts(before, after)) < 100


@given(edited(), st.integers(0, 400), st.sampled_from("zя"))
def test_a_damaged_text_is_never_told(texts: list[str], place: int, other: str) -> None:
    before, after = texts
    broken = before[:place] + other + before[place + 1 :]
    parts = _parts(before, after)
    with suppress(Damaged):
        assert after == put_together([(broken, None), (None, parts)])  # the fault is in nothing that was kept


@pytest.mark.parametrize("rows", [[], [(None, None)], [(None, _parts("a" * 50, "a" * 51))]])
def test_a_text_without_its_beginning_is_damaged(rows: list[Any]) -> None:
    with pytest.raises(Damaged):
        put_together(rows)
