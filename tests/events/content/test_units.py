"""Units of quantities: the table is that of the standards, and nothing is lost on the way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.content.checks import FieldError
from events.content.quantities import QuantityField
from events.content.units import UNITS, System, alike, carried, rounded, said_in

KNOWN = [
    ("1", "ft", "m", "0.3048"), ("1", "in", "cm", "2.54"), ("1", "mi", "m", "1609.344"),
    ("1", "nmi", "km", "1.852"), ("1", "lb", "kg", "0.45359237"), ("1", "t", "kg", "1000"),
    ("1", "kn", "km/h", "1.852"), ("1", "mph", "km/h", "1.609344"), ("3.6", "km/h", "m/s", "1"),
    ("60", "ft/min", "m/s", "0.3048"), ("1", "hp(M)", "kW", "0.73549875"),
    ("1", "hp(I)", "kW", "0.74569987158227022"), ("1", "kgf", "kN", "0.00980665"),
    ("1", "lbf", "kN", "0.0044482216152605"), ("1", "US gal", "L", "3.785411784"),
    ("1", "ft²", "m²", "0.09290304"), ("1", "ha", "m²", "10000"),
]  # fmt: skip
"""As NIST Special Publication 811 (2008), Appendix B, has them; hp(M) is 75 kgf·m/s."""


@pytest.mark.parametrize(("number", "unit", "to", "expected"), KNOWN)
def test_a_unit_is_what_the_standards_say(number: str, unit: str, to: str, expected: str) -> None:
    assert Decimal(expected) == carried(Decimal(number), unit, to)


def test_every_unit_is_tried() -> None:
    assert UNITS.keys() == {"m", "mm"} | {name for _, unit, to, _ in KNOWN for name in (unit, to)}


NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=6)


@given(NUMBERS, st.sampled_from(sorted(UNITS)), st.data())
def test_what_is_carried_there_and_back_is_the_same(number: Decimal, unit: str, data: st.DataObject) -> None:
    to = data.draw(st.sampled_from(alike(unit)))
    back = carried(carried(number, unit, to), to, unit)
    assert abs(back - number) <= abs(number) * Decimal("1e-40")


@given(NUMBERS, st.sampled_from(sorted(UNITS)), st.sampled_from(["metric", "imperial"]))
def test_a_system_says_what_it_measures_in_a_unit_that_it_would_keep(
    number: Decimal, unit: str, system: System
) -> None:
    to = said_in(system, unit)
    if to is not None:
        assert UNITS[unit].measures == UNITS[to].measures
        assert said_in(system, to) is None
        said = Decimal(rounded(carried(number, unit, to), f"{number:f}"))
        assert abs(said - carried(number, unit, to)) <= abs(carried(number, unit, to)) * Decimal("0.005")


@pytest.mark.parametrize(
    ("number", "like", "said"),
    [
        ("94.488188976", "28.80", "94.49"), ("164.0419", "50", "164"), ("1640.4", "500", "1640"),
        ("0.0164", "0.005", "0.0164"), ("-3.28084", "-1", "-3.28"), ("0", "0.00", "0"), ("99.96", "1", "100"),
    ],
)  # fmt: skip
def test_a_converted_number_is_as_exact_as_the_one_that_was_said(number: str, like: str, said: str) -> None:
    assert Decimal(said) == Decimal(rounded(Decimal(number), like))
    assert "E" not in rounded(Decimal(number), like)


SPAN, SPEED = QuantityField("wingspan", unit="m"), QuantityField("max_speed", unit="km/h")


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (SPAN, "50m..", ("50", None)), (SPAN, "164ft..", ("49.9872", None)), (SPAN, "50..", ("50", None)),
        (SPAN, "100..200 ft", ("30.48", "60.96")), (SPAN, "100ft..200", ("30.48", "60.96")),
        (SPAN, "1km..2000m", ("1000", "2000")), (SPAN, "-1.50..", ("-1.50", None)),
        (SPEED, "..900km/h", (None, "900")), (SPEED, "..500kn", (None, "926.0")),
        (SPEED, "900", ("900", "900")),
        (QuantityField("people", unit="persons"), "5persons..", ("5", None)),
    ],
)  # fmt: skip
def test_a_range_is_read_in_the_unit_of_its_field(
    field: QuantityField, text: str, expected: tuple[str | None, str | None]
) -> None:
    assert tuple(None if one is None else Decimal(one) for one in expected) == field.span(text)


@pytest.mark.parametrize(
    "text", ["50kg..", "50 m ..", "50M..", "ft..", "1_0..", "٥..", "1e3..", "50m...", "2..1"]
)
def test_what_is_no_range_of_such_quantities_is_refused(text: str) -> None:
    with pytest.raises(FieldError):
        SPAN.span(text)
