"""Fields of dates of which only a part may be known: a part of EDTF (ISO 8601-2), with the calendar."""

import re
from datetime import date
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec

from events.content.calendars import Calendar, days_in, gregorian
from events.content.checks import FieldError
from events.content.field import ColumnType
from events.content.ranges import RangeField

MAX_DATE = 32
"""Characters of a partial date."""

DATE = r"^[0-9X.?~/-]{2,32}$"
"""The characters that a partial date may have; what they must look like, its message says."""

_ONE = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d\d)(?:-(\d\d))?)?[?~]?")

_LOOKS = "must look like 1941, 1941-06, 1941-06-22, 1941~, 1941?, 194X, 1939/1945, 1939/.. or ../1945"


class Days(NamedTuple):
    """The first and the last day that a partial date can mean, by Gregory."""

    earliest: date
    latest: date


def days_of(edtf: str, calendar: Calendar = "gregorian") -> Days:
    """Return the days between which a partial date lies; an open end is the first or last day there is.

    A sign for "about" (~) or "perhaps" (?) says how sure the date is, and moves no end.

    Raises:
        FieldError: it is no partial date, or has a day that there is not.
    """
    if "/" not in edtf:
        return _days_of_one(edtf, calendar)
    first, _, last = edtf.partition("/")
    if first == last == "..":
        raise FieldError(_LOOKS)
    earliest = date.min if first == ".." else _days_of_one(first, calendar).earliest
    latest = date.max if last == ".." else _days_of_one(last, calendar).latest
    if latest < earliest:
        raise FieldError("must not end before it begins")
    return Days(earliest, latest)


class PartialDate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A date as the source says it, never more exact."""

    edtf: str
    """As in ISO 8601-2, level 1: 1941, 1941-06, 1941-06-22, 1941~, 1941?, 194X, 1939/1945, 1939/.."""
    calendar: Literal["gregorian", "julian"] = "gregorian"

    @property
    def days(self) -> Days:
        """The first and the last day that it can mean, by Gregory."""
        return days_of(self.edtf, self.calendar)


class DateField(RangeField, frozen=True, kw_only=True):
    """A partial date. Lists are sorted by its earliest and its latest day, and filtered by overlap."""

    COMPARED: ClassVar[ColumnType] = "day"
    BOUNDS: ClassVar[tuple[str, str]] = ("earliest", "latest")
    RANGES: ClassVar[str] = "1939..1945, 1941-06.., ..194X, 1941 or 1939/1945"
    EXAMPLE: ClassVar[str] = "1939..1945"
    CHECKED_WHEN_READ: ClassVar[bool] = True

    def bounds(self, value: Any) -> tuple[date | None, date | None]:
        return msgspec.convert(value, PartialDate).days if isinstance(value, dict) else (None, None)

    def ends(self, first: str, last: str) -> tuple[date | None, date | None]:
        return days_of(first).earliest if first else None, days_of(last).latest if last else None

    @property
    def _stored(self) -> Any:
        return PartialDate

    @property
    def sample_of_type(self) -> Any:
        return {"edtf": "1941-06"}

    def _check(self, value: PartialDate) -> None:
        try:
            days_of(value.edtf, value.calendar)
        except FieldError as error:
            raise FieldError(error.detail, "/edtf") from error


def _days_of_one(edtf: str, calendar: Calendar) -> Days:
    found = _ONE.fullmatch(edtf) if edtf.isascii() else None
    if found is None:
        raise FieldError(_LOOKS)
    years, month, day = found.groups()
    first, last = max(int(years.replace("X", "0")), 1), int(years.replace("X", "9"))
    if last == 0:
        raise FieldError("must be in a year from 0001 to 9999")
    if month is None:
        return Days(gregorian(first, 1, 1, calendar), gregorian(last, 12, 31, calendar))
    if "X" in years:
        raise FieldError(_LOOKS)
    if not 1 <= int(month) <= 12:  # noqa: PLR2004 - months of a year
        raise FieldError("must have a month from 01 to 12")
    length = days_in(first, int(month), calendar)
    if day is None:
        return Days(gregorian(first, int(month), 1, calendar), gregorian(first, int(month), length, calendar))
    if not 1 <= int(day) <= length:
        raise FieldError("must have a day that its month has")
    found_day = gregorian(first, int(month), int(day), calendar)
    return Days(found_day, found_day)
