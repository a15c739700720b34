"""Values of Wikidata as fields hold them: dates with their calendar, quantities with unit and bounds."""

import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from events.content.units import alike, carried
from write_side.importing.wording import one_line

_DAY, _MONTH, _YEAR, _DECADE, _CENTURY = 11, 10, 9, 8, 7
_JULIAN = "Q1985786"
_HOW_SURE = {"Q5727902": "~", "Q18122778": "?", "Q18912752": "?"}
"""What P1480 says of a statement: circa, presumably, disputed."""

MOST_OF_CONDITION = 200

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")

_UNITS: Mapping[str, str] = {
    "Q11573": "m",
    "Q174728": "cm",
    "Q174789": "mm",
    "Q218593": "in",
    "Q3710": "ft",
    "Q828224": "km",
    "Q253276": "mi",
    "Q93318": "nmi",
    "Q25343": "m²",
    "Q857027": "ft²",
    "Q11570": "kg",
    "Q191118": "t",
    "Q100995": "lb",
    "Q182429": "m/s",
    "Q180154": "km/h",
    "Q128822": "kn",
    "Q211256": "mph",
    "1": "aircraft",
}
"""Item of a unit → unit; what counts things has none."""


def date_of(snak: Mapping[str, Any], qualifiers: Mapping[str, Any]) -> dict[str, Any] | str | None:
    """Return a time as a partial date, or "unknown" or "none" where that is said; None: it is none of ours.

    Args:
        snak: the main one of a statement.
        qualifiers: of the statement.
    """
    if snak.get("snaktype") in {"somevalue", "novalue"}:
        return "unknown" if snak["snaktype"] == "somevalue" else "none"
    value = _value(snak, "time")
    text = value.get("time", "") if value else ""
    if not value or not text.startswith("+") or len(text) != len("+1947-08-31T00:00:00Z"):
        return None
    year, month, day = text[1:5], text[6:8], text[9:11]
    told = {
        _DAY: f"{year}-{month}-{day}",
        _MONTH: f"{year}-{month}",
        _YEAR: year,
        _DECADE: f"{year[:3]}X",
        _CENTURY: f"{(int(year) - 1) // 100:02}XX" if year.isdigit() else "",
    }.get(value.get("precision", 0), "")
    if not told:
        return None
    sure = "".join(_HOW_SURE.get(item_of(one) or "", "") for one in qualifiers.get("P1480", ())[:1])
    date = {"edtf": told + sure}
    return date | {"calendar": "julian"} if value.get("calendarmodel", "").endswith(f"/{_JULIAN}") else date


def period_of(qualifiers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the period between the start (P580) and the end (P582) that qualifiers tell."""
    ends = [date_of(qualifiers[name][0], {}) if qualifiers.get(name) else None for name in ("P580", "P582")]
    if not any(isinstance(one, dict) for one in ends):
        return None
    told = [one["edtf"] if isinstance(one, dict) else ".." for one in ends]
    calendars = {one.get("calendar", "gregorian") for one in ends if isinstance(one, dict)}
    period = {"edtf": "/".join(told)}
    if len(calendars) > 1:
        return None
    return period | {"calendar": "julian"} if calendars == {"julian"} else period


def quantity_of(snak: Mapping[str, Any], qualifiers: Mapping[str, Any], unit: str) -> dict[str, Any] | None:
    """Return a quantity in the unit of a field, with as many digits as were said; None: it is none of ours.

    Args:
        snak: the main one of a statement.
        qualifiers: of the statement; they become its condition.
        unit: of the field.
    """
    value = _value(snak, "quantity")
    said_in = _UNITS.get(str(value.get("unit", "")).rpartition("/")[2]) if value else None
    if not value or said_in is None or said_in not in alike(unit):
        return None
    factor = carried(Decimal(1), said_in, unit)
    try:
        amount = _number(value["amount"])
        low, high = (_number(value[name]) if name in value else None for name in ("lowerBound", "upperBound"))
    except (KeyError, TypeError, ValueError):
        return None
    said = {"value": _in_unit(amount, factor, ROUND_HALF_EVEN)}
    for name, bound, rounding in (("low", low, ROUND_FLOOR), ("high", high, ROUND_CEILING)):
        if bound is not None:
            said[name] = _in_unit(bound, factor, rounding)
    if Decimal(said.get("low", said["value"])) > Decimal(said["value"]):
        said["low"] = said["value"]
    if Decimal(said.get("high", said["value"])) < Decimal(said["value"]):
        said["high"] = said["value"]
    condition = one_line("; ".join(_condition(qualifiers)), MOST_OF_CONDITION)
    return said | ({"condition": condition} if condition else {})


def count_of(snak: Mapping[str, Any]) -> int | None:
    """Return a whole number; None: it is none."""
    value = _value(snak, "quantity")
    text = str(value.get("amount", "")).removeprefix("+") if value else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - more is no count


def item_of(snak: Mapping[str, Any]) -> str | None:
    """Return the item that a snak names."""
    value = _value(snak, "wikibase-entityid")
    found = value.get("id") if value else None
    return found if isinstance(found, str) else None


def text_of(snak: Mapping[str, Any]) -> str:
    """Return the text of a snak, in whatever language."""
    value = snak.get("datavalue", {}).get("value", "")
    return str(value.get("text", "")) if isinstance(value, dict) else str(value)


def _number(text: str) -> Decimal:
    """Read a number as items have it; raises ValueError for what has an exponent, is none, or is too long."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is no number")
    return Decimal(text)


def _in_unit(amount: Decimal, factor: Decimal, rounding: str) -> str:
    """Return an amount in another unit with as many digits as it was said with."""
    if factor == 1:
        return f"{amount or amount.copy_abs():f}"
    with localcontext() as context:
        context.prec = max(len(amount.as_tuple().digits), 2)
        context.rounding = rounding
        return f"{+(amount * factor):f}"


def _condition(qualifiers: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} {item_of(one) or text_of(one) or _value(one, 'quantity').get('amount', '')}".strip()
        for name, found in qualifiers.items()
        if name != "P1480"
        for one in found
    ]


def _value(snak: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """Return the value of a snak of a type; empty: it is of another one, or has none."""
    held = snak.get("datavalue", {})
    value = held.get("value") if held.get("type") == type_ else None
    return value if isinstance(value, dict) else {}
