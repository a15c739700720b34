"""What the bot says fits into what Telegram takes, which counts UTF-16, and says nothing in markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.telegram.buttons import ACTS, data_of, pressed
from scripts.telegram.texts import (
    MOST_CAPTION,
    MOST_TEXT,
    Button,
    TelegramMessage,
    cut,
    fitted,
    post,
    said,
    shown,
    units,
    written,
)
from tests.servers.telegram.markup import keyboard, read

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=200)


@given(TEXTS, st.integers(1, 50))
def test_a_text_is_cut_to_so_many_units_of_utf_16_and_no_character_is_halved(text: str, most: int) -> None:
    kept = cut(text, most)
    assert units(kept) <= most
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(TEXTS, st.sampled_from(["", "🛩", "<b>", "&amp;", "ё"]), st.booleans())
def test_a_post_is_read_by_telegram_whatever_the_entry_is_called(
    title: str,
    sign: str,
    picture: bool,  # noqa: FBT001 - of a strategy
) -> None:
    most = MOST_CAPTION if picture else MOST_TEXT
    made = post(f"x{title}", sign * 5_000, 'https://example.org/?a="b"&c', picture="/p" if picture else "")
    text = read(made.text, most, "too long")
    assert text.startswith(cut(f"x{title}", most // 4).strip()[:1])
    assert not sign or units(text) > most - 10 or sign in {"", "ё"} or units(text) > 900


@pytest.mark.parametrize("locale", ["ru", "en"])
@given(TEXTS)
def test_a_submission_fits_with_the_longest_summary(locale: str, title: str) -> None:
    facts = {"title": title * 10, "summary": "🛩" * 3_000, "who": title, "revision": "7"}
    text = fitted(locale, "submitted", facts, "summary", 3_800)  # type: ignore[arg-type]
    assert "🛩" in read(text, 3_800, "too long")


def test_both_languages_say_the_same_things() -> None:
    filled = dict.fromkeys(("title", "summary", "who", "revision", "comment", "name", "details", "why"), "x")
    filled["person"] = "y"
    from scripts.telegram.texts import _texts

    assert set(_texts()["ru"]) == set(_texts()["en"])
    for what in _texts()["en"]:
        assert read(said("ru", what, **filled), MOST_TEXT, "")
        assert read(said("en", what, **filled), MOST_TEXT, "")


def test_a_button_comes_back_as_it_was_made_and_not_otherwise() -> None:
    for act in ACTS:
        data = data_of(b"k", act, 2**40, -1_000_500)
        assert len(data.encode()) < 64
        assert (act, 2**40) == pressed(b"k", data, -1_000_500)
        wrong = [(b"l", data, -1_000_500), (b"k", data, 7), (b"k", data + "A", -1_000_500)]
        wrong += [(b"k", data.replace("1099", "1098"), -1_000_500), (b"k", f"x{data}", -1_000_500)]
        wrong += [
            (b"k", text, -1_000_500) for text in ("", ".", "publish", "publish.1", "publish.x.y", "é.1.é")
        ]
        assert [None] * len(wrong) == [pressed(*one) for one in wrong]


def test_a_message_is_the_same_text_each_time() -> None:
    one = TelegramMessage("x", [Button("a", data="b"), Button("c", url="https://example.org")])
    assert written(one) == written(shown(written(one)))
    assert keyboard(one.markup) == one.markup
