"""Finds a slug for an imported entry: the one that it would like, or one like it that nobody has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from events.base import Event, Locale
from events.slug import MAX_SLUG, SlugClaimed, slug_stream
from kit.errors import Problem
from write_side.entry.state import State
from write_side.importing.record import SetAside
from write_side.importing.wording import one_line
from write_side.log.streams import Streams
from write_side.slugs import slug_from

MOST_OF_A_WISH = 1_000
"""Characters of which a slug is made: far more than it can hold."""

_ROOM = MAX_SLUG - 33
"""Characters that are left beside a hyphen and an id."""


class ImportAddress(NamedTuple):
    """A slug, and what has to be appended for it."""

    slug: str
    stream: UUID | None = None
    """The stream of the slug; None: nothing has to be appended."""
    version: int = 0
    """At which that stream has to be."""
    events: tuple[Event, ...] = ()


async def address_for(
    streams: Streams, kind: str, locale: Locale | None, wishes: Sequence[str], state: State | None,
    entry: UUID, pending: Mapping[UUID, UUID],
) -> ImportAddress:  # fmt: skip
    """Return the slug of an entry.

    Args:
        streams: where the log is read.
        kind: name of its kind.
        locale: its language, if it is in one.
        wishes: slugs or titles, the best one first; none: as it is.
        state: what the entry is; None: it is to be made.
        entry: its id.
        pending: stream of a slug → whose it becomes by what is about to be appended.

    Raises:
        SetAside: every slug like it is another entry's.
    """
    candidates = _candidates(kind, wishes, entry)
    if state is not None and (not wishes or state.slug in candidates):
        return ImportAddress(state.slug)
    for slug in candidates:
        place = slug_stream(kind, locale, slug)
        if place in pending:
            if pending[place] == entry:
                return ImportAddress(slug)
            continue
        version, last = await streams.last(place)
        if not isinstance(last, SlugClaimed):
            claimed = SlugClaimed(kind=kind, locale=locale, slug=slug, owner=entry)
            return ImportAddress(slug, place, version, (claimed,))
        if last.owner == entry:
            return ImportAddress(slug, place, version)
    raise SetAside("every slug like its own is another entry's")


def _candidates(kind: str, wishes: Sequence[str], entry: UUID) -> tuple[str, ...]:
    try:
        base = slug_from(*(one_line(wish, MOST_OF_A_WISH) for wish in wishes))
    except Problem:
        base = kind.replace("_", "-")
    short = base[:_ROOM].strip("-")
    return base, f"{short}-{entry.hex[-8:]}", f"{short}-{entry.hex}"
