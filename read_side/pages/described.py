"""What pages answer, described for OpenAPI."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from events.forms.values import InLanguages
from kit.http.described import Described, example
from read_side.entry.answers import ID, MOMENT, OTHER
from read_side.entry.kind import Locale

_Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class HomeArticle(Described):
    """An article on the home page."""

    id: UUID
    locale: Locale
    slug: str
    title: str
    summary: str


class HomeFact(Described):
    """A fact on the home page, in the language of the page; null where it is not written in that."""

    id: UUID
    slug: str
    title: str | None
    text: str | None


class HomePage(Described):
    """Articles and facts, chosen afresh each hour."""

    model_config = example(
        {
            "hour": MOMENT,
            "until": MOMENT,
            "locale": "en",
            "articles": [
                {"id": ID, "locale": "en", "slug": "an-2", "title": "Antonov An-2", "summary": "A biplane."}
            ],
            "facts": [{"id": OTHER, "slug": "it-flies", "title": "It flies", "text": "It still flies."}],
        }
    )

    hour: datetime
    """Beginning of the hour."""
    until: datetime
    """When others are chosen."""
    locale: Locale
    articles: list[HomeArticle]
    facts: list[HomeFact]


class TimelineItem(Described):
    """Something that happened to an entry, or was done by it."""

    date: dict[str, Any]
    """As its source says it: EDTF, and the calendar where it is not Gregory's."""
    earliest: _Day
    """The first day that it can mean, by Gregory."""
    latest: _Day
    """The last one."""
    what: str
    """Name of the field: `first_flight`, `born`, `time`."""
    kind: str
    id: UUID
    slug: str
    title: InLanguages


class TimelinePage(Described):
    """What happened, by the earliest day that it can mean."""

    model_config = example(
        {
            "items": [
                {
                    "date": {"edtf": "1941-06"},
                    "earliest": "1941-06-01",
                    "latest": "1941-06-30",
                    "what": "first_flight",
                    "kind": "aircraft",
                    "id": ID,
                    "slug": "an-2",
                    "title": {"ru": "Ан-2", "en": "Antonov An-2"},
                }
            ],
            "next": "q83vEjRWeJCrze8SNFZ4kA",
        }
    )

    locale: Locale | None = None
    """The language that was asked for."""
    items: list[TimelineItem]
    next: str | None
    """Cursor of the next page; null at the end."""


class Member(Described):
    """A member of a family."""

    id: UUID
    kind: str
    slug: str
    title: InLanguages


class FamilyPage(Described):
    """An aircraft and its kin as a graph: ancestors, descendants, variants, and siblings by maker."""

    model_config = example(
        {
            "root": ID,
            "members": [
                {"id": ID, "kind": "aircraft", "slug": "an-2", "title": {"ru": "Ан-2", "en": "An-2"}}
            ],
            "bonds": [{"from": ID, "to": OTHER, "relation": "variant_of"}],
            "whole": True,
        }
    )

    locale: Locale | None = None
    """The language that was asked for."""
    root: UUID
    members: list[Member]
    bonds: list[dict[str, str]]
    """`from` names `to` in its field `relation`."""
    whole: bool
    """False: some were left out, there are too many."""


class PageOfEntry(Described):
    """An entry and those around it."""

    model_config = example(
        {
            "entry": {"id": ID, "slug": "an-2"},
            "named": {
                "manufacturers": [
                    {"kind": "manufacturer", "id": OTHER, "slug": "pzl", "title": {"en": "PZL"}}
                ]
            },
            "naming": {
                "article": {"subject": [{"kind": "article", "id": OTHER, "slug": "an-2", "title": "An-2"}]}
            },
            "facts": [{"id": OTHER, "slug": "it-flies", "text": {"ru": None, "en": "It still flies."}}],
            "subject": {"id": OTHER, "kind": "aircraft", "slug": "an-2"},
            "parent": {"id": OTHER, "slug": "an-2", "title": {"en": "An-2"}, "figures": {"crew": 2}},
        }
    )

    locale: Locale | None = None
    """The language that was asked for."""
    entry: dict[str, Any]
    """Its document, but for `relations` and `related`."""
    named: dict[str, list[dict[str, Any]]]
    """Field → the entries that it names, with what the field says beside (`item`)."""
    naming: dict[str, dict[str, list[dict[str, Any]]]]
    """Kind → field → the entries that name this one."""
    facts: list[dict[str, Any]]
    """Facts about it, with their texts."""
    subject: dict[str, Any] | None = None
    """Of an article: the entry that it is about, as a card; null where that is no entry that readers see."""
    parent: dict[str, Any] | None = None
    """Of a variant: the entry that it is a variant of, with those figures that its own entry lacks."""


class SettingsPage(Described):
    """What a front end has to know of this installation."""

    model_config = example(
        {"locales": ["ru", "en"], "sign_in": ["token"], "media": "", "features": {"stream": True}}
    )

    locales: list[Locale]
    sign_in: list[str]
    """Ways to sign in that are on."""
    media: str
    """Where pictures are served; empty: nowhere yet."""
    features: dict[str, bool]
