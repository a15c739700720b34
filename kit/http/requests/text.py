"""The types that fields of commands and parameters of queries are made of: strict, bounded, storable."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from kit.ids import parse_id
from kit.text import line, spaced, text, web_address

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,40}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def _by(rule: Callable[[str], str]) -> AfterValidator:
    """Apply a rule for texts; what it refuses with is told to the caller."""

    def applied(value: str) -> str:
        try:
            return rule(value)
        except ValueError as error:
            raise PydanticCustomError("our_text", "{detail}", {"detail": str(error)}) from None

    return AfterValidator(applied)


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


def _plainly(value: Any) -> Any:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticCustomError("our_number", "must be a whole number, written as 20 is")
    return value


plainly = BeforeValidator(_plainly)
"""A whole number; as a text, written in one way: no plus, no zeros ahead, no underscores, no fraction. It
stands behind the `Field` with the bounds, which OpenAPI would not show else."""

CleanText = Annotated[str, _by(text)]
"""A text of several lines without control characters; give it a `Field(max_length=…)`."""

LONGEST_LINE = 2_500
"""Characters of a line as it comes, but for blanks around it. The limit of its field is asked after the rule,
and the rule takes time; a line of words, of 500 at the most, has at most 2,000 before it is composed."""


def _line(value: str) -> str:
    trimmed = value.strip()
    if len(trimmed) > LONGEST_LINE:
        raise ValueError(f"must have at most {LONGEST_LINE:,} characters before it is composed")
    return line(value if len(value) <= LONGEST_LINE else trimmed)


CleanLine = Annotated[str, _by(_line)]
"""A title, a name, a tag: one line, trimmed and composed, without characters that hide or overflow."""

Key = Annotated[CleanLine, AfterValidator(spaced)]
"""A line by which things are found, such as a tag: blanks of every kind and number are one space."""

PageAddress = Annotated[CleanLine, Field(max_length=2_000, pattern=r"^(https?://[^ ]+)?$"), _by(web_address)]
"""The address of a page, without a name or a password; or nothing."""

Id = Annotated[UUID, BeforeValidator(_identifier)]
"""A UUID in its canonical form; in a path, another form is a 404."""

Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An RFC 3339 moment with an offset, turned into UTC; never a number."""

Version = Annotated[int, Field(ge=1, le=2**62), plainly]
"""A version of a stream, or a revision."""
