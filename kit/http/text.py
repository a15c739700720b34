"""The types that fields of commands and parameters of queries are made of: strict, bounded, storable."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kit.ids import parse_id

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
"""What no text needs; tab and the two line ends stay. In UTF-8 these bytes stand for nothing else."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
"""Controls, line ends of every kind, and the marks that turn the direction of what follows."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e34-\u0e3a"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_PILED_MARKS = re.compile(f"[{_MARKS}]{{9}}")
"""More than eight combining marks on one character are a drawing, not a text."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def _text(value: str) -> str:
    encoded = value.encode("utf-8", "surrogatepass")
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        raise PydanticCustomError("our_control", "must not contain control characters")
    return value


def _line(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise PydanticCustomError("our_line", "must be one line of printable characters")
    if not value.isascii() and _PILED_MARKS.search(value):
        raise PydanticCustomError("our_marks", "must not pile up combining marks")
    return value


def _identifier(value: Any) -> Any:
    found = parse_id(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("our_id", "must be a UUID of 36 characters")
    return found


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("our_moment", "must be a moment such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("our_moment", "must be a moment that exists") from None


CleanText = Annotated[str, AfterValidator(_text)]
"""A text of several lines without control characters; give it a `Field(max_length=…)`."""

CleanLine = Annotated[str, AfterValidator(_line)]
"""A title, a name, a tag: one line without characters that hide or overflow."""

Id = Annotated[UUID, BeforeValidator(_identifier)]
"""A UUID in its canonical form; in a path, another form is a 404."""

Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An RFC 3339 moment with an offset, turned into UTC; never a number."""

Version = Annotated[int, Field(ge=1, le=2**62)]
"""A version of a stream, or a revision."""
