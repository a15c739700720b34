"""JSON as RFC 8259 means it, with the ambiguous and the unstorable refused: one reading for every reader."""

import json
import math
import re
from itertools import accumulate
from typing import Any

from kit.errors import Problem
from kit.http.requests.phrases import pointer
from kit.problem_types import INVALID_BODY, INVALID_JSON

MAX_DEPTH = 32
"""Arrays and objects inside each other."""

MAX_VALUES = 2_000
"""Values in a document, lists and objects among them; an empty one of those may count as two. A body of 4 MB
could hold two million, each of which costs more than its bytes."""

_MAX_DIGITS = 4300
"""The longest number that Python reads; a longer one is treated as not readable at all."""

_INT64 = 2**63
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'[]{},"')
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""The escapes that can make a NUL or half a surrogate pair."""


def parse(raw: bytes, model: Any = None) -> Any:
    """Read a JSON document.

    Args:
        raw: the body as it came.
        model: what it is meant to be; a refusal names places by its fields and by nothing else.

    Raises:
        Problem: 400 when it is not UTF-8, not JSON, starts with a byte order mark, repeats a key or has a
            number of more than 4,300 digits; 422 when it nests deeper than 32, has more than 2,000 values,
            has a number that fits neither 64 bits nor a double, or holds a NUL or a lone surrogate in any
            text or key.
    """
    openings = raw.count(b"[") + raw.count(b"{")
    if openings > MAX_DEPTH or raw.count(b",") + openings >= MAX_VALUES:
        _check_structure(raw)
    try:
        document = _DECODER.decode(raw.decode())
    except (ValueError, RecursionError):  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise Problem(INVALID_JSON, "The body is not JSON in UTF-8.") from None
    if _SUSPECT_ESCAPE.search(raw):
        _refuse_unstorable(document, model)
    return document


def depth(structure: bytes) -> int:
    """Return how deep a document nests that has these brackets and commas."""
    brackets = structure.replace(b",", b"")
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def structure_of(raw: bytes) -> bytes:
    """Return the brackets and commas of a document outside of its texts, without parsing it."""
    outside_escapes = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(outside_escapes.translate(None, _NOT_STRUCTURE).split(b'"')[::2])


def _check_structure(raw: bytes) -> None:
    """Refuse what would cost much to parse, or would make the parser recurse."""
    structure = structure_of(raw)
    if structure.count(b",") + structure.count(b"[") + structure.count(b"{") >= MAX_VALUES:
        raise _unfit(f"has more than {MAX_VALUES:,} values")
    if depth(structure[: 2 * MAX_VALUES]) > MAX_DEPTH:  # behind that are brackets that close nothing
        raise _unfit("is nested deeper than 32 levels")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(INVALID_JSON, "An object in the body has the same key twice.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("too many digits")
    value = int(digits)
    if not -_INT64 <= value < _INT64:
        raise _unfit("has a whole number that does not fit 64 bits")
    return value


def _number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _unfit("has a number that is too large")
    return value


def _constant(_name: str) -> float:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def _refuse_unstorable(document: Any, model: Any) -> None:
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        texts = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, dict) else ()
        flaw = next(filter(None, map(_flaw, texts)), None)
        if flaw is not None:
            raise _unfit(flaw, pointer(place, model))
        if isinstance(value, dict):
            waiting.extend(((*place, key), item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend(((*place, index), item) for index, item in enumerate(value))


def _flaw(text: str) -> str | None:
    if "\x00" in text:
        return "contains a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains a lone surrogate"
    return None


def _unfit(detail: str, place: str = "") -> Problem:
    errors = [{"pointer": place, "detail": detail}]
    return Problem(INVALID_BODY, errors=errors)
