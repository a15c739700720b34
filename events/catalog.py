"""Every class of event ever stored, and every upcaster."""

from collections.abc import Iterable

from events import account, bulk, media, slug
from events.base import Event
from events.kind import Kind, Upcaster
from events.kinds.catalog import KINDS


def events_of(kinds: Iterable[Kind]) -> tuple[type[Event], ...]:
    """Return every class of event of a log with these kinds."""
    others = (*slug.EVENTS, *bulk.EVENTS, *account.EVENTS, *media.EVENTS)
    return (*(cls for kind in kinds for cls in kind.life), *others)


def upcasters_of(kinds: Iterable[Kind]) -> dict[tuple[str, int], Upcaster]:
    """Return every upcaster of these kinds and of media: (stored type, schema) → one to the next schema."""
    return {read: upcaster for kind in kinds for read, upcaster in kind.stored.items()} | media.UPCASTERS


EVENTS = events_of(KINDS)

UPCASTERS = upcasters_of(KINDS)
