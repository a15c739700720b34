"""The filters of a list: what their parameters look like, and the conditions that they become."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy import BindParameter, ColumnElement, Table, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from events.content.checks import FieldError
from events.content.dates import MAX_DATE, days_of
from events.content.field import Field as ContentField
from events.content.plain import MAX_COUNT
from events.content.quantities import DECIMAL, MAX_DIGITS
from kit.http.requests.query import Word
from kit.http.requests.text import CleanLine, plainly

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


def condition(facets: Table, field: ContentField, parameter: str) -> ColumnElement[bool]:
    """Return the condition that a parameter becomes; what it compares with is bound under `bound_as`.

    Args:
        facets: the table that is listed.
        field: whose filter it is.
        parameter: of the query.
    """

    def given(type_: Any) -> BindParameter[Any]:
        return bindparam(bound_as(parameter), type_=type_)

    column = facets.c[field.name]
    if field.filter == "contains":
        return column.contains(given(column.type))
    if field.filter == "any":
        return column == any_(given(ARRAY(column.type)))
    if field.filter == "flag":
        flag = facets.c[field.columns[1].name]
        return flag == given(flag.type)
    if field.filter == "equal":
        return column == given(column.type)
    low, high = (facets.c[name] for name in field.range_keys)
    return high >= given(high.type) if parameter == field.parameters[0] else low <= given(low.type)


def bound_as(parameter: str) -> str:
    """Return the name under which the value of a parameter is bound."""
    return f"of_{parameter}"


def compared(field: ContentField, parameter: str, given: Any) -> Any:
    """Return what a condition compares with, for what was given in the query."""
    if field.filter == "flag":
        return given == "true"
    if field.filter == "range":
        return _bound(field, given, first=parameter == field.parameters[0])
    return given


def _bound(field: ContentField, given: Any, *, first: bool) -> Any:
    compared = _compared(field)
    if compared == "day":
        days = days_of(given)
        return days.earliest if first else days.latest
    return Decimal(given) if compared == "number" else given


def _compared(field: ContentField) -> str:
    return next(one.type for one in field.columns if one.name == field.range_keys[0])
