"""The differences between two revisions."""

import json
import random
import time
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from read_side.comparing import changes as comparing
from read_side.comparing.diff import Op, text_ops

WORDS = st.sampled_from(
    ["самолёт", "Ту-144", "the", "a", ",", ".", " ", "  ", "\n", "\n\n", "й", "и\u0306", "x", "☃", "\t"]
)
FIRST, SECOND = {"entry": "a", "role": "parent"}, {"entry": "a", "role": "guest"}
TEXTS = st.lists(WORDS, max_size=40).map("".join)


def changes(before: Any, after: Any, **keys: tuple[str, ...]) -> list[dict[str, Any]]:
    return comparing.changes(before, after, keys)


def sides(ops: list[Op]) -> tuple[str, str]:
    before = "".join(text for sign, text in ops if sign != "+")
    after = "".join(text for sign, text in ops if sign != "-")
    return before, after


@given(TEXTS, TEXTS)
def test_the_pieces_make_both_texts(before: str, after: str) -> None:
    assert sides(text_ops(before, after)) == (before, after)


@given(TEXTS, TEXTS)
def test_no_two_neighbours_have_the_same_sign_and_none_is_empty(before: str, after: str) -> None:
    ops = text_ops(before, after)
    assert all(text for _, text in ops)
    assert all(one[0] != other[0] for one, other in pairwise(ops))


def test_one_changed_word_is_one_change() -> None:
    ops = text_ops("Первый полёт был в 1967 году.", "Первый полёт был в 1968 году.")
    assert ops == [("=", "Первый полёт был в "), ("-", "1967 "), ("+", "1968 "), ("=", "году.")]


def test_equal_texts_are_no_change() -> None:
    assert changes({"title": "A", "body": "x"}, {"title": "A", "body": "x"}) == []


def test_lists_change_by_items() -> None:
    before = {"tags": ["a", "b", "b"], "sources": [{"title": "x", "url": ""}]}
    after = {"tags": ["b", "c"], "sources": [{"title": "x", "url": ""}, {"title": "y", "url": ""}]}
    assert changes(before, after) == [
        {"field": "tags", "added": ["c"], "removed": ["a", "b"], "reordered": False},
        {"field": "sources", "added": [{"title": "y", "url": ""}], "removed": [], "reordered": False},
    ]


def test_a_new_order_is_a_change() -> None:
    assert changes({"tags": ["a", "b"]}, {"tags": ["b", "a"]}) == [
        {"field": "tags", "added": [], "removed": [], "reordered": True}
    ]


def test_what_is_neither_text_nor_list_is_shown_before_and_after() -> None:
    assert changes({"link": None}, {"link": "x"}) == [{"field": "link", "before": None, "after": "x"}]


def test_a_text_in_two_languages_changes_by_language() -> None:
    before = {"place": {"ru": "Монино", "en": "Monino"}}
    assert changes(before, {"place": {"ru": "Монино", "en": "Monino, Russia"}}) == [
        {"field": "place", "languages": {"en": [("=", "Monino"), ("+", ", Russia")]}}
    ]
    assert changes(before, {"place": {"ru": None, "en": "Monino"}}) == [
        {"field": "place", "languages": {"ru": [("-", "Монино")]}}
    ]


def test_items_with_a_key_come_go_and_change() -> None:
    later = SECOND | {"since": "1977"}
    new = {"entry": "c", "role": None}
    found = changes({"partners": [FIRST, SECOND]}, {"partners": [new, later]}, partners=("entry", "role"))
    changed = [{"before": SECOND, "after": later}]
    assert found == [
        {"field": "partners", "added": [new], "removed": [FIRST], "changed": changed, "reordered": False}
    ]
    turned = changes({"partners": [FIRST, SECOND]}, {"partners": [SECOND, FIRST]}, partners=("entry", "role"))
    assert turned == [{"field": "partners", "added": [], "removed": [], "changed": [], "reordered": True}]


def article_of(seed: random.Random, words: int) -> list[str]:
    common = ["в", "и", "на", "the", "of"] * 30
    vocabulary = [f"слово{n}" for n in range(900)] + common
    return [seed.choice(vocabulary) for _ in range(words)]


def test_the_way_back_says_the_same_the_other_way_round() -> None:
    before: dict[str, Any] = {"title": "A", "body": "one two three four", "tags": ["a"], "link": None}
    after: dict[str, Any] = {"title": "B", "body": "one 2 three 4", "tags": ["b"], "link": "x"}
    before |= {"place": {"ru": "Монино", "en": None}, "partners": [FIRST, SECOND]}
    after |= {"place": {"ru": "посёлок Монино", "en": "Monino"}, "partners": [SECOND | {"since": "1977"}]}
    there, back = comparing.both_ways(before, after, {"partners": ("entry", "role")})
    assert json.loads(there) == json.loads(orjson.dumps(changes(before, after, partners=("entry", "role"))))
    assert json.loads(back) == json.loads(orjson.dumps(changes(after, before, partners=("entry", "role"))))


def test_a_word_that_stayed_by_chance_is_not_told() -> None:
    ops = text_ops("Tupolev designed the intercontinental.", "Polikarpov wished the biplanefighterplane.")
    assert [
        ("-", "Tupolev designed the intercontinental"),
        ("+", "Polikarpov wished the biplanefighterplane"),
        ("=", "."),
    ] == ops


def test_five_thousand_words_with_five_hundred_changes_take_a_fraction_of_a_second() -> None:
    seed = random.Random(7)  # noqa: S311 - a fixed text, no secret
    old = article_of(seed, 5_000)
    new = list(old)
    for n in range(500):
        new[seed.randrange(len(new))] = f"новое{n}"
    before, after = " ".join(old), " ".join(new)
    took: list[float] = []
    for _ in range(3):
        started = time.process_time()
        ops = text_ops(before, after)
        took.append(time.process_time() - started)
    assert min(took) < 0.5, "0.2 s of a processor that has nothing else to do"
    assert sides(ops) == (before, after)
    assert 400 < sum(sign == "+" for sign, _ in ops) <= 500
