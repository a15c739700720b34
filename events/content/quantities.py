"""Fields of quantities: a decimal number whose digits are kept, in the unit that its field fixes."""

import re
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from events.base import IS_READ, check_line
from events.content.checks import FieldError, check_length
from events.content.field import ColumnType
from events.content.ranges import RangeField
from events.content.units import alike, carried, named

MAX_DIGITS = 40
"""Characters of a decimal number."""

MAX_CONDITION = 200
"""Characters of the condition under which a quantity was measured."""

DECIMAL = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?$"
"""A number of up to 15 digits before the point and 12 behind it; zeros at the end say how exact it is."""

_DECIMAL = re.compile(DECIMAL.removeprefix("^").removesuffix("$"))


_MEASURED = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ?(.*)")


class Quantity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A number as it was said: its digits, the bounds between which it lies, and how sure it is."""

    value: str
    low: str | None = None
    high: str | None = None
    about: bool = False
    condition: str = ""
    """Altitude, load, engine: what the number depends on."""

    def least(self) -> Decimal:
        """The lower bound, or the value."""
        return Decimal(self.value if self.low is None else self.low)

    def greatest(self) -> Decimal:
        """The upper bound, or the value."""
        return Decimal(self.value if self.high is None else self.high)


class QuantityField(RangeField, frozen=True, kw_only=True):
    """A quantity in a fixed unit, such as m, kg or km/h."""

    unit: str
    least: str | None = None
    """The least value that can be true, as a decimal number; a condition that explains it allows any."""
    most: str | None = None
    """The greatest one."""

    COMPARED: ClassVar[ColumnType] = "number"
    BOUNDS: ClassVar[tuple[str, str]] = ("low", "high")
    RANGES: ClassVar[str] = "10..50, 28.80.., ..50 or 28.8, each with its unit or without"
    EXAMPLE: ClassVar[str] = "10..50"
    CHECKED_WHEN_READ: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return f"{super().label}, {self.unit}"

    def bounds(self, value: Any) -> tuple[Decimal | None, Decimal | None]:
        if not isinstance(value, dict):
            return None, None
        quantity = msgspec.convert(value, Quantity)
        return quantity.least(), quantity.greatest()

    @property
    def about_ranges(self) -> str:
        return f" In {', '.join(alike(self.unit))}; without a unit in {self.unit}."

    def ends(self, first: str, last: str) -> tuple[Decimal | None, Decimal | None]:
        """Return them in the unit of the field; a bound without a unit is in that of the other one."""
        low, high = self._measured(first), self._measured(last)
        common = next((unit for _, unit in (low, high) if unit is not None), self.unit)
        least, greatest = (
            None if number is None else carried(number, unit or common, self.unit)
            for number, unit in (low, high)
        )
        return least, greatest

    def _measured(self, text: str) -> tuple[Decimal | None, str | None]:
        """Return the number and the unit of a bound of a range."""
        if not text:
            return None, None
        found = _MEASURED.fullmatch(text)
        number, typed = ("", "") if found is None else found.groups()
        unit = named(typed) or (self.unit if typed == self.unit else None)
        known = alike(self.unit)
        if typed and unit not in known:
            raise FieldError(f"must be in one of these units: {', '.join(known)}")
        if not _DECIMAL.fullmatch(number):
            raise FieldError(f"must be decimal numbers such as {self.RANGES}")
        return Decimal(number), unit

    @property
    def _stored(self) -> Any:
        return Quantity

    @property
    def sample_of_type(self) -> Any:
        return {"value": "28.80", "about": True}

    def _check(self, value: Quantity) -> None:
        numbers = {"value": value.value, "low": value.low, "high": value.high}
        for member, number in numbers.items():
            if number is not None:
                self._check_number(number, f"/{member}", anything=bool(value.condition))
        if not value.least() <= Decimal(value.value) <= value.greatest() and not IS_READ.get():
            raise FieldError("must lie between its bounds")
        try:
            check_length(value.condition, MAX_CONDITION)
            check_line(value.condition, "it")
        except ValueError as error:
            raise FieldError(str(error), "/condition") from error

    def _check_number(self, number: str, pointer: str, *, anything: bool) -> None:
        if not _DECIMAL.fullmatch(number) or (number.startswith("-") and not Decimal(number)):
            raise FieldError("must be a decimal number such as 28.80", pointer)
        if IS_READ.get() or anything:
            return
        if self.least is not None and Decimal(number) < Decimal(self.least):
            raise FieldError(f"must be at least {self.least} {self.unit}, or have a condition", pointer)
        if self.most is not None and Decimal(number) > Decimal(self.most):
            raise FieldError(f"must be at most {self.most} {self.unit}, or have a condition", pointer)
