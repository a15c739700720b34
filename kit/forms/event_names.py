"""Names by which somebody chooses events: a kind, such as article, or a type, such as article.published."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple


class UnknownName(NamedTuple):
    """A name that no event has."""

    chosen_by: str
    """kind or type."""
    at: int
    """Its index among the kinds or types."""
    detail: str
    """What to say of it."""


def unknown_names(
    known: Collection[str], kinds: Sequence[str], types: Sequence[str]
) -> Iterator[UnknownName]:
    """Yield each name that no event has: who chooses by it would wait in vain.

    Args:
        known: types of all events that there are.
        kinds: what is asked for.
        types: what is asked for.
    """
    known_kinds = {one.partition(".")[0] for one in known} if kinds else set()
    for at, name in enumerate(kinds):
        if name not in known_kinds:
            yield UnknownName("kind", at, f"must be one of {', '.join(sorted(known_kinds))}")
    for at, name in enumerate(types):
        if name not in known:
            yield UnknownName("type", at, "is no type of event; /docs/stream lists them")
