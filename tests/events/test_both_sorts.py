"""Entries in one language and for all languages: each sort has events of its own, which survive the log."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.base import Event, Locale
from events.catalog import events_of
from events.codec import Codec, Unreadable
from events.entry import Change, Source
from events.kind import Kind
from events.kinds.article import ARTICLE
from events.life import LOCAL_STEPS, STEPS
from events.slug import SlugClaimed, SlugReleased
from kit.ids import new_id
from tests.events.examples import examples_of
from tests.given.museum import MUSEUM

CODEC = Codec(events_of((ARTICLE, MUSEUM)))
OF_A_LANGUAGE = {"subject", "locale", "translated_from"}

KINDS = st.sampled_from((ARTICLE, MUSEUM))
LOCALES: st.SearchStrategy[Locale] = st.sampled_from(("ru", "en"))
SLUGS = st.from_regex("[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
WORDS = st.text("anANруёЖ0123", min_size=1, max_size=30)
SOURCES = st.one_of(st.none(), st.builds(Source, entry=st.uuids(), revision=st.integers(1, 2**31 - 1)))


def told(data: st.DataObject, kind: Kind, **drawn: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Return what an event of a localized kind says beside; of another kind nothing."""
    return {name: data.draw(values) for name, values in drawn.items()} if kind.localized else {}


@given(KINDS, SLUGS, WORDS, WORDS, st.data())
def test_what_was_written_of_either_sort_is_what_is_read(
    kind: Kind, slug: str, title: str, summary: str, data: st.DataObject
) -> None:
    life = kind.life
    texts: dict[str, Any] = {"title": title, "summary": summary}
    if not kind.localized:
        texts = {"title": {"en": title}, "summary": {"ru": summary}}
    said = kind.headline(texts)
    content = kind.content(**said)
    headline = {**said, "slug": slug, **told(data, kind, locale=LOCALES)}
    beside = told(data, kind, subject=st.uuids(), locale=LOCALES, translated_from=SOURCES)
    again = told(data, kind, translated_from=st.one_of(st.just(UNSET), SOURCES))
    for event in (
        life.created(slug=slug, content=content, **beside),
        life.revised(revision=2, changed={"title": Change("a", texts["title"])}, **again),
        life.submitted(revision=2, **headline),
        life.published(revision=2, forced=True, **headline),
    ):
        stored = CODEC.encode(event)
        assert event == CODEC.decode(*stored)
        stored_names = set(msgspec.json.decode(stored.payload))
        assert kind.localized or not stored_names & OF_A_LANGUAGE


@given(KINDS, st.sampled_from((SlugClaimed, SlugReleased)), SLUGS, st.data())
def test_a_slug_is_claimed_and_released_with_a_language_or_without(
    kind: Kind, cls: type[Event], slug: str, data: st.DataObject
) -> None:
    event = cls(kind=kind.name, slug=slug, owner=new_id(), **told(data, kind, locale=LOCALES))
    stored = CODEC.encode(event)
    assert event == CODEC.decode(*stored)
    assert kind.localized == ("locale" in msgspec.json.decode(stored.payload))


@pytest.mark.parametrize("kind", [ARTICLE, MUSEUM], ids=lambda kind: kind.name)
def test_every_event_of_either_sort_has_an_example_that_survives(kind: Kind) -> None:
    examples = [*examples_of(kind)]
    assert [*kind.life] == [type(event) for event in examples]
    assert examples == [CODEC.decode(*CODEC.encode(event)) for event in examples]


@pytest.mark.parametrize("step", ["created", "submitted", "published"])
def test_neither_sort_is_read_as_the_other(step: str) -> None:
    number = MUSEUM.life._fields.index(step)
    local, other = (CODEC.encode([*examples_of(kind)][number]) for kind in (ARTICLE, MUSEUM))
    without = msgspec.json.decode(local.payload)
    del without["locale"]
    with_one = msgspec.json.decode(other.payload) | {"locale": "en"}
    for type_, payload in ((local.type, without), (other.type, with_one)):
        with pytest.raises(Unreadable, match="locale"):
            CODEC.decode(type_, 1, msgspec.json.encode(payload))


def test_a_kind_for_all_languages_is_translated_from_nothing() -> None:
    with pytest.raises(TypeError, match="translated_from"):
        MUSEUM.life.revised(revision=2, changed={}, translated_from=None)
    with pytest.raises(ValueError, match="changes something"):
        MUSEUM.life.revised(revision=2, changed={})
    changed = {"title": Change({"en": "a"}, {"en": "b"})}
    assert {"title": {"en": "b"}} == MUSEUM.life.revised(revision=2, changed=changed).after()


def test_each_event_is_of_the_steps_of_its_sort() -> None:
    for kind, steps in ((ARTICLE, LOCAL_STEPS), (MUSEUM, STEPS)):
        assert all(issubclass(cls, base) for cls, base in zip(kind.life, steps, strict=True))
    assert all(issubclass(local, base) for local, base in zip(LOCAL_STEPS, STEPS, strict=True))
