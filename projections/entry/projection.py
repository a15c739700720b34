"""The read model of entries: the life of every kind, their revisions, slugs, relations and lists."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Table

from events import entry
from events.base import Event, Recorded
from events.media import MediaRegistered
from events.slug import SlugClaimed, SlugReleased
from projections.entry.addresses import Addresses
from projections.entry.life import EntryHandlers, Needs
from projections.entry.links import PARSER
from projections.entry.media import MediaHandlers
from projections.projection import Further, Handler, Projection
from read_side.entry.kind import KindView, entry_tag, slug_tag, subject_tag
from read_side.entry.kinds import MODEL, Entries
from read_side.pictures import media_tag

type Tags = Callable[[Recorded[Any]], Iterable[str]]
"""From an event to the purge tags of what it makes old."""


def entry_projection(entries: Entries) -> Projection:
    """Make the projection that fills the tables of some kinds."""
    paths = {view.path: view.name for view in entries.shown()}
    addresses = Addresses(entries.tables.address)
    handlers: dict[type[Event], Handler] = {SlugClaimed: addresses.claimed, SlugReleased: addresses.released}
    tags: dict[type[Event], Tags] = {SlugClaimed: _slug_tags, SlugReleased: _slug_tags}
    media = MediaHandlers(entries.tables.media)
    handlers |= media.of
    tags |= dict.fromkeys(media.of, _media_tags)
    needs: dict[type[Event], Needs] = {cls: media.row for cls in media.of if cls is not MediaRegistered}
    more: dict[type[Event], Further] = {}
    for view in entries.views.values():
        life = EntryHandlers(view, entries.tables, paths)
        for step, cls in view.kind.life._asdict().items():
            handlers[cls] = getattr(life, step)
            tags[cls] = _tags(view, cls)
            if step == "published":
                needs[cls] = life.entry_and_revision
                more[cls] = life.held.of_published
            elif step == "renamed":
                needs[cls] = life.entry_and_facets
            elif step != "created":
                needs[cls] = life.entry_row
                if step == "revised":
                    more[cls] = life.held.text_before
    return Projection(
        name=MODEL,
        tables=entries.tables.all,
        handlers=handlers,
        needs=lambda recorded: needs.get(type(recorded.event), _no_rows)(recorded),
        further=more,
        tags=lambda recorded: tags.get(type(recorded.event), _no_tags)(recorded),
        parked_tag=entry_tag,
        parameters=PARSER,
    )


_LISTING_CHANGES = (entry.Published, entry.Unpublished, entry.Archived, entry.Renamed)

_DRAFT_CHANGES = (entry.Revised, entry.Submitted, entry.Withdrawn, entry.Returned)
"""What readers see stays as it is: what is kept for them goes on being good."""


def _no_rows(_recorded: Recorded[Any]) -> tuple[tuple[Table, tuple[Any, ...]], ...]:
    return ()


def _no_tags(_recorded: Recorded[Any]) -> tuple[str, ...]:
    return ()


def _tags(view: KindView, cls: type[Event]) -> Tags:
    if issubclass(cls, _DRAFT_CHANGES):
        return _no_tags
    if issubclass(cls, _LISTING_CHANGES):
        list_tag = view.list_tag
        return lambda recorded: (entry_tag(recorded.stream), list_tag)
    if issubclass(cls, entry.Created) and view.localized:
        return lambda recorded: (entry_tag(recorded.stream), subject_tag(recorded.event.subject))
    return lambda recorded: (entry_tag(recorded.stream),)


def _media_tags(recorded: Recorded[Any]) -> Iterable[str]:
    return (media_tag(recorded.stream),)


def _slug_tags(recorded: Recorded[Any]) -> Iterable[str]:
    event = recorded.event
    return entry_tag(event.owner), slug_tag(event.kind, event.slug)
