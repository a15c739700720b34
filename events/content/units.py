"""Units of quantities: one fixed table, and numbers that are carried from one unit to another."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

System = Literal["metric", "imperial"]
"""What readers may ask for. Heights, spans and ranges are in feet and nautical miles, speeds in knots: as
pilots of that system say them."""

FEWEST = 3
"""Significant digits of a converted number, at the least."""

_EXACT = Context(prec=60)


class Unit(NamedTuple):
    """A unit: what it measures, and how many of the base unit of that it is."""

    measures: str
    size: Fraction


_FOOT, _POUND, _STANDARD_GRAVITY = Fraction("0.3048"), Fraction("0.45359237"), Fraction("9.80665")

UNITS: Mapping[str, Unit] = {
    "m": Unit("length", Fraction(1)),
    "cm": Unit("length", Fraction(1, 100)),
    "mm": Unit("length", Fraction(1, 1000)),
    "km": Unit("length", Fraction(1000)),
    "in": Unit("length", _FOOT / 12),
    "ft": Unit("length", _FOOT),
    "mi": Unit("length", _FOOT * 5280),
    "nmi": Unit("length", Fraction(1852)),
    "m²": Unit("area", Fraction(1)),
    "ha": Unit("area", Fraction(10_000)),
    "ft²": Unit("area", _FOOT**2),
    "kg": Unit("mass", Fraction(1)),
    "t": Unit("mass", Fraction(1000)),
    "lb": Unit("mass", _POUND),
    "m/s": Unit("speed", Fraction(1)),
    "km/h": Unit("speed", Fraction(1000, 3600)),
    "kn": Unit("speed", Fraction(1852, 3600)),
    "mph": Unit("speed", _FOOT * 5280 / 3600),
    "ft/min": Unit("speed", _FOOT / 60),
    "kW": Unit("power", Fraction(1000)),
    "hp(M)": Unit("power", 75 * _STANDARD_GRAVITY),
    "hp(I)": Unit("power", 550 * _FOOT * _POUND * _STANDARD_GRAVITY),
    "kN": Unit("force", Fraction(1000)),
    "kgf": Unit("force", _STANDARD_GRAVITY),
    "lbf": Unit("force", _POUND * _STANDARD_GRAVITY),
    "L": Unit("volume", Fraction(1)),
    "US gal": Unit("volume", 231 * (_FOOT / 12) ** 3 * 1000),
}
"""Name → unit. All of them are defined exactly: the international foot, pound and nautical mile, standard
gravity; hp(M) lifts 75 kg by a metre in a second, hp(I) 550 pounds by a foot."""

IN_RUSSIAN: Mapping[str, str] = {
    "m": "м", "cm": "см", "mm": "мм", "km": "км", "in": "дюймов", "ft": "футов", "mi": "миль",
    "nmi": "морских миль", "m²": "м²", "ha": "га", "ft²": "кв. футов", "kg": "кг", "t": "т", "lb": "фунтов",
    "m/s": "м/с", "km/h": "км/ч", "kn": "узлов", "mph": "миль/ч", "ft/min": "футов/мин", "kW": "кВт",
    "hp(M)": "л. с.", "hp(I)": "л. с.", "kN": "кН", "kgf": "кгс", "lbf": "фунт-сил", "L": "л",
    "US gal": "галлонов США", "aircraft": "шт.",
}  # fmt: skip
"""Name → how it is written in Russian; what is counted, too."""

_ALSO: Mapping[str, str] = {"m2": "m²", "ft2": "ft²", "l": "L", "USgal": "US gal"}
"""Spellings that are taken as well, since they are easier to type in an address."""

_IN: Mapping[System, Mapping[str, str]] = {
    "imperial": {
        "m": "ft", "cm": "in", "mm": "in", "km": "nmi", "m²": "ft²", "ha": "ft²", "kg": "lb", "t": "lb",
        "m/s": "ft/min", "km/h": "kn", "kW": "hp(I)", "hp(M)": "hp(I)", "kN": "lbf", "kgf": "lbf",
        "L": "US gal",
    },
    "metric": {
        "in": "cm", "ft": "m", "mi": "km", "nmi": "km", "ft²": "m²", "lb": "kg",
        "kn": "km/h", "mph": "km/h", "ft/min": "m/s", "hp(M)": "kW", "hp(I)": "kW", "kgf": "kN", "lbf": "kN",
        "US gal": "L",
    },
}  # fmt: skip
"""System → unit of a field → what it is said in there; a unit that belongs to the system is left out."""


def named(text: str) -> str | None:
    """Return the name of a unit as it was typed; None when there is no such unit."""
    name = _ALSO.get(text, text)
    return name if name in UNITS else None


def alike(unit: str) -> tuple[str, ...]:
    """Return the names of the units that measure what this one does; only itself where the table has none."""
    if unit not in UNITS:
        return (unit,)
    return tuple(name for name, one in UNITS.items() if one.measures == UNITS[unit].measures)


def carried(number: Decimal, unit: str, to: str) -> Decimal:
    """Return how many of one unit some of another are, as exact as a filter can need it.

    Raises:
        KeyError: a unit is not in the table, while they are two.
    """
    if unit == to:
        return number
    exact = Fraction(number) * UNITS[unit].size / UNITS[to].size
    return _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def said_in(system: System, unit: str) -> str | None:
    """Return the unit in which a system says what is stored in another; None: it is said as it is."""
    return _IN[system].get(unit)


def rounded(number: Decimal, like: str) -> str:
    """Return a converted number with as many significant digits as the one that it was made of has.

    Args:
        number: converted.
        like: the decimal number of which it was made.
    """
    digits = max(len(like.lstrip("-").replace(".", "").lstrip("0")), FEWEST)
    if not number:
        return "0"
    step = Decimal(1).scaleb(number.adjusted() - digits + 1)
    found = number.quantize(step, rounding=ROUND_HALF_EVEN, context=_EXACT)
    return f"{found:f}"
