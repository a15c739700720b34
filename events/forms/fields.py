"""The type of a field in a command's body and in an answer, one function of each for every type of field."""

from functools import singledispatch
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Documented
from pydantic_core import PydanticCustomError

from events.content.checks import FieldError
from events.content.codes import CODE, MAX_CODE, CodeField, TermField, TermsField
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.pictures import FocalPointField, PicturesField
from events.content.plain import CountField, FlagField, ReferenceField
from events.content.quantities import QuantityField
from events.content.sources import MAX_SOURCES_BYTES, SourcesField
from events.content.texts import LineField, LinesField, MarkdownField, TextField
from events.forms.models import OrSaid, each_once, model, plain
from events.forms.values import (
    CitationBody,
    CitationShown,
    FocalPointBody,
    FocalPointShown,
    InLanguages,
    LocalizedShown,
    PartialDateBody,
    PartialDateShown,
    PictureBody,
    PictureShown,
    QuantityBody,
    QuantityShown,
    altogether,
    localized_body,
)
from kit.http.requests.room import ALTOGETHER
from kit.http.requests.text import CleanLine, CleanText, Id, Key

_CODE = Annotated[CleanLine, StringConstraints(max_length=MAX_CODE, pattern=CODE)]


def body(field: Field) -> Any:
    """Return the type of the value in a command's body: refusals carry a pointer."""
    type_ = _sent(field)
    if field.may_be:
        type_ = Annotated[type_, OrSaid(field.may_be)]
    type_ = type_ if field.empty is not None else type_ | None
    return Annotated[type_, Documented(title=field.label, description=field.help_en or None)]


def shown(field: Field, *, in_language: bool = False) -> Any:
    """Return the type of the value in answers, for OpenAPI.

    Args:
        field: the field.
        in_language: whether a reader may ask for texts in one language alone.
    """
    type_ = _told(field)
    if in_language and type_ is LocalizedShown:
        type_ = InLanguages
    if field.may_be:
        type_ |= Literal[field.may_be]
    return type_ if field.empty is not None else type_ | None


@singledispatch
def _sent(field: Field) -> Any:
    raise TypeError(f"{field.name}: a {type(field).__name__} has no form in bodies")


@singledispatch
def _told(field: Field) -> Any:
    raise TypeError(f"{field.name}: a {type(field).__name__} has no form in answers")


@_sent.register
def _(field: LineField) -> Any:
    line: Any = Key if field.filter else CleanLine
    return Annotated[line, StringConstraints(min_length=field.least or None, max_length=field.limit)]


@_sent.register(TextField | MarkdownField)
def _(field: Any) -> Any:
    return Annotated[CleanText, StringConstraints(max_length=field.limit)]


@_sent.register
def _(field: LinesField) -> Any:
    line = Annotated[Key, StringConstraints(min_length=1, max_length=field.limit)]
    return Annotated[list[line], Documented(max_length=field.most), AfterValidator(each_once)]


@_sent.register
def _(_field: FlagField) -> Any:
    return bool


@_sent.register
def _(field: CountField) -> Any:
    return Annotated[int, Documented(ge=field.least, le=field.most)]


@_sent.register(TermField | CodeField)
def _(_field: Any) -> Any:
    return _CODE


@_sent.register
def _(field: TermsField) -> Any:
    return Annotated[list[_CODE], Documented(max_length=field.most), AfterValidator(each_once)]


@_sent.register
def _(_field: ReferenceField) -> Any:
    return Id


@_sent.register
def _(field: DateField) -> Any:
    return _judged(field, PartialDateBody)


@_sent.register
def _(field: QuantityField) -> Any:
    return _judged(field, QuantityBody)


@_sent.register(LocalizedLineField | LocalizedTextField)
def _(field: Any) -> Any:
    usual = 300 if field.LINES else 2_000
    name = f"{'' if field.limit == usual else 'Short'}Localized{'Line' if field.LINES else 'Text'}"
    return localized_body(name, field.limit, lines=field.LINES)


@_sent.register
def _(field: SourcesField) -> Any:
    return Annotated[
        list[CitationBody],
        Documented(max_length=field.most, json_schema_extra={ALTOGETHER: MAX_SOURCES_BYTES}),
        AfterValidator(altogether),
    ]


@_sent.register
def _(_field: FocalPointField) -> Any:
    return FocalPointBody


@_sent.register
def _(field: PicturesField) -> Any:
    return _judged(field, Annotated[list[PictureBody], Documented(max_length=field.most)])


@_sent.register
def _(field: RelationsField) -> Any:
    item = _item(field, sent=True)
    return _judged(field, Annotated[list[item], Documented(max_length=field.most)])  # type: ignore[valid-type]


@_told.register(LineField | TextField | MarkdownField | TermField | CodeField)
def _(_field: Any) -> Any:
    return str


@_told.register(LinesField | TermsField)
def _(_field: Any) -> Any:
    return list[str]


@_told.register
def _(_field: FlagField) -> Any:
    return bool


@_told.register
def _(_field: CountField) -> Any:
    return int


@_told.register
def _(_field: ReferenceField) -> Any:
    return UUID


@_told.register
def _(_field: DateField) -> Any:
    return PartialDateShown


@_told.register
def _(_field: QuantityField) -> Any:
    return QuantityShown


@_told.register(LocalizedLineField | LocalizedTextField)
def _(_field: Any) -> Any:
    return LocalizedShown


@_told.register
def _(_field: SourcesField) -> Any:
    return list[CitationShown]


@_told.register
def _(_field: FocalPointField) -> Any:
    return FocalPointShown


@_told.register
def _(_field: PicturesField) -> Any:
    return list[PictureShown]


@_told.register
def _(field: RelationsField) -> Any:
    item = _item(field, sent=False)
    return list[item]  # type: ignore[valid-type]


_ITEMS: dict[tuple[type, bool], Any] = {}
"""Models of relations by the class that is stored: a schema of one name is made once."""


def _item(field: RelationsField, *, sent: bool) -> Any:
    """Return the model of one relation."""
    if (made := _ITEMS.get((field.struct, sent))) is None:
        form = body if sent else shown
        members = {one.name: (form(one), ... if one.needed else None) for one in field.fields}
        name = f"{field.item}{'Body' if sent else 'Shown'}"
        made = _ITEMS[field.struct, sent] = model(name, field.struct.__doc__, members, sent=sent)
    return made


def _judged(field: Field, type_: Any) -> Any:
    """Let the field itself judge what a body brings; its refusal stands at the field."""

    def judge(value: Any) -> Any:
        try:
            field.kept(None, plain(value))
        except FieldError as error:
            raise PydanticCustomError("our_field", "{detail}", {"detail": error.detail}) from None
        return value

    return Annotated[type_, AfterValidator(judge)]
