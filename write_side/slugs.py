"""Slugs: made from a title, claimed in the same append as what needs them, released by moderators."""

from typing import Any
from uuid import UUID

from slugify import slugify

from events.base import Locale
from events.slug import MAX_SLUG, SlugClaimed, SlugReleased, slug_stream
from kit.errors import Problem
from kit.ids import spells_an_id
from kit.problem_types import NOT_FOUND
from write_side.aggregate import StreamClaim
from write_side.problem_types import SLUG_NEEDED, SLUG_TAKEN
from write_side.work import Work


def slug_from(*texts: str) -> str:
    """Make a slug from the first text that gives one, Cyrillic or Latin; from a long one, its first words.

    Raises:
        Problem: 422 when no slug can be made of any.
    """
    for text in texts:
        made: str = slugify(text, max_length=MAX_SLUG, word_boundary=True, save_order=True)
        if made and not spells_an_id(made):
            return made
    raise Problem(SLUG_NEEDED, errors=[{"pointer": "/slug", "detail": "is needed"}])


async def claim(work: Work[Any, Any], slug: str, owner: UUID, *, locale: Locale | None = None) -> StreamClaim:
    """Return the claim that gives a slug to its owner; without events when it is his already.

    Args:
        work: the command, on what the slug leads to.
        slug: the slug.
        owner: the stream to which it leads.
        locale: within which it leads nowhere else; None: within all of them.

    Raises:
        Problem: 409 when somebody else owns it.
    """
    kind = work.aggregate.name
    stream = slug_stream(kind, locale, slug)
    version, last = await work.last(stream)
    if not isinstance(last, SlugClaimed):
        claimed = SlugClaimed(kind=kind, locale=locale, slug=slug, owner=owner)
        return StreamClaim(stream, version, [claimed], _just_now())
    if last.owner != owner:
        raise Problem(
            SLUG_TAKEN,
            errors=[{"pointer": "/slug", "detail": "is taken"}],
            facts={"owner": str(last.owner)},
        )
    return StreamClaim(stream, version, [], _just_now())


async def release(
    work: Work[Any, Any], slug: str, owner: UUID, *, locale: Locale | None = None
) -> StreamClaim:
    """Return the claim that frees a former slug of its owner; the arguments are those of `claim`.

    Raises:
        Problem: 404 when the entry does not own it.
    """
    kind = work.aggregate.name
    stream = slug_stream(kind, locale, slug)
    version, last = await work.last(stream)
    if not isinstance(last, SlugClaimed) or last.owner != owner:
        raise Problem(NOT_FOUND, "The entry has no such slug.")
    released = SlugReleased(kind=kind, locale=locale, slug=slug, owner=owner)
    return StreamClaim(stream, version, [released], _just_now())


def _just_now() -> Problem:
    return Problem(SLUG_TAKEN, "Somebody else claimed the slug just now.", headers={"Retry-After": "1"})
