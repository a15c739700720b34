"""One reading of JSON, and nothing that cannot be stored."""

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Problem
from kit.http.requests.strict_json import MAX_VALUES, depth, parse, structure_of
from tests.kit.http.application import MakeThing


def refusal(raw: bytes) -> int:
    with pytest.raises(Problem) as raised:
        parse(raw)
    return raised.value.status


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b'{"a":1,}',
        b"[1 2]",
        b"nul",
        b"{'a':1}",
        b"NaN",
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b"01",
        b"+1",
        b".5",
        b"1.",
        b'"\x01"',
        b'"\t"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-16-le"),
        "{}".encode("utf-32"),
        b'{"a":1,"a":2}',
        b'[{"b":{"a":1,"\\u0061":2}}]',
        b"{}{}",
        b'"\\x41"',
        b"9" * 4301,
        b'{"a":' + b"9" * 100_000 + b"}",
    ],
)
def test_what_is_not_json_in_utf8_is_a_400(raw: bytes) -> None:
    assert refusal(raw) == 400


@pytest.mark.parametrize(
    "raw",
    [
        rb'"\u0000"',
        rb'{"a\u0000":1}',
        rb'{"a":["\ud800"]}',
        rb'{"\uDFFF":1}',
        rb'"\udc00\ud800"',
        b"9223372036854775808",
        b"-9223372036854775809",
        b"9" * 4000,
        b"1e400",
        b"-1e400",
        b'{"a":1e999999}',
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" * 7_000 + b"]" * 7_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 1_000_000,
    ],
)
def test_what_is_json_but_cannot_be_kept_is_a_422(raw: bytes) -> None:
    assert refusal(raw) == 422


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"null", None),
        (b" [1, -2.5e3, true] ", [1, -2500.0, True]),
        (b"9223372036854775807", 2**63 - 1),
        (rb'"\ud83d\ude00 \\u0000 \\ud800"', "😀 \\u0000 \\ud800"),
        ('{"заголовок":"Ту-144"}'.encode(), {"заголовок": "Ту-144"}),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b'{"a":"' + b"[{" * 500 + rb"\"]\\" + b'"}', {"a": "[{" * 500 + '"]\\'}),
    ],
)
def test_ordinary_json_is_read(raw: bytes, expected: object) -> None:
    assert parse(raw) == expected


def test_a_problem_names_the_place_but_never_quotes_a_made_up_key() -> None:
    with pytest.raises(Problem) as raised:
        parse(rb'{"sources":[{"title":"\ud800"}]}', MakeThing)
    assert raised.value.errors == [{"pointer": "/sources/0/title", "detail": "contains a lone surrogate"}]
    with pytest.raises(Problem) as raised:
        parse(rb'{"<script>":{"title":"\u0000"}}', MakeThing)
    assert raised.value.errors == [{"pointer": "", "detail": "contains a NUL character"}]


def test_a_body_has_a_bounded_number_of_values_however_they_are_spread() -> None:
    row = b"{" + b",".join(b'"a%d":0' % number for number in range(99)) + b"}"  # with itself 100 values
    parse(b"[" + b",".join([row] * (MAX_VALUES // 100 - 1)) + b"]")
    assert 422 == refusal(b"[" + b",".join([row] * (MAX_VALUES // 100)) + b"]")
    parse(b"[" + b",".join([b"1"] * (MAX_VALUES - 1)) + b"]")
    assert 422 == refusal(b"[" + b",".join([b"1"] * MAX_VALUES) + b"]")


def test_brackets_and_commas_inside_of_texts_are_no_values() -> None:
    text = ',[{"' * MAX_VALUES
    assert {"a": text} == parse(json.dumps({"a": text}).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 1_048_576,
        b"[]," * 349_000,
        b'"[' * 500_000,
        b"\\" * 1_048_576,
        b"[" * 33 + b"]" * 4_000_000,
        b"[" + b",".join([b"1"] * 2_000_000) + b"]",
        b"[" + b",".join([b'"a"'] * 1_000_000) + b"]",
        b'["\\ud83d\\ude00",' + b",".join([b'"a"'] * 900_000) + b"]",
        b"[" + b",".join([b"{}"] * 1_300_000) + b"]",
    ],
    ids=lambda raw: f"{raw[:6].decode()}…{len(raw)}",
)
def test_a_hostile_body_costs_little(raw: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Problem):
        parse(raw)
    assert time.process_time() - started < 0.5  # 0.05 s on an idle machine


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
    max_leaves=20,
)


def _keepable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any(0xD800 <= ord(character) < 0xE000 for character in value)
    if isinstance(value, dict):
        return all(_keepable(key) and _keepable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_keepable, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@given(JSON)
def test_every_document_is_read_as_it_was_written_unless_it_cannot_be_kept(document: Any) -> None:
    raw = json.dumps(document).encode()
    if _keepable(document):
        assert parse(raw) == document
    else:
        assert refusal(raw) in {400, 422}


@given(st.text(st.sampled_from('{}[]",:0123e-.\\undtrfalse \n\x00ж')) | st.text())
def test_it_accepts_nothing_that_the_standard_reader_refuses_and_refuses_only_what_is_named(
    text: str,
) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    try:
        expected = json.loads(text, object_pairs_hook=list, parse_constant=lambda _: 1 / 0)
        readable = True
    except (ValueError, ZeroDivisionError):
        expected, readable = None, False
    if not readable or text.startswith("\ufeff"):
        assert refusal(raw) == 400
    elif _keepable(json.loads(text)) and not _repeats(expected):
        assert parse(raw) == json.loads(text)
    else:
        assert refusal(raw) in {400, 422}


def _repeats(pairs: Any) -> bool:
    """Look for a repeated key in what was read with objects as lists of pairs."""
    if isinstance(pairs, list):
        keys = [item[0] for item in pairs if isinstance(item, tuple)]
        return len(set(keys)) != len(keys) or any(map(_repeats, pairs))
    return isinstance(pairs, tuple) and _repeats(pairs[1])


@given(JSON)
def test_depth_is_measured_without_parsing(document: Any) -> None:
    assert depth(structure_of(json.dumps(document).encode())) == _deep(document)
    written = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert depth(structure_of(written)) == _deep(document)


def _deep(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_deep, value.values()), default=0)
    return 1 + max(map(_deep, value), default=0) if isinstance(value, list) else 0
