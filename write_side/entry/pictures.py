"""Judges the pictures of a revision: readers see none that has no licence, or no words in their language."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.across import Content
from events.content.localized import LANGUAGES
from events.content.pictures import PicturesField
from kit.errors import Problem
from kit.ids import parse_id
from write_side.aggregate import StreamClaim
from write_side.entry.state import State
from write_side.entry.work import EntryWork
from write_side.media.aggregate import MEDIA
from write_side.problem_types import NOT_PUBLISHABLE, OTHERS_CHANGED

_NAMES = {"ru": "Russian", "en": "English"}


async def pictures_as_they_are(work: EntryWork, state: State, content: Content) -> list[StreamClaim]:
    """Return the pictures of a revision: they must be as they were, or they have to be judged again.

    Args:
        work: the command that is to publish it.
        state: the entry.
        content: of the revision.

    Raises:
        Problem: 422, when readers may not see one of them in this entry; 503, when the log cannot be read.
    """
    lacking: list[dict[str, str]] = []
    claims: dict[UUID, StreamClaim] = {}
    for name, field in work.aggregate.content.FIELDS.items():
        if not isinstance(field, PicturesField):
            continue
        for number, item in enumerate(content.get(name) or ()):
            id_ = parse_id(item["media"])
            picture = None if id_ is None else await work.others.newest(MEDIA, id_)
            place = f"/{name}/{number}/media"
            lacking += ({"pointer": place, "detail": one} for one in _lacks(picture, _spoken(state, content)))
            if id_ is not None and picture is not None:
                claims[id_] = StreamClaim(id_, picture.version, (), _just_now())
    if lacking:
        raise Problem(NOT_PUBLISHABLE, errors=lacking)
    return list(claims.values())


def _spoken(state: State, content: Content) -> Sequence[str]:
    """Return the languages that an entry has."""
    if state.locale is not None:
        return [state.locale]
    return [one for one in LANGUAGES if content["title"].get(one)]


def _lacks(picture: Any, languages: Sequence[str]) -> list[str]:
    if picture is None or picture.suppressed:
        return ["is no picture that is shown"]
    found = [] if picture.licence else ["has no licence"]
    return found + [
        f"has no alternative text in {_NAMES[one]}" for one in languages if not getattr(picture.alt, one)
    ]


def _just_now() -> Problem:
    return Problem(OTHERS_CHANGED, headers={"Retry-After": "1"})
