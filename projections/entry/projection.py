"""The projection of any kind of entry: its life, its revisions, its slugs and what readers can list."""

from collections.abc import Callable, Iterable
from typing import Any

from events import entry
from events.base import Event, Recorded
from events.local_entry import LocalCreated
from events.slug import SlugClaimed, SlugReleased
from projections.entry.life import EntryHandlers, Needs
from projections.entry.links import PARSER
from projections.projection import Further, Handler, Projection
from read_side.entry.kind import KindView


def entry_projection(view: KindView) -> Projection:
    """Make the projection that fills the tables of a kind."""
    life = EntryHandlers(view)
    events = view.kind.life
    handlers: dict[type[Event], Handler] = {SlugClaimed: life.claimed, SlugReleased: life.released}
    needs: dict[type[Event], Needs] = {}
    more: dict[type[Event], Further] = {}
    for step, cls in events._asdict().items():
        handlers[cls] = getattr(life, step)
        if step == "published":
            needs[cls] = life.entry_and_revision
            more[cls] = life.held.content_of_published
        elif step == "renamed":
            needs[cls] = life.entry_and_listing
        elif step != "created":
            needs[cls] = life.entry_row
            if step == "revised":
                more[cls] = life.held.text_before
    return Projection(
        name=view.name,
        tables=view.tables.all,
        handlers=handlers,
        needs=lambda recorded: needs.get(type(recorded.event), _nothing)(recorded),
        further=more,
        tags=_tags(view),
        parameters=PARSER,
    )


_LISTING_CHANGES = (entry.Published, entry.Unpublished, entry.Archived, entry.Renamed)

_DRAFT_CHANGES = (entry.Revised, entry.Submitted, entry.Withdrawn, entry.Returned)
"""What readers see stays as it is: what is kept for them goes on being good."""


def _nothing(_recorded: Recorded[Any]) -> tuple[()]:
    return ()


def _tags(kind: KindView) -> Callable[[Recorded[Any]], Iterable[str]]:
    events = kind.kind.life
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
            if isinstance(event, LocalCreated):
                return kind.tag(recorded.stream), kind.subject_tag(event.subject)
            return (kind.tag(recorded.stream),)
        if isinstance(event, SlugClaimed | SlugReleased) and event.kind == kind.name:
            return kind.tag(event.owner), kind.slug_tag(event.slug)
        return ()

    return tags
