"""What to tell a caller about an invalid field or parameter: in words of ours, never in theirs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

_OUR_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How fields are spelt here; anything else in a location may be a key that the caller made up."""

_KNOWN_AT_MOST = 40

_PHRASES: Mapping[str, str] = {
    "bool_type": "must be true or false",
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
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be a string",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least {min_length} items",
}


def phrase(error: Mapping[str, Any]) -> str:
    """Say what is wrong, given one of pydantic's errors; the input itself is not quoted."""
    known = _PHRASES.get(error["type"])
    context = error.get("ctx") or {}
    if known is not None:
        return known.format(**context)
    if error["type"].startswith("our_"):
        return str(error["msg"])
    if error["type"] == "value_error":
        message = str(context.get("error", ""))
        if message and not any(piece in message for piece in _texts(error.get("input"))):
            return message
    return "is not valid"


def pointer(location: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a place in a body, as far as it is spelt in names of ours."""
    parts: list[str] = []
    for part in location:
        if isinstance(part, str) and not _OUR_NAME.fullmatch(part):
            break
        parts.append(f"/{part}")
    return "".join(parts)


def known_fields(model: Any, location: Sequence[str | int]) -> str:
    """Return the names of the fields that exist at a place in a body, or nothing where that is unclear."""
    for part in location:
        model = _inside(model, part)
    fields = getattr(_model(model), "model_fields", {})
    names = [field.alias or name for name, field in fields.items()]
    return ", ".join(names[:_KNOWN_AT_MOST])


def _inside(annotation: Any, part: str | int) -> Any:
    if isinstance(part, int):
        inner = get_args(annotation)
        return inner[0] if inner else None
    field = getattr(_model(annotation), "model_fields", {}).get(part)
    return field.annotation if field is not None else None


def _model(annotation: Any) -> Any:
    """Find the model in `Model`, `Model | None` or `Annotated[Model, …]`."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


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
