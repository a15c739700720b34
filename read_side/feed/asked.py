"""What somebody asks of the feed: from where on, and which events."""

import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit.auth.roles import Identity, Role, Scope
from kit.errors import Problem
from kit.http.requests.query import Query, Word
from kit.http.requests.text import Id, plainly
from kit.problem_types import INVALID_PARAMETER
from read_side.entry.kind import Locale
from read_side.feed.event import StreamEvent
from read_side.feed.reading import WantedEvents

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
        pattern=_PLACE,
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
        raise _no_place(f"must look like {_PLACE}")
    if text.isdecimal():
        return int(text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_place("must be a moment that exists") from None


def _no_place(detail: str) -> Problem:
    return Problem(INVALID_PARAMETER, errors=[{"parameter": "after", "detail": detail}])


class EventChoice:
    """Chooses events for one who asks.

    Args:
        query: what was asked for.
        who: who asks; None: nobody has said.

    Attributes:
        public: only what anybody may know is told.
        any: all of that is.
    """

    def __init__(self, query: EventsQuery, who: Identity | None) -> None:
        self.public = who is None or not who.may(Role.EDITOR, Scope.STREAM)
        self._admin = who is not None and Role.ADMIN in who.roles
        self._kinds, self._types = frozenset(query.kind), frozenset(query.type)
        self._entry: UUID | None = None if query.entry is None else UUID(str(query.entry))
        self._locale, self._tags = query.locale, frozenset(query.tag)
        chooses = self._kinds or self._types or self._tags or query.entry or query.locale
        self.any = not chooses and (self.public or self._admin)

    @property
    def wanted(self) -> WantedEvents:
        """What of it the database can choose by."""
        return WantedEvents(tuple(self._types) or None, tuple(self._kinds) or None, self._entry)

    def takes(self, event: StreamEvent) -> bool:
        """Tell whether it is to be told; what happens to accounts is for admins."""
        told = event.data
        return (
            (not self._kinds or told.kind in self._kinds)
            and (not self._types or event.type in self._types)
            and (self._entry is None or told.entry == self._entry)
            and (self._locale is None or told.locale == self._locale or told.gone)
            and (not self._tags or self._tags.issubset(told.tags) or told.gone)
            and (self._admin or told.kind != "account")
        )
