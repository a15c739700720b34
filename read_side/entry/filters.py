"""The filters of a list: what their parameters look like, and the conditions that they become."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from events.content.checks import FieldError
from events.content.dates import MAX_DATE, days_of
from events.content.field import Field as ContentField
from events.content.plain import MAX_COUNT
from events.content.quantities import DECIMAL, MAX_DIGITS
from kit.http.requests.query import Word
from kit.http.requests.text import CleanLine, plainly
from kit.postgres.connect import quoted

MAX_VALUES = 10
"""Values of a parameter that may be repeated."""


def _is_date(text: str) -> str:
    try:
        days_of(text)
    except FieldError as error:
        raise PydanticCustomError("our_date", "{detail}", {"detail": error.detail}) from None
    return text


_RANGES: Mapping[str, Any] = {
    "number": Annotated[CleanLine, StringConstraints(max_length=MAX_DIGITS, pattern=DECIMAL)],
    "whole": Annotated[int, Field(ge=0, le=MAX_COUNT), plainly],
    "day": Annotated[CleanLine, StringConstraints(max_length=MAX_DATE), AfterValidator(_is_date)],
}
"""Type of the columns that are compared → of a parameter that bounds them."""


def parameters(field: ContentField) -> dict[str, Any]:
    """Return the query parameters of a field's filter: name → (type, default), as pydantic takes them."""
    if field.filter in {"contains", "any"}:
        about = "Items must have all of these." if field.filter == "contains" else "Items have one of these."
        many: Any = Field(default=[], max_length=MAX_VALUES, description=about)
        return dict.fromkeys(field.parameters, (list[Word], many))
    if field.filter == "flag":
        return dict.fromkeys(field.parameters, (Literal["true", "false"] | None, None))
    if field.filter == "range":
        type_ = _RANGES[_compared(field)] | None
        first, last = field.parameters
        return {
            first: (type_, Field(default=None, description=f"{field.label}: items that reach this or more.")),
            last: (type_, Field(default=None, description=f"{field.label}: items that reach this or less.")),
        }
    return dict.fromkeys(field.parameters, (Word | None, None))


def conditions(
    filters: Mapping[str, ContentField], asked: Mapping[str, Any], values: list[Any]
) -> Iterator[str]:
    """Yield the conditions that parameters become.

    Args:
        filters: parameter → field.
        asked: parameter → what was given.
        values: of the statement; what is compared with is put behind them.
    """
    for parameter, given in asked.items():
        field = filters[parameter]
        column, sign, value = _condition(field, parameter, given)
        values.append(value)
        yield f"t.{quoted(column)} {sign.format(f'${len(values)}')}"


def _condition(field: ContentField, parameter: str, given: Any) -> tuple[str, str, Any]:
    """Return a column, a comparison, and what to compare with."""
    if field.filter == "contains":
        return field.name, "@> {}::text[]", list(given)
    if field.filter == "any":
        return field.name, "= any({}::text[])", list(given)
    if field.filter == "flag":
        return field.columns[1].name, "= {}", given == "true"
    if field.filter == "equal":
        return field.name, "= {}", given
    low, high = field.range_keys
    if parameter == field.parameters[0]:
        return high, ">= {}", _bound(field, given, first=True)
    return low, "<= {}", _bound(field, given, first=False)


def _bound(field: ContentField, given: Any, *, first: bool) -> Any:
    compared = _compared(field)
    if compared == "day":
        days = days_of(given)
        return days.earliest if first else days.latest
    return Decimal(given) if compared == "number" else given


def _compared(field: ContentField) -> str:
    return next(one.type for one in field.columns if one.name == field.range_keys[0])
