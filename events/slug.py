"""Slugs: each is a stream of its own, claimed and released, so that the log itself keeps it unique."""

import re
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from events.base import IS_READ, Event, Locale
from kit.ids import named_id, spells_an_id

MAX_SLUG = 120

Slug = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SLUG, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]

_SHAPE = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


def check_slug(slug: str) -> None:
    """Refuse what is no slug, or what an address would take for an id: both lead to entries.

    One that is read from the log may be spelt like an id: earlier builds took such slugs.

    Raises:
        ValueError: without the slug in it.
    """
    if IS_READ.get():
        return
    if len(slug) > MAX_SLUG or not _SHAPE.fullmatch(slug):
        raise ValueError("a slug has 1 to 120 small letters, digits, and single hyphens between them")
    if spells_an_id(slug):
        raise ValueError("a slug is not spelt like an id")


def slug_stream(kind: str, locale: Locale | None, slug: str) -> UUID:
    """Return the stream on which a slug is claimed and released.

    Args:
        kind: of the entries that may have it.
        locale: their language; None: entries of this kind are for all languages.
        slug: once in each language of a kind, or once in the kind.
    """
    return named_id("slug", kind, *([] if locale is None else [locale]), slug)


class SlugClaimed(Event, frozen=True, kw_only=True):
    """An entry owns a slug from now on, under its present or a former name."""

    TYPE: ClassVar[str] = "slug.claimed"
    kind: str
    locale: Locale | None = None
    """Within which the slug is its owner's alone; left out: within the kind."""
    slug: Slug
    owner: UUID

    def __post_init__(self) -> None:
        check_slug(self.slug)


class SlugReleased(Event, frozen=True, kw_only=True):
    """A former slug of an entry is free for others."""

    TYPE: ClassVar[str] = "slug.released"
    kind: str
    locale: Locale | None = None
    """That of the claim."""
    slug: Slug
    owner: UUID


EVENTS: tuple[type[Event], ...] = (SlugClaimed, SlugReleased)
