"""What a text was translated from: named in a command, and looked up before it is believed."""

from typing import Annotated

from pydantic import Field

from events.base import Locale
from events.entry import SOURCE, Source
from kit.errors import Problem
from kit.http.requests.body import Body
from kit.http.requests.text import Id
from write_side.entry.work import EntryWork
from write_side.problem_types import NO_SUCH_SOURCE

RevisionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class TranslatedFrom(Body):
    """The revision of another entry that a text was translated from."""

    entry: Id
    revision: RevisionNumber


async def source_of(work: EntryWork, locale: Locale | None, given: TranslatedFrom | None) -> Source | None:
    """Return the revision that a text in a language is translated from.

    What is found stays true: revisions are only added, and the language of an entry never changes.

    Raises:
        Problem: 422 when there is no such revision of this kind, or it is in the same language.
    """
    if given is None:
        return None
    original = await work.others.with_revision(work.aggregate, given.entry, given.revision)
    if original is None or original.revision < given.revision:
        place = "entry" if original is None else "revision"
        raise _refusal(f"/{SOURCE}/{place}", f"names no {place} that exists")
    if original.locale == locale:
        raise _refusal(f"/{SOURCE}/entry", "must be in another language")
    return Source(entry=given.entry, revision=given.revision)


def _refusal(pointer: str, detail: str) -> Problem:
    errors = [{"pointer": pointer, "detail": detail}]
    return Problem(NO_SUCH_SOURCE, errors=errors)
