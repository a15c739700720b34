"""Lines are sorted as readers of Russian and English look things up."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.alphabet import sort_key

ORDERED = [
    ["авиация", "ёж", "Ёлка", "Ель", "Енот", "Жук", "Яна"],
    ["еж", "Еж", "ёж", "Ёж", "ежи"],
    ["Игра", "Ион", "Йод", "Кот"],
    ["Airbus", "de Havilland", "Éclair", "Fokker", "Łódź", "Lufthansa", "Ørsted", "Zeppelin"],
    ["a", "A", "á", "ab"],
    ["«Буран»", "1914", "707", "Boeing", "Авро"],
    ["Ту", "Ту 144", "Ту-144", "Ту-22", "Туполев"],
]


@pytest.mark.parametrize("words", ORDERED)
def test_letters_come_first_then_marks_then_capitals(words: list[str]) -> None:
    mixed = random.Random(1).sample(words, len(words))  # noqa: S311 - a mixture, not a secret
    assert words == sorted(mixed, key=sort_key)


@given(st.text(max_size=300))
def test_every_line_has_a_key_that_an_index_and_a_cursor_can_hold(line: str) -> None:
    assert len(sort_key(line)) < 1_400
    assert b"\x00" not in sort_key(line.replace("\x00", ""))


@pytest.mark.parametrize("sign", ["\U0001f600", "한", "ΐ", "ﬃ", "\u1fb7", "𝒜", "e\u0301\u0302\u0303\u0304"])
def test_the_longest_lines_have_one_too(sign: str) -> None:
    assert len(sort_key((sign * 300)[:300])) < 1_400
