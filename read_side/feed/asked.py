"""What somebody asks of the feed: from where on, and which events."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from kit.errors import Problem
from kit.forms.event_names import unknown_names
from kit.http.requests.query import Query, Word
from kit.http.requests.text import Id, plainly
from kit.problem_types import INVALID_PARAMETER
from read_side.entry.kind import Locale

NOW = "now"

_PLACE = (
    r"^(now|0|[1-9][0-9]{0,17}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}))$"
)

_IS_PLACE = re.compile(_PLACE)

After = Annotated[
    str,
    Field(
        max_length=40,
        json_schema_extra={"pattern": _PLACE},
        description="Tell what comes after: a position, `now`, or a moment such as 2026-01-31T12:00:00Z.",
    ),
]

MOST_VALUES = 10
"""Values of a parameter that may be repeated."""

LAST_EVENT = "Last-Event-ID"

MOST_DIGITS = 18
"""Of a position."""

MOST = 500
"""Events of one page."""


class EventsQuery(Query):
    """Which events."""

    after: After | None = None
    kind: list[Word] = Field(default=[], max_length=MOST_VALUES, description="About one of these kinds.")
    type: list[Word] = Field(default=[], max_length=MOST_VALUES, description="Of one of these types.")
    entry: Id | None = Field(default=None, description="About this entry.")
    locale: Locale | None = Field(default=None, description="About entries in this language alone.")
    tag: list[Word] = Field(
        default=[], max_length=MOST_VALUES, description="About entries with all of these."
    )


def require_known(query: EventsQuery, types: Collection[str]) -> None:
    """Refuse a kind or type that none of these events has.

    Raises:
        Problem: 400.
    """
    unknown = {one.chosen_by: one.detail for one in unknown_names(types, query.kind, query.type)}
    if unknown:
        errors = [{"parameter": name, "detail": detail} for name, detail in unknown.items()]
        raise Problem(INVALID_PARAMETER, errors=errors)


def resumed(given: str | None, after: str | None) -> str:
    """Return from where on an event stream goes: who comes again says which event was the last.

    Args:
        given: the header Last-Event-ID.
        after: the parameter; nothing said means what comes from now on.

    Raises:
        Problem: 400 when the header is no position.
    """
    if not given:
        return after or NOW
    if not given.isascii() or not given.isdecimal() or len(given) > MOST_DIGITS:
        error = {"header": LAST_EVENT, "detail": "must be the id of an event of this stream"}
        raise Problem(INVALID_PARAMETER, errors=[error])
    return str(int(given))


class ChangesQuery(EventsQuery):
    """A page of them."""

    limit: Annotated[int, Field(ge=1, le=MOST), plainly] = 100


type Beginning = int | datetime | None
"""A position, a moment; None: now."""


def beginning(text: str | None) -> Beginning:
    """Return from where on somebody wants events; nothing said means all of them.

    Raises:
        Problem: 400 when it is no place and no moment.
    """
    if text is None:
        return 0
    if text == NOW:
        return None
    if not _IS_PLACE.fullmatch(text):
        raise _no_place("must be a position, now, or a moment such as 2026-01-31T12:00:00Z")
    if text.isdecimal():
        return int(text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_place("must be a moment that exists") from None


def _no_place(detail: str) -> Problem:
    return Problem(INVALID_PARAMETER, errors=[{"parameter": "after", "detail": detail}])
