"""Events survive the log: written, read back, upcast, refused when they could not be."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from events.base import Event, Meta, Text
from events.codec import CODEC, Codec, Unreadable
from events.entry import Change, Source
from events.kinds.aircraft import AIRCRAFT
from events.kinds.article import ARTICLE
from kit.ids import named_id
from kit.text import line, text


def stored(rule: Callable[[str], str], value: str) -> str:
    """Return a text as a rule makes it, or another one where the rule refuses it."""
    try:
        return rule(value)
    except ValueError:
        return "refused"


TEXT = st.text(max_size=50).map(partial(stored, text))
TITLE = st.text(max_size=50).map(partial(stored, line)).filter(bool)
TAGS = st.lists(TITLE, max_size=3, unique=True)
SUBJECT = named_id("test")


@given(TITLE, TEXT, TEXT, TAGS)
def test_what_was_written_is_what_is_read(title: str, summary: str, body: str, tags: list[str]) -> None:
    content = ARTICLE.content(title=title, summary=summary, body=Text.of(body), tags=tuple(tags))
    created = ARTICLE.life.created(subject=SUBJECT, locale="en", slug="x", content=content)
    assert created == CODEC.decode(*CODEC.encode(created))


@given(TITLE, TEXT)
def test_a_revision_survives_too(title: str, body: str) -> None:
    changed = {"title": Change("a", title), "body": Change(None, msgspec.to_builtins(Text.of(body)))}
    revised = ARTICLE.life.revised(revision=2, changed=changed)
    assert revised == CODEC.decode(*CODEC.encode(revised))


@pytest.mark.parametrize("source", [UNSET, None, Source(entry=SUBJECT, revision=2)])
def test_a_revision_tells_nothing_new_from_nothing_any_more(source: Source | UnsetType | None) -> None:
    revised = ARTICLE.life.revised(revision=2, changed={"title": Change("a", "b")}, translated_from=source)
    stored = CODEC.encode(revised)
    assert revised == CODEC.decode(*stored)
    assert (source is not UNSET) == (b"translated_from" in stored.payload)


def test_a_revision_that_changes_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="changes something"):
        ARTICLE.life.revised(revision=2, changed={})


@pytest.mark.parametrize("bad", ["", "x" * 301, "a\x00b", "\ud800", 7, None])
def test_a_title_that_no_reader_could_show_is_refused_by_the_constructor(bad: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's error and our own are both ValueErrors
        ARTICLE.content(title=bad)
    with pytest.raises(ValueError):  # noqa: PT011
        ARTICLE.life.revised(revision=2, changed={"title": Change("x", bad)})


def test_a_body_is_limited_in_characters_and_in_bytes() -> None:
    ARTICLE.content(title="x", body=Text.of("x" * 200_000))
    with pytest.raises(ValueError, match="200,000 characters"):
        ARTICLE.content(title="x", body=Text.of("x" * 200_001))
    with pytest.raises(ValueError, match="bytes"):
        ARTICLE.content(title="x", body=Text.of("🛩" * 150_000))


@pytest.mark.parametrize("raised", [TypeError, AttributeError, KeyError, ZeroDivisionError])
def test_an_event_that_its_upcaster_stumbles_over_is_unreadable_whatever_it_raises(
    raised: type[Exception],
) -> None:
    def stumbles(_fields: dict[str, Any]) -> dict[str, Any]:
        raise raised("not what was expected")

    type_, _, payload = CODEC.encode(ARTICLE.life.revised(revision=2, changed={"title": Change("a", "b")}))
    codec = Codec(CODEC.classes.values(), {(type_, 0 + 1): stumbles})
    codec._current[type_] = 2  # noqa: SLF001 - as if this build wrote the next schema
    with pytest.raises(Unreadable, match=f"cannot be upcast: {raised.__name__}"):
        codec.decode(type_, 1, payload)


def test_an_unknown_field_type_or_schema_is_unreadable() -> None:
    type_, schema, payload = CODEC.encode(
        ARTICLE.life.revised(revision=2, changed={"title": Change("a", "b")})
    )
    for stored in [
        ("article.dreamt", schema, payload),
        (type_, 99, payload),
        (type_, schema, payload[:-1]),
        (type_, schema, payload.replace(b"revision", b"revisiom")),
        (type_, schema, b"[" * 100_000),
    ]:
        with pytest.raises(Unreadable):
            CODEC.decode(*stored)


class Landed(Event, frozen=True, kw_only=True):
    """As it is today: the field `airfield` was `where`, and before that `place`."""

    TYPE: ClassVar[str] = "flight.landed"
    SCHEMA: ClassVar[int] = 3
    airfield: str


def test_old_payloads_climb_every_step_to_the_schema_of_the_day() -> None:
    codec = Codec(
        [Landed],
        {
            ("flight.landed", 1): lambda old: {"where": old["place"]},
            ("flight.landed", 2): lambda old: {"airfield": old["where"]},
        },
    )
    assert codec.decode("flight.landed", 1, b'{"place":"Tushino"}') == Landed(airfield="Tushino")
    assert codec.decode("flight.landed", 2, b'{"where":"Tushino"}') == Landed(airfield="Tushino")
    assert codec.readable() == {("flight.landed", 1), ("flight.landed", 2), ("flight.landed", 3)}


MONINO = {"title": {"ru": None, "en": "x"}, "sources": [{"title": "y", "url": ""}]}
BUREAU_CREATED = {"slug": "x", "content": MONINO}


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("bureau.created", BUREAU_CREATED | {"content": MONINO | {"title": {"ru": None, "en": "a\x00b"}}}),
        (
            "bureau.created",
            BUREAU_CREATED | {"content": MONINO | {"sources": [{"title": "\\\x00", "url": ""}]}},
        ),
        ("bureau.revised", {"revision": 2, "changed": {"title": {"before": None, "after": {"ru": "\x00"}}}}),
        ("bureau.revised", {"revision": 2, "changed": {"title": {"before": "\x00", "after": {"ru": "a"}}}}),
        ("article.returned", {"comment": "a\x00"}),
    ],
)
def test_a_stored_text_that_no_database_carries_is_unreadable_wherever_it_stands(
    type_: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(Unreadable, match="a NUL character"):
        CODEC.decode(type_, 1, msgspec.json.encode(fields))


@pytest.mark.parametrize("half", [rb"\ud800", rb"\udc00", rb"\ud800\u0041", b"\xed\xa0\x80"])
def test_half_of_a_surrogate_pair_is_unreadable(half: bytes) -> None:
    with pytest.raises(Unreadable):
        CODEC.decode("article.returned", 1, b'{"comment":"%b"}' % half)


@given(st.integers(1, 6).map(lambda count: "\\" * count + "u0000"))
def test_a_text_about_a_nul_character_is_read(comment: str) -> None:
    returned = ARTICLE.life.returned(comment=comment)
    assert returned == CODEC.decode(*CODEC.encode(returned))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_flight", {"edtf": "1941-02-30"}),
        ("wingspan", {"value": "wide"}),
        ("manufacturers", [{"entry": str(SUBJECT), "period": {"edtf": "1941-13"}}]),
    ],
)
def test_a_stored_value_of_which_nothing_can_be_made_is_unreadable(field: str, value: Any) -> None:
    content = {"title": {"ru": None, "en": "x"}, field: value}
    for cls, fields in (
        (AIRCRAFT.life.created, {"slug": "x", "content": content}),
        (AIRCRAFT.life.revised, {"revision": 2, "changed": {field: {"before": None, "after": value}}}),
    ):
        with pytest.raises(Unreadable, match="must "):
            CODEC.decode(cls.TYPE, cls.SCHEMA, msgspec.json.encode(fields))


def test_metadata_is_checked_and_survives() -> None:
    meta = Meta(actor=SUBJECT, command=SUBJECT, client="bot", reason="Опечатка")
    assert meta == CODEC.decode_meta(CODEC.encode_meta(meta))
    with pytest.raises(ValueError, match="printable"):
        Meta(actor=SUBJECT, command=SUBJECT, reason="\x00")
    with pytest.raises(ValueError, match="500"):
        Meta(actor=SUBJECT, command=SUBJECT, reason="x" * 501)


def test_metadata_that_no_reader_gets_through_is_unreadable() -> None:
    deep = b'{"actor":"%b","command":"%b","of a later build":%b%b}' % (
        str(SUBJECT).encode(), str(SUBJECT).encode(), b"[" * 5_000, b"]" * 5_000,
    )  # fmt: skip
    with pytest.raises(Unreadable):
        CODEC.decode_meta(deep)
