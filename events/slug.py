"""Slugs: each is a stream of its own, claimed and released, so that the log itself keeps it unique."""

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from events.base import Event
from kit.ids import named_id

Slug = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]


def slug_stream(kind: str, slug: str) -> UUID:
    """Return the stream on which a slug of a kind is claimed and released."""
    return named_id("slug", kind, slug)


class SlugClaimed(Event, frozen=True, kw_only=True):
    """An entry owns a slug from now on, under its present or a former name."""

    TYPE: ClassVar[str] = "slug.claimed"
    kind: str
    slug: Slug
    owner: UUID


class SlugReleased(Event, frozen=True, kw_only=True):
    """A former slug of an entry is free for others."""

    TYPE: ClassVar[str] = "slug.released"
    kind: str
    slug: Slug
    owner: UUID


EVENTS: tuple[type[Event], ...] = (SlugClaimed, SlugReleased)
