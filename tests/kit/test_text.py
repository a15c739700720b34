"""Lines and texts: what they may hold, and the one form in which they are stored."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.kinds.article import ARTICLE
from kit.text import line, shows, spaced, text, web_address
from write_side.entry.bodies import create_body

CreateArticle = create_body(ARTICLE)

BLANKS = [
    "\u200b", "\u00ad", "\u2060", "\u3164", "\u2800", "\u034f", "\u200e", "\u061c", "\u180e", "\U000e0041",
    "\ufe0f", "\u0301", "\ufeff", "\u115f", "\u17b5",
]  # fmt: skip
HIDDEN = [
    "a\u200bb", "a\u200db", "я\u200cз", "a\u200e", "\u202eab", "a\u2028b", "a\u00adb", "a\ufe0fb", "a\ufffeb",
    "a\ufdd0", "a\U0001ffff", "a\u0085b", "a\tb", "a\nb", "a\x7f", "\U0001f3f4\U000e0067\U000e007f",
    "a\u2800b", "a\ufffcb", "a\ue000", "a\U000f0000", "a\U0010fffd",
    "a\ud800", " \ufe0f", "\u0645\u200c", "\u200d\u2708",
]  # fmt: skip
"""What shows nothing between letters of Latin and Cyrillic, at an end, or anywhere."""


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000", "  \u2003 "])
def test_a_blank_line_is_empty(blank: str) -> None:
    assert "" == line(blank)


@pytest.mark.parametrize("value", [*(blank * 3 for blank in BLANKS), *HIDDEN])
def test_a_line_that_hides_something_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="must"):
        line(value)


@pytest.mark.parametrize(
    "value",
    [
        "Ту-144", "«Ту-144» — № 1", "Éclair", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937", "\U0001f468\u200d\u2708\ufe0f", "1\ufe0f\u20e3", "❤\ufe0f\u200d🔥",
        "\u0d28\u0d4d\u200d", "葛\U000e0100",
        "שָׁלוֹם", "ไม่", "Ту\u00a0144", "x" + "\u0301\u0302\u0303\u0304",
    ],
)  # fmt: skip
def test_signs_and_joiners_that_a_script_needs_stay(value: str) -> None:
    assert value == line(value)


def test_a_line_has_no_character_that_unicode_does_not_assign() -> None:
    points = [*range(0x10000), 0x1FFDF, 0xE0080, 0xE1000]
    unassigned = [chr(point) for point in points if unicodedata.category(chr(point)) == "Cn"]
    assert len(unassigned) > 1_000
    for sign in unassigned:
        for value in (sign, f"Ту{sign}-144", f"Ἀετός{sign}", f"שָׁלוֹם{sign}"):
            with pytest.raises(ValueError, match="printable"):
                line(value)


@pytest.mark.parametrize("sign", ["\u1680", "\u0600", "\u06dd", "\U000110bd", "\U00013430"])
def test_a_sign_that_counts_as_not_printable_and_is_may_stand_in_a_line(sign: str) -> None:
    assert f"٣{sign}٤" == line(f"٣{sign}٤")


def test_both_spellings_of_a_title_are_one() -> None:
    assert "Éclair ёж" == line(" E\u0301clair е\u0308ж ")


@pytest.mark.parametrize("letter", ["x", "ж", "ש", "क", "あ"])
def test_a_letter_carries_four_marks_and_no_more(letter: str) -> None:
    four = f"{letter}\u0300\u0316\u0317\u0330"
    assert unicodedata.normalize("NFC", four) == line(four)
    with pytest.raises(ValueError, match="more than 4 marks"):
        line(f"a {four}\u0331 b")


@given(st.text(max_size=20))
def test_a_line_that_is_stored_is_taken_again_as_it_is(value: str) -> None:
    try:
        stored = line(value)
    except ValueError:
        return
    assert stored == line(stored)
    assert (not stored) == (not shows(stored))


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\x0bb", "a\x7f", "я\x85", "a\u202eb", "a\u2067b", "a\ud800", "я\x1b"]
)
def test_a_text_without_controls_and_turns_of_direction(bad: str) -> None:
    with pytest.raises(ValueError, match="must not"):
        text(bad)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_a_text_takes_everything_else_as_it_is(value: str) -> None:
    turns = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    value = "".join(sign for sign in value if sign not in turns)
    assert (value if shows(value) else "") == text(value)
    assert f"a\r\n\t{value}" == text(f"a\r\n\t{value}")


@pytest.mark.parametrize("blank", ["\n\u200b\n", " \n ", "\u3164", "\ufeff", "\t"])
def test_a_text_that_shows_nothing_is_empty(blank: str) -> None:
    assert "" == text(blank)


@pytest.mark.parametrize("bad", ["https://a:b@c.org/", "https://a@c.org", "https://[x"])
def test_the_address_of_a_page_holds_no_password(bad: str) -> None:
    with pytest.raises(ValueError, match="must"):
        web_address(bad)
    assert "https://c.org/@a" == web_address("https://c.org/@a")


@pytest.mark.parametrize(
    "bad", ["http:///a", "https://?a", "https://:80/", "http://c.org:99999/", "https://c.org:x"]
)
def test_the_address_of_a_page_leads_to_a_host(bad: str) -> None:
    with pytest.raises(ValueError, match="must"):
        web_address(bad)
    assert ["", "https://ёж.рф:8443/a"] == [web_address(""), web_address("https://ёж.рф:8443/a")]


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2003", "\u3000", "  ", " \u00a0 "])
def test_blanks_of_every_kind_are_one_space_in_what_is_compared(blank: str) -> None:
    assert "a b" == spaced(f"a{blank}b")
    body = {"locale": "en", "title": f"a{blank}b", "category": f"a{blank}b"}
    assert "a b" == CreateArticle.model_validate(body).category
    with pytest.raises(ValidationError, match="each item once"):
        CreateArticle.model_validate(body | {"tags": ["a b", f"a{blank}b"]})


def test_marks_in_a_row_are_counted_before_they_are_sorted() -> None:
    piled = "a" + "\u0301\u0316" * 4_000
    began = time.process_time()
    for _ in range(200):  # as many as an article may have sources
        with pytest.raises(ValueError, match="more than 4 marks"):
            line(piled)
    assert time.process_time() - began < 1.5  # 12.8 s when each was sorted first
