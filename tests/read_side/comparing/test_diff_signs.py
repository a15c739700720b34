"""Pieces of a difference begin and end where what readers see as one sign does (UAX 29)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from read_side.comparing.diff import Op, text_ops
from read_side.comparing.pieces import words

PAIRS = {
    "a Devanagari vowel": ("कि", "की"),
    "a Devanagari conjunct": ("हिन्दी", "हिन्ती"),
    "an Arabic vowel": ("كِتاب", "كَتاب"),
    "a Hebrew point": ("שָׁלוֹם", "שָׁלֵם"),
    "a letter above": ("и\u2de0же", "и\u2de1же"),
    "an enclosing circle": ("5\u20dd км", "5 км"),
    "a flag": ("🇷🇺 флаг", "🇷🇸 флаг"),
    "a row of flags": ("🇷🇺🇷🇸🇩🇪", "🇷🇺🇩🇪🇷🇸"),
    "a family": ("👨\u200d👩\u200d👧 семья", "👨\u200d👩\u200d👦 семья"),
    "a tone of skin": ("👍🏻 да", "👍🏿 да"),
    "a variation": ("☀\ufe0f жарко", "☀ жарко"),
    "an accent by itself": ("кафе\u0301", "кафе"),
    "Hangul in parts": ("\u1112\u1161\u11ab", "\u1112\u1161\u11ac"),
    "a mark on a space": ("a \u0301b", "a b"),
    "two line ends": ("a\r\nb", "a\rb"),
}

ALPHABET = st.sampled_from(
    [*"aя漢 \n\r!", "\u0301", "\u200d", "\ufe0f", "🇷", "🇺", "👨", "👍", "🏿", "क", "\u094d", "\u093f"]
)
TEXTS = st.lists(ALPHABET, max_size=40).map("".join)


def inside(before: str, first: str) -> bool:
    """Tell whether a character surely belongs to the sign before it."""
    if not before or before[-1] in "\r\n\t":
        return bool(before) and before[-1] == "\r" and first == "\n"
    halves = len(before) - len(before.rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return (
        unicodedata.category(first) in {"Mn", "Me", "Mc"}
        or first in "\u200d\ufe0f"
        or "\U0001f3fb" <= first <= "\U0001f3ff"
        or ("\U0001f1e6" <= first <= "\U0001f1ff" and halves % 2 == 1)
        or ("\u11a8" <= first <= "\u11ff" and "\u1160" <= before[-1] <= "\u11a7")
        or (before[-1] == "\u094d" and "\u0915" <= first <= "\u0939" and before[-2:-1] >= "\u0915")
    )


def broken(ops: list[Op]) -> list[str]:
    """Return the pieces that begin inside a sign of the text that they belong to."""
    found = []
    before = after = ""
    for sign, text in ops:
        if (sign != "+" and inside(before, text[0])) or (sign != "-" and inside(after, text[0])):
            found.append(text)
        before += text if sign != "+" else ""
        after += text if sign != "-" else ""
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_no_piece_begins_inside(name: str) -> None:
    old, new = (f"Текст {text}." for text in PAIRS[name])
    for ops in (text_ops(old, new), text_ops(new, old)):
        assert ops
        assert [] == broken(ops)


@given(TEXTS, TEXTS)
def test_whatever_the_texts_no_piece_begins_inside_a_sign(before: str, after: str) -> None:
    assert [] == broken(text_ops(before, after))


@given(TEXTS)
def test_words_together_are_the_text(text: str) -> None:
    assert text == "".join(words(text))


def test_a_very_long_word_is_compared_sign_by_sign() -> None:
    old = "и\u0306" * 500
    new = old[:400] + "я" + old[402:]
    assert [("=", old[:400]), ("-", "и\u0306"), ("+", "я"), ("=", old[402:])] == text_ops(old, new)


def test_scripts_without_spaces_are_compared_sign_by_sign() -> None:
    assert [("=", "飛行"), ("-", "機"), ("+", "船"), ("=", "です")] == text_ops("飛行機です", "飛行船です")
