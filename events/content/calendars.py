"""How many days there are: the calendars of Gregory and Julius, and days of the one in the other."""

from datetime import date
from typing import Literal

type Calendar = Literal["gregorian", "julian"]
"""Russia wrote Julian dates until 31 January 1918: 12 days less in the 19th century, 13 in the 20th."""

_JULIAN_OFFSET = 2
"""Days that 1 January of the year 1 by Julius lies before that by Gregory."""


def is_leap(year: int, calendar: Calendar) -> bool:
    """Tell whether a year has 366 days."""
    return year % 4 == 0 and (calendar == "julian" or year % 100 != 0 or year % 400 == 0)


def days_in(year: int, month: int, calendar: Calendar) -> int:
    """Return how many days a month has."""
    return (31, 29 if is_leap(year, calendar) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def gregorian(year: int, month: int, day: int, calendar: Calendar) -> date:
    """Return the day by Gregory; one that Python cannot name becomes the nearest one that it can.

    Args:
        year: from 1 to 9999.
        month: from 1 to 12.
        day: one that this month has in that calendar.
        calendar: by which they are given.
    """
    if calendar == "gregorian":
        return date(year, month, day)
    before = year - 1
    number = before * 365 + before // 4 - _JULIAN_OFFSET
    number += sum(days_in(year, one, calendar) for one in range(1, month)) + day
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))
