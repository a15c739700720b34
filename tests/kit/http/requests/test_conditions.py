"""If-Match, If-None-Match and Idempotency-Key, letter by letter."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Problem
from kit.http.requests.conditions import Edited, idempotency_key, if_match, if_none_match, version_tag


def refusal(header: str | None) -> int:
    with pytest.raises(Problem) as raised:
        if_match(header)
    return raised.value.status


@given(st.integers(1, 2**62))
def test_the_tag_of_what_is_edited_names_its_version(version: int) -> None:
    assert if_match(version_tag(version)) == version


def test_a_missing_if_match_is_a_428() -> None:
    assert refusal(None) == 428


@pytest.mark.parametrize(
    "header",
    [
        "*",
        "",
        "v7",
        "7",
        'W/"v7"',
        '"v7", "v8"',
        '"v7",',
        ' "v7"',
        '"v7" ',
        '"v7',
        'v7"',
        '"v0"',
        '"v01"',
        '"v4611686018427387905"',
        '"v99999999999999999999999999"',
        '"v7\t"',
        '"a b"',
        '"v\u0667"',
        "null",
    ],
)
def test_an_if_match_that_is_not_one_strong_tag_of_a_version_is_a_400(header: str) -> None:
    assert refusal(header) == 400


@pytest.mark.parametrize(
    "header", ['"3f9a.12.en.json"', '"v"', '"vx"', '"v-7"', '"v7-gzip"', '""', '"a,b"', '"V7"']
)
def test_the_tag_of_a_public_answer_is_a_412_that_points_to_the_draft(header: str) -> None:
    with pytest.raises(Problem, match="does not belong to a draft") as raised:
        if_match(header, Edited("draft", "Read the draft"))
    assert (raised.value.status, raised.value.type) == (412, "not-a-draft-tag")
    assert "draft" in raised.value.detail


@given(st.text())
def test_whatever_if_match_says_it_is_a_version_or_a_refusal(header: str) -> None:
    with suppress(Problem):
        assert header == f'"v{if_match(header)}"'


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (None, False),
        ('"a"', True),
        ('W/"a"', True),
        ("*", True),
        ('"b", *', True),
        ('*, "b"', True),
        ('"b", W/"a"', True),
        ('"b","c" , "a"', True),
        (', ,"a"', True),
        ('"b"', False),
        ('"aa"', False),
        ("a", False),
        ('"a', False),
        ('"b" "a"', False),
        ('"b" *', False),
        ("**", False),
        ('"a" x', False),
        ('"b", a', False),
        ("", False),
    ],
)
def test_if_none_match_compares_weakly(header: str | None, same: bool) -> None:  # noqa: FBT001 - a column of the table
    assert if_none_match(header, '"a"') is same
    assert if_none_match(header, 'W/"a"') is same


TAG = st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E), max_size=8).map(lambda text: f'"{text}"')


@given(st.lists(st.tuples(st.booleans(), TAG)), TAG)
def test_a_tag_is_found_wherever_it_stands_in_the_list(tags: list[tuple[bool, str]], tag: str) -> None:
    header = ", ".join(f"W/{text}" if weak else text for weak, text in tags)
    assert if_none_match(header, tag) is any(text == tag for _, text in tags)


@given(st.text(), TAG)
def test_a_garbled_list_never_fails(header: str, tag: str) -> None:
    assert if_none_match(header, tag) in {True, False}


@pytest.mark.parametrize("key", ["a", "k" * 255, "order 17/2", "~!@#$%^&*()"])
def test_a_printable_key_is_taken_as_it_is(key: str) -> None:
    assert idempotency_key(key) == key


def test_no_key_is_no_key() -> None:
    assert idempotency_key(None) is None


@pytest.mark.parametrize("key", ["", "k" * 256, "a\x00", "a\tb", "ключ", "\x7f", "a\n"])
def test_a_key_that_is_long_empty_or_not_printable_is_a_400(key: str) -> None:
    with pytest.raises(Problem) as raised:
        idempotency_key(key)
    assert raised.value.status == 400
