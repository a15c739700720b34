"""What to tell a caller about an invalid field or parameter: in words of ours, never in theirs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_KNOWN_AT_MOST = 40

_PHRASES: Mapping[str, str] = {
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "datetime_type": "must be a moment such as 2026-01-31T12:00:00Z",
    "dict_type": "must be an object",
    "float_type": "must be a number",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large",
    "int_type": "must be a whole number",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "literal_error": "must be one of {expected}",
    "missing": "is required",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "string_pattern_mismatch": "must look like {pattern}",
    "string_type": "must be a string",
}

_LENGTHS = {"string_too_long", "string_too_short", "too_long", "too_short"}

_PLAIN_NAME = re.compile(r"(?!eyJ|fjb_)[A-Za-z][A-Za-z0-9_-]{0,31}")
"""What a mistyped name looks like; of anything else nobody knows what it is, so it is not repeated."""


def phrase(error: Mapping[str, Any]) -> str:
    """Say what is wrong, given one of pydantic's errors; the input itself is not quoted."""
    known = _PHRASES.get(error["type"])
    context = error.get("ctx") or {}
    if known is not None:
        return known.format(**context)
    if error["type"] in _LENGTHS:
        return _length(context, "character" if isinstance(error.get("input"), str) else "item")
    if error["type"].startswith("our_"):
        return str(error["msg"])
    if error["type"] == "value_error":
        message = str(context.get("error", ""))
        if message and not any(piece in message for piece in _texts(error.get("input"))):
            return message
    return "is not valid"


def _length(context: Mapping[str, Any], unit: str) -> str:
    """Say how long something may be; of the bound alone it cannot be told what it counts."""
    most = context.get("max_length")
    if most is None and context["min_length"] == 1:
        return "must not be empty"
    bound, count = ("at least", context["min_length"]) if most is None else ("at most", most)
    return f"must have {bound} {count:,} {unit}{'' if count == 1 else 's'}"


def unknown(name: str, known: Iterable[str], what: str) -> tuple[str, str]:
    """Return a name that is not known, where it may be repeated, and what to say of it.

    Args:
        name: as it came; repeated only if it looks like a name.
        known: those that there are.
        what: "field" or "parameter".
    """
    there = ", ".join(list(known)[:_KNOWN_AT_MOST])
    more = f"; known are: {there}" if there else ""
    if _PLAIN_NAME.fullmatch(name):
        return name, f"is not known here{more}"
    return "", f"There is a {what} that is not known here{more}"


def pointer(location: Sequence[str | int], model: Any) -> str:
    """Return the JSON pointer (RFC 6901) of a place in a body, as far as the names on the way are ours.

    Args:
        location: keys and indexes from the outside in.
        model: type of the body; where it knows no further, the pointer ends: a key may be anything.
    """
    found = ""
    for part in location:
        model = _inside(model, part)
        if model is None:
            break
        found += f"/{part}"
    return found


def known_fields(location: Sequence[str | int], model: Any) -> list[str]:
    """Return the names of the fields that exist at a place in a body, or none where that is unclear."""
    for part in location:
        model = _inside(model, part)
    return list(_fields(model))


def _inside(annotation: Any, part: str | int) -> Any:
    if isinstance(part, str):
        return _fields(annotation).get(part)
    plain = _plain(annotation)
    return get_args(plain)[0] if get_origin(plain) is list else None


def _fields(annotation: Any) -> dict[str, Any]:
    """Return the fields of a model as callers spell them, with their types."""
    model = _plain(annotation)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _plain(annotation: Any) -> Any:
    """Look through `Annotated[…]` and `… | None`."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = next((inner for inner in get_args(annotation) if inner is not NoneType), None)
    return annotation


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts of an input that a message must not contain; very short ones occur by chance."""
    if isinstance(value, str):
        if len(value) > 3:  # noqa: PLR2004 - "ru" is in every second word
            yield value
    elif isinstance(value, Mapping) and depth < 4:  # noqa: PLR2004 - bodies are flat
        for item in value.values():
            yield from _texts(item, depth + 1)
    elif isinstance(value, list) and depth < 4:  # noqa: PLR2004 - the same
        for item in value:
            yield from _texts(item, depth + 1)
