"""Judges the pictures of a revision: readers see none that has no licence, or no words in their language."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.across import Content
from events.content.localized import LANGUAGES
from events.content.pictures import PicturesField
from kit.errors import Problem
from kit.ids import parse_id
from write_side.aggregate import StreamClaim
from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.entry.work import EntryWork
from write_side.media.aggregate import MEDIA
from write_side.others import Others
from write_side.problem_types import NOT_PUBLISHABLE, OTHERS_CHANGED

_NAMES = {"ru": "Russian", "en": "English"}


class JudgedPictures(NamedTuple):
    """What the log says of the pictures of a revision."""

    lacking: Sequence[Mapping[str, str]]
    """What they lack, with a pointer to each."""
    versions: Mapping[UUID, int]
    """How far each of them is that there is."""


async def pictures_as_they_are(work: EntryWork, state: State, content: Content) -> list[StreamClaim]:
    """Return the pictures of a revision: they must be as they were, or they have to be judged again.

    Args:
        work: the command that is to publish it.
        state: the entry.
        content: of the revision.

    Raises:
        Problem: 422, when readers may not see one of them in this entry; 503, when the log cannot be read.
    """
    found = await judged_pictures(work.others, work.aggregate, state.locale, content)
    if found.lacking:
        raise Problem(NOT_PUBLISHABLE, errors=found.lacking)
    return [StreamClaim(id_, version, (), _just_now()) for id_, version in found.versions.items()]


async def judged_pictures(
    others: Others, kind: EntryKind, locale: str | None, content: Content
) -> JudgedPictures:
    """Judge the pictures of a revision by what they are now.

    Args:
        others: reads them.
        kind: of the entry.
        locale: its language; None: it has those of its title.
        content: of the revision.

    Raises:
        Problem: 503, the log cannot be read.
    """
    lacking: list[dict[str, str]] = []
    versions: dict[UUID, int] = {}
    for name, field in kind.content.FIELDS.items():
        if not isinstance(field, PicturesField):
            continue
        for number, item in enumerate(content.get(name) or ()):
            id_ = parse_id(item["media"])
            picture = None if id_ is None else await others.newest(MEDIA, id_)
            place = f"/{name}/{number}/media"
            lacking += (
                {"pointer": place, "detail": one} for one in _lacks(picture, _spoken(locale, content))
            )
            if id_ is not None and picture is not None:
                versions[id_] = picture.version
    return JudgedPictures(lacking, versions)


def _spoken(locale: str | None, content: Content) -> Sequence[str]:
    """Return the languages that an entry has."""
    if locale is not None:
        return [locale]
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
