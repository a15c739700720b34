"""Each type of field: what it takes, in which form it is kept, and how it refuses the rest."""

from typing import Any

import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.codes import TermField
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.pictures import PicturesField
from events.content.plain import CountField, FlagField, ReferenceField
from events.content.quantities import QuantityField
from events.content.sources import SourcesField
from events.content.texts import LineField, LinesField, MarkdownField, TextField
from events.forms.fields import body

ID = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
OTHER = "5b0f7a52-8f0e-5d55-8a1b-6f3d2e9c7a10"
SAID: Any = ("unknown", "none")

LINE = LineField("name", limit=10, least=1)
TEXT = TextField("summary", limit=10)
MARKDOWN = MarkdownField("body", limit=10)
TAGS = LinesField("tags", limit=5, most=2)
NAME = LocalizedLineField("name", limit=10)
STORY = LocalizedTextField("story", limit=10)
FLAG = FlagField("living", may_be=("unknown",))
CREW = CountField("crew", least=1, most=9, may_be=SAID)
STATUS = TermField("status", vocabulary="status", may_be=SAID)
MAKER = ReferenceField("maker", kinds=("manufacturer",), may_be=SAID)
SPAN = QuantityField("wingspan", unit="m", least="0.1", most="150", may_be=SAID)
FLIGHT = DateField("first_flight", may_be=SAID)
SOURCES = SourcesField("sources", most=2)
PICTURES = PicturesField("pictures", most=2)
OPERATORS = RelationsField(
    "operators",
    item="Operator",
    key=("entry", "role"),
    fields=(
        ReferenceField("entry", kinds=("country",), needed=True),
        TermField("role", vocabulary="operator_role"),
        DateField("period"),
        LocalizedLineField("name", limit=10),
    ),
)

TAKEN: list[tuple[Field, Any, Any]] = [
    (LINE, "Ту-144", "Ту-144"),
    (TEXT, "one\ntwo", "one\ntwo"),
    (TAGS, ["a", "b"], ["a", "b"]),
    (NAME, {"en": "Monino"}, {"ru": None, "en": "Monino"}),
    (STORY, {"ru": "one\ntwo", "en": None}, {"ru": "one\ntwo", "en": None}),
    (FLAG, False, False),
    (FLAG, "unknown", "unknown"),
    (FLAG, None, None),
    (CREW, 9, 9),
    (CREW, "none", "none"),
    (STATUS, "in_production", "in_production"),
    (STATUS, "unknown", "unknown"),
    (MAKER, ID, ID),
    (MAKER, "none", "none"),
    (MAKER, None, None),
    (SPAN, {"value": "28.80"}, {"value": "28.80"}),
    (SPAN, {"value": "28", "low": "27.5", "high": "29", "about": True}, None),
    (SPAN, {"value": "150.1", "condition": "as planned in 1963"}, None),
    (SPAN, "unknown", "unknown"),
    (FLIGHT, {"edtf": "1968-12-31"}, None),
    (FLIGHT, {"edtf": "1917-10-25", "calendar": "julian"}, None),
    (FLIGHT, {"edtf": "1968", "calendar": "gregorian"}, {"edtf": "1968"}),
    (FLIGHT, "none", "none"),
    (SOURCES, [{"title": "Gunston"}], [{"url": "", "title": "Gunston"}]),
    (SOURCES, [{"title": "A", "url": "https://a.example/", "pages": "1-2", "supports": ["crew"]}], None),
    (PICTURES, [{"media": ID}], [{"media": ID, "caption": {"ru": None, "en": None}}]),
    (OPERATORS, [{"entry": ID}, {"entry": ID, "role": "first"}], None),
    (OPERATORS, [{"entry": ID, "period": {"edtf": "1977/.."}, "name": {"ru": "СССР", "en": None}}], None),
]
"""Field, what is sent, and what is kept; None: the same."""

REFUSED: list[tuple[Field, Any, str]] = [
    (LINE, "", ""),
    (LINE, "x" * 11, ""),
    (LINE, "a\nb", ""),
    (LINE, 5, ""),
    (TEXT, "x" * 11, ""),
    (TEXT, "a\x07", ""),
    (TAGS, ["a", "a"], ""),
    (TAGS, ["a", "b", "c"], ""),
    (TAGS, ["a", "abcdef"], "/1"),
    (TAGS, ["a", ""], "/1"),
    (NAME, {"ru": "", "en": None}, "/ru"),
    (NAME, {"en": "x" * 11}, "/en"),
    (NAME, {"en": "a\nb"}, "/en"),
    (NAME, {"de": "Monino"}, ""),
    (FLAG, "none", ""),
    (FLAG, 1, ""),
    (CREW, 0, ""),
    (CREW, 10, ""),
    (CREW, 2.5, ""),
    (STATUS, "none_", ""),
    (STATUS, "In production", ""),
    (STATUS, "x" * 65, ""),
    (MAKER, "tupolev", ""),
    (SPAN, {"value": "28,8"}, "/value"),
    (SPAN, {"value": "028"}, "/value"),
    (SPAN, {"value": "1e3"}, "/value"),
    (SPAN, {"value": "-0"}, "/value"),
    (SPAN, {"value": 28.8}, ""),
    (SPAN, {"value": "28", "low": "29"}, ""),
    (SPAN, {"value": "28", "high": "27"}, ""),
    (SPAN, {"value": "151"}, "/value"),
    (SPAN, {"value": "0.05"}, "/value"),
    (SPAN, "28", ""),
    (FLIGHT, {"edtf": "1968-02-30"}, "/edtf"),
    (FLIGHT, {"edtf": "1968", "calendar": "islamic"}, ""),
    (SOURCES, [{"title": "A"}, {"title": ""}], "/1/title"),
    (SOURCES, [{"title": "A", "url": "ftp://a.example/"}], "/0/url"),
    (SOURCES, [{"title": "A", "url": "https://me:word@a.example/"}], "/0/url"),
    (SOURCES, [{"title": "A"}] * 3, ""),
    (PICTURES, [{"media": ID}, {"media": ID}], "/1"),
    (PICTURES, [{"media": "one"}], "/0/media"),
    (PICTURES, [{"media": ID, "caption": {"en": "a\nb"}}], "/0/caption/en"),
    (OPERATORS, [{"entry": ID}, {"entry": ID}], "/1"),
    (OPERATORS, [{"entry": ID}, {"role": "first"}], "/1/entry"),
    (OPERATORS, [{"entry": ID, "period": {"edtf": "77"}}], "/0/period/edtf"),
    (OPERATORS, [{"entry": ID, "since": "1977"}], ""),
]
"""Field, what is sent, and where in it the fault is, as far as the log's own types can tell."""


def kept(field: Field, sent: Any) -> Any:
    return field.kept(None, sent)


@pytest.mark.parametrize(("field", "sent", "stored"), TAKEN)
def test_a_value_is_kept_in_one_form(field: Field, sent: Any, stored: Any) -> None:
    assert (sent if stored is None else stored) == kept(field, sent)
    assert kept(field, sent) == kept(field, kept(field, sent))


@pytest.mark.parametrize(("field", "sent", "stored"), TAKEN)
def test_a_body_takes_what_the_field_takes(field: Field, sent: Any, stored: Any) -> None:  # noqa: ARG001
    TypeAdapter(body(field)).validate_python(sent)


@pytest.mark.parametrize(("field", "sent", "pointer"), REFUSED)
def test_what_a_field_never_holds_is_refused_at_its_place(field: Field, sent: Any, pointer: str) -> None:
    with pytest.raises(FieldError) as refused:
        kept(field, sent) if not isinstance(sent, dict) or "de" not in sent else field.admit(sent)
    assert pointer == refused.value.pointer


@pytest.mark.parametrize(("field", "sent", "pointer"), REFUSED)
def test_a_body_refuses_what_the_field_refuses(field: Field, sent: Any, pointer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(body(field)).validate_python(sent, strict=True)
    place = "".join(f"/{part}" for part in refused.value.errors()[0]["loc"])
    assert pointer.startswith(place) or place.startswith(pointer), (pointer, place)


@pytest.mark.parametrize(
    ("field", "stored"),
    [(LINE, "x" * 11), (TEXT, "x" * 11), (TAGS, ["a", "a", "a"]), (CREW, 10), (STATUS, "Flies"),
     (SPAN, {"value": "151"}), (SOURCES, [{"title": "", "url": ""}] * 3), (PICTURES, [{"media": ID}] * 2),
     (OPERATORS, [{"role": "first"}]), (NAME, {"ru": " a"})],
)  # fmt: skip
def test_what_was_stored_before_a_rule_existed_is_read_as_it_is(field: Field, stored: Any) -> None:
    with pytest.raises(FieldError):
        field.admit(stored)
    token = IS_READ.set(True)
    try:
        field.admit(stored)
    finally:
        IS_READ.reset(token)


def test_a_markdown_text_is_kept_with_its_hash() -> None:
    stored = kept(MARKDOWN, "Text")
    assert ["text", "sha256"] == list(stored)
    assert not MARKDOWN.is_empty(stored)
    assert MARKDOWN.is_empty(kept(MARKDOWN, ""))
    with pytest.raises(FieldError):
        kept(MARKDOWN, "x" * 11)


def test_a_change_of_a_localized_text_is_one_of_a_language() -> None:
    before = {"ru": "Монино", "en": "Monino"}
    assert {"ru": "Монино", "en": "Central"} == NAME.merged(before, {"en": "Central"})
    assert {"ru": None, "en": "Monino"} == NAME.merged(before, {"ru": None})


def test_unknown_none_and_absent_are_three_things() -> None:
    assert [False, False, True] == [FLIGHT.is_empty(value) for value in ("unknown", "none", None)]
    assert [{"first_flight": "unknown"}, {"first_flight": None}] == [
        DateField("first_flight", listed=True, may_be=SAID).row(value) for value in ("unknown", None)
    ]


def test_a_list_compares_numbers_and_days_and_shows_what_was_said() -> None:
    span = QuantityField("wingspan", unit="m", listed=True, filter="range", sorts=True)
    shown = {"value": "28.80", "high": "29"}
    row = span.row(shown)
    assert (shown, "28.80", "29") == (row["wingspan"], *map(str, list(row.values())[1:]))
    flight = DateField("first_flight", listed=True, filter="range")
    days = list(flight.row({"edtf": "194X"}).values())[1:]
    assert ["1940-01-01", "1949-12-31"] == [day.isoformat() for day in days]
    assert [None, None] == list(flight.row("unknown").values())[1:]


@pytest.mark.parametrize(
    "declare",
    [
        lambda: LineField("name", filter="range", listed=True),
        lambda: TextField("summary", sorts=True, listed=True),
        lambda: LineField("name", may_be=("unknown",)),
        lambda: LineField("name", filter="any"),
        lambda: RelationsField("operators", item="Operator", fields=(), key=("entry",)),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(declare: Any) -> None:
    with pytest.raises(ValueError, match=r"name|summary|operators"):
        declare()


def test_labels_and_help_change_nothing_that_is_stored() -> None:
    one = QuantityField("wingspan", ru="Размах", unit="m")
    assert one.means() == QuantityField("wingspan", ru="Размах крыла", en="Wingspan", unit="m").means()
    assert one.means() != QuantityField("wingspan", unit="ft").means()


@pytest.mark.parametrize("wrong", [{"a": 1}, [None], 1.5])
def test_a_value_of_another_type_is_refused_in_the_same_words_as_by_its_type(wrong: object) -> None:
    for field in (FLAG, CREW, TAGS, MARKDOWN, SPAN):
        with pytest.raises(msgspec.ValidationError) as told:
            msgspec.convert(wrong, field.stored)
        with pytest.raises(FieldError) as refused:
            field.typed(wrong)
        assert str(told.value) == refused.value.detail
