"""Partial dates: what they can mean, in either calendar, and what is no date at all."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.content.calendars import days_in, gregorian
from events.content.checks import FieldError
from events.content.dates import DateField, Days, PartialDate, days_of

MEANT = {
    "1941": ("1941-01-01", "1941-12-31"),
    "1941~": ("1941-01-01", "1941-12-31"),
    "1941?": ("1941-01-01", "1941-12-31"),
    "1941-06": ("1941-06-01", "1941-06-30"),
    "1941-06~": ("1941-06-01", "1941-06-30"),
    "1940-02": ("1940-02-01", "1940-02-29"),
    "1941-06-22": ("1941-06-22", "1941-06-22"),
    "194X": ("1940-01-01", "1949-12-31"),
    "19XX": ("1900-01-01", "1999-12-31"),
    "000X": ("0001-01-01", "0009-12-31"),
    "1939/1945": ("1939-01-01", "1945-12-31"),
    "1939-09-01/1945-05": ("1939-09-01", "1945-05-31"),
    "1941-06/1941": ("1941-06-01", "1941-12-31"),
    "1939/..": ("1939-01-01", "9999-12-31"),
    "../1945": ("0001-01-01", "1945-12-31"),
    "193X~/1945?": ("1930-01-01", "1945-12-31"),
}

NO_DATES = [
    "", "41", "1941-6", "1941-13", "1941-00", "1941-02-29", "1900-02-29", "1941-06-31", "1941-06-00", "0000",
    "0000-05", "19X1", "194X-06", "X", "1941/", "/1941", "../..", "1945/1939", "1941-06-22/1941-06-21",
    "1941~~", "~1941", "1941-06-22T10:00", "1 941", "١٩٤١", "1941\n", "1939/1940/1941", "-0044", "Y17E7",
]  # fmt: skip


def iso(days: Days) -> tuple[str, str]:
    return days.earliest.isoformat(), days.latest.isoformat()


@pytest.mark.parametrize(("edtf", "meant"), MEANT.items())
def test_a_partial_date_lies_between_two_days(edtf: str, meant: tuple[str, str]) -> None:
    assert meant == iso(days_of(edtf))


@pytest.mark.parametrize("edtf", NO_DATES)
def test_what_is_no_date_is_refused(edtf: str) -> None:
    with pytest.raises(FieldError):
        days_of(edtf)
    with pytest.raises(FieldError) as refused:
        DateField("first_flight").admit({"edtf": edtf})
    assert "/edtf" == refused.value.pointer


@pytest.mark.parametrize(
    ("edtf", "meant"),
    [
        ("1917-10-25", ("1917-11-07", "1917-11-07")),
        ("1900-02-29", ("1900-03-13", "1900-03-13")),
        ("1900-02-28", ("1900-03-12", "1900-03-12")),
        ("1899-12-31", ("1900-01-12", "1900-01-12")),
        ("1582-10-05", ("1582-10-15", "1582-10-15")),
        ("1910-03", ("1910-03-14", "1910-04-13")),
        ("0001", ("0001-01-01", "0001-12-29")),
        ("9999", ("9999-03-15", "9999-12-31")),
    ],
)
def test_a_julian_date_means_days_of_the_gregorian_calendar(edtf: str, meant: tuple[str, str]) -> None:
    assert meant == iso(PartialDate(edtf=edtf, calendar="julian").days)


@given(st.dates(min_value=date(1, 1, 4), max_value=date(9000, 1, 1)))
def test_julian_days_follow_each_other_as_the_days_do(day: date) -> None:
    """Against the Julian day number, which counts days without any calendar (Richards, 2013)."""
    year, month, number = julian(day)
    assert day == gregorian(year, month, number, "julian")
    following = julian(day + timedelta(days=1))
    expected = (year, month, number + 1)
    if number == days_in(year, month, "julian"):
        expected = (year + month // 12, month % 12 + 1, 1)
    assert expected == following


@given(st.dates(), st.sampled_from(["", "~", "?"]))
def test_a_day_lies_within_its_month_its_year_and_its_decade(day: date, sign: str) -> None:
    text = day.isoformat()
    known = [days_of(f"{part}{sign}") for part in (text, text[:7], text[:4], f"{text[:3]}X")]
    for inner, outer in pairwise(known):
        assert outer.earliest <= inner.earliest <= day <= inner.latest <= outer.latest


@given(st.dates(), st.dates())
def test_an_interval_holds_both_of_its_ends(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert Days(first, last) == days_of(f"{first}/{last}")
    assert Days(first, date.max) == days_of(f"{first}/..")
    assert Days(date.min, last) == days_of(f"../{last}")


@given(st.text(alphabet="0123456789X?~./-", max_size=24))
def test_any_text_is_a_date_or_is_refused(text: str) -> None:
    try:
        days = days_of(text)
    except FieldError:
        return
    assert days.earliest <= days.latest


def julian(day: date) -> tuple[int, int, int]:
    """Return a day by the Julian calendar, by Richards' algorithm."""
    f = day.toordinal() + 1_721_425 + 1_401
    e = 4 * f + 3
    h = 5 * (e % 1461 // 4) + 2
    month = (h // 153 + 2) % 12 + 1
    return e // 1461 - 4716 + (14 - month) // 12, month, h % 153 // 5 + 1
