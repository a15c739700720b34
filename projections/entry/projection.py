"""The projection of any kind of entry: its life, its revisions, its slugs and what readers can list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from events import entry
from events.base import Event, Recorded
from events.slug import SlugClaimed, SlugReleased
from projections.entry.life import Life, Needs
from projections.entry.links import PARSER
from projections.projection import Further, Handler, Projection
from read_side.entry.kind import Kind


def entry_projection(kind: Kind, events: Sequence[type[Event]]) -> Projection:
    """Make the projection that fills the tables of a kind.

    Args:
        kind: what the kind declares on the read side.
        events: its event classes; each is one step of the life in `events.entry`.
    """
    life = Life(kind, events)
    handlers: dict[type[Event], Handler] = {SlugClaimed: life.claimed, SlugReleased: life.released}
    needs: dict[type[Event], Needs] = {}
    more: dict[type[Event], Further] = {}
    for cls in events:
        step = next(base for base in cls.__mro__ if base in _STEPS)
        handlers[cls] = getattr(life, _STEPS[step])
        if step is entry.Published:
            needs[cls] = life.entry_and_revision
            more[cls] = life.held.content_of_published
        elif step is entry.Renamed:
            needs[cls] = life.entry_and_listing
        elif step is not entry.Created:
            needs[cls] = life.entry_row
            if step is entry.Revised:
                more[cls] = life.held.text_before
    return Projection(
        name=kind.name,
        tables=kind.tables.all,
        handlers=handlers,
        needs=lambda recorded: needs.get(type(recorded.event), _nothing)(recorded),
        further=more,
        tags=_tags(kind, events),
        parameters=f"{kind.path}: {', '.join(kind.fields)}; {PARSER}",
    )


_STEPS: Mapping[type[Event], str] = {
    entry.Created: "created",
    entry.Revised: "revised",
    entry.Submitted: "submitted",
    entry.Published: "published",
    entry.Withdrawn: "withdrawn",
    entry.Returned: "returned",
    entry.Unpublished: "unpublished",
    entry.Archived: "archived",
    entry.Restored: "restored",
    entry.Renamed: "renamed",
}

_LISTING_CHANGES = (entry.Published, entry.Unpublished, entry.Archived, entry.Renamed)

_DRAFT_CHANGES = (entry.Revised, entry.Submitted, entry.Withdrawn, entry.Returned)
"""What readers see stays as it is: what is kept for them goes on being good."""


def _nothing(_recorded: Recorded[Any]) -> tuple[()]:
    return ()


def _tags(kind: Kind, events: Sequence[type[Event]]) -> Callable[[Recorded[Any]], Iterable[str]]:
    known = set(events)
    listing = {cls for cls in events if issubclass(cls, _LISTING_CHANGES)}
    draft = {cls for cls in events if issubclass(cls, _DRAFT_CHANGES)}
    list_tag = kind.list_tag

    def tags(recorded: Recorded[Any]) -> Iterable[str]:
        event = recorded.event
        cls = type(event)
        if cls in draft:
            return ()
        if cls in listing:
            return kind.tag(recorded.stream), list_tag
        if cls in known:
            if isinstance(event, entry.Created):
                return kind.tag(recorded.stream), kind.subject_tag(event.subject)
            return (kind.tag(recorded.stream),)
        if isinstance(event, SlugClaimed | SlugReleased) and event.kind == kind.name:
            return kind.tag(event.owner), kind.slug_tag(event.slug)
        return ()

    return tags
