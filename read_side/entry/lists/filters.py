"""The filters of a list: what their parameters look like, and the conditions that they become."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy import BindParameter, ColumnElement, Table, and_, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from events.content.checks import FieldError
from events.content.field import Field as ContentField
from events.content.items import RelationsField
from events.content.plain import ReferenceField
from events.content.ranges import RangeField
from kit.http.requests.query import Word
from kit.http.requests.text import CleanLine
from read_side.entry.lists.others import AskedEntries, asked_about, names_one
from read_side.entry.table import EntryTables

MAX_VALUES = 10
"""Values of a parameter that may be repeated."""

MAX_RANGE = 100
"""Characters of a range: two quantities with their units."""

type Form = Literal["one", "some", "all", "named", "is", "least", "most", "between"]
"""What a condition looks like, whatever the values are."""


class Filter(NamedTuple):
    """A filter as it was given: a condition that looks like others of its form, and what is bound in it."""

    form: Form
    bound: Mapping[str, Any]
    """What is bound, by the names of `condition`."""
    others: AskedEntries | None = None
    """The entries that it asks about."""


def parameters(field: ContentField) -> dict[str, Any]:
    """Return the query parameters of a field's filter: name → (type, default), as pydantic takes them."""
    if field.filter == "flag":
        return dict.fromkeys(field.parameters, (Literal["true", "false"] | None, None))
    if isinstance(field, RangeField):
        return dict.fromkeys(field.parameters, (_range(field) | None, None))
    about = "Items must have all of these." if field.filter == "contains" else "Items have one of these."
    value: Any = Word
    if isinstance(field, ReferenceField | RelationsField):
        about = "Items name one of these entries, each by its slug or its id."
        value = Annotated[Word, AfterValidator(_judged(lambda text: asked_about(field, [text])))]
    many: Any = Field(default=[], max_length=MAX_VALUES, description=about)
    return dict.fromkeys(field.parameters, (list[value], many))


def given(field: ContentField, parameter: str, value: Any) -> Filter:
    """Return the filter that a parameter of a query makes.

    Args:
        field: whose filter it is.
        parameter: its name.
        value: what was given.
    """
    name = bound_as(parameter)
    if field.filter == "flag":
        return Filter("is", {name: value == "true"})
    if isinstance(field, RangeField):
        least, greatest = field.span(value)
        ends = {f"{name}_least": least, f"{name}_most": greatest}
        form: Form = "most" if least is None else "least" if greatest is None else "between"
        return Filter(form, {end: one for end, one in ends.items() if one is not None})
    values = list(dict.fromkeys(value))
    if isinstance(field, ReferenceField | RelationsField):
        asked = asked_about(field, values)
        return Filter("named", {f"{name}_{part}": one for part, one in asked._asdict().items()}, asked)
    if field.filter == "contains":
        return Filter("all", {name: values})
    if len(values) == 1 and field.COLUMN != "texts":
        return Filter("one", {name: values[0]})
    return Filter("some", {name: values})


def condition(tables: EntryTables, facets: Table, field: ContentField, parameter: str, form: Form) -> Any:
    """Return the condition that a filter becomes.

    Args:
        tables: of all kinds.
        facets: the one of them that is listed.
        field: whose filter it is.
        parameter: of the query.
        form: of the filter.
    """
    name = bound_as(parameter)

    def bound(type_: Any, end: str = "") -> BindParameter[Any]:
        return bindparam(name + end, type_=type_)

    if isinstance(field, ReferenceField | RelationsField):
        return names_one(tables, facets, field, name)
    if isinstance(field, RangeField):
        low, high = (facets.c[key] for key in field.range_keys)
        reaches: ColumnElement[bool] = high >= bound(high.type, "_least")
        begins: ColumnElement[bool] = low <= bound(low.type, "_most")
        return {"least": reaches, "most": begins}.get(form, and_(reaches, begins))
    column = facets.c[field.name]
    if form == "all":
        return column.contains(bound(column.type))
    if form == "is":
        flag = facets.c[field.columns[1].name]
        return flag == bound(flag.type)
    if field.COLUMN == "texts":
        return column.overlap(bound(column.type))
    return column == (bound(column.type) if form == "one" else any_(bound(ARRAY(column.type))))


def bound_as(parameter: str) -> str:
    """Return the name under which the value of a parameter is bound, or with which such names begin."""
    return f"of_{parameter}"


def _range(field: RangeField) -> Any:
    about = f"{field.label}: items that reach into this range, such as {field.RANGES}."
    return Annotated[
        CleanLine,
        StringConstraints(min_length=1, max_length=MAX_RANGE),
        AfterValidator(_judged(field.span)),
        Field(description=f"{about}{field.about_ranges}", examples=[field.EXAMPLE]),
    ]


def _judged(judge: Callable[[str], Any]) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            judge(text)
        except FieldError as error:
            raise PydanticCustomError("our_value", "{detail}", {"detail": error.detail}) from None
        return text

    return check
