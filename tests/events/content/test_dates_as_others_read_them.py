"""Partial dates against the public library `edtf`, which reads all levels of ISO 8601-2."""

from datetime import date
from math import inf
from time import struct_time

from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from events.content.dates import Days, days_of

_SIGNS = st.sampled_from(["", "~", "?"])
_DAYS = st.dates().map(date.isoformat)
_EXACT = st.one_of(_DAYS, _DAYS.map(lambda day: day[:7]), _DAYS.map(lambda day: day[:4]))
_ROUND = st.integers(1, 999).map("{:03}X".format) | st.integers(1, 99).map("{:02}XX".format)
ONE = st.builds(str.__add__, _EXACT, _SIGNS) | _ROUND
ENDS = st.builds(str.__add__, _EXACT, _SIGNS)


def as_the_library_reads(edtf: str) -> Days:
    """Return the first and last day that the library finds; where a side is open, the end of our calendar."""
    read = parse_edtf(edtf)
    return Days(day_of(read.lower_strict()), day_of(read.upper_strict()))


def day_of(found: struct_time | float) -> date:
    if isinstance(found, struct_time):
        return date(found.tm_year, found.tm_mon, found.tm_mday)
    assert found in {inf, -inf}
    return date.max if found == inf else date.min


@settings(deadline=None, max_examples=50)
@given(ONE)
def test_one_date_means_what_the_library_reads(edtf: str) -> None:
    assert as_the_library_reads(edtf) == days_of(edtf)


@settings(deadline=None, max_examples=50)
@given(ENDS, ENDS)
def test_a_period_means_what_the_library_reads(one: str, other: str) -> None:
    first, last = sorted((one, other), key=days_of)
    if days_of(first).earliest > days_of(last).latest:
        first, last = last, first
    assert as_the_library_reads(f"{first}/{last}") == days_of(f"{first}/{last}")


@settings(deadline=None, max_examples=50)
@given(ENDS, st.booleans())
def test_an_open_period_means_what_the_library_reads(end: str, open_at_first: bool) -> None:  # noqa: FBT001 - drawn
    edtf = f"../{end}" if open_at_first else f"{end}/.."
    assert as_the_library_reads(edtf) == days_of(edtf)


@settings(deadline=None, max_examples=50)
@given(st.lists(ONE, min_size=2, max_size=12))
def test_dates_stand_in_the_order_that_the_library_gives_them(drawn: list[str]) -> None:
    assert sorted(drawn, key=as_the_library_reads) == sorted(drawn, key=days_of)
