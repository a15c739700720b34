"""The read model `feed`: from any event to its row, and from the life of an entry to what readers know."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Table

from events.base import Event, Recorded
from events.kind import Kind
from projections.feed.short import beside, told
from projections.projection import Handler, New, Projection, Put, Row, RowChange, RowKey, Rows
from read_side.entry.kind import LONG
from read_side.feed.table import FEED, MODEL

PUBLIC_TAG = "feed:public"
"""Purge tag of what readers may know: something was added to it, perhaps."""

_AT_LEAST_KNOWN = ("published", "unpublished", "archived", "restored", "renamed")
"""Steps of an entry's life that ask what readers know of it, and may change that."""


def feed_projection(events: Iterable[type[Event]], kinds: Iterable[Kind]) -> Projection:
    """Make the projection that tells of some classes of events.

    Args:
        events: every class of the catalogue.
        kinds: whose entries they are about.
    """
    handlers: dict[type[Event], Handler] = dict.fromkeys(events, _any_event)
    knowing: set[type[Event]] = set()
    for kind in kinds:
        life = _Life(kind)
        for step, cls in kind.life._asdict().items():
            handlers[cls] = getattr(life, step, life.draft_step)
            if step in _AT_LEAST_KNOWN:
                knowing.add(cls)

    def tags(recorded: Recorded[Any]) -> tuple[str, ...]:
        return (PUBLIC_TAG,) if type(recorded.event) in knowing else ()

    def needs(recorded: Recorded[Any]) -> tuple[tuple[Table, RowKey], ...]:
        return ((FEED.subject, (recorded.stream,)),) if type(recorded.event) in knowing else ()

    return Projection(
        name=MODEL,
        tables=tuple(FEED),
        handlers=handlers,
        needs=needs,
        tags=tags,
        parked_tag=_parked_tag,
        parameters=" ".join(sorted(f"{cls.__module__}.{cls.__name__}" for cls in knowing)),
    )


def _parked_tag(stream: object) -> str:
    return f"feed:{stream}"


def _row(recorded: Recorded[Any], *, data: Any, public: bool = False, **columns: Any) -> New:
    meta = recorded.meta
    row = {
        "position": recorded.position,
        "event": recorded.id,
        "stream": recorded.stream,
        "version": recorded.version,
        "at": recorded.at,
        "type": recorded.type,
        "actor": meta.actor,
        "command": meta.command,
        "public": public,
        "meta": beside(meta),
        "data": data,
        "revision": None,
        "base": None,
        "slug": None,
        "title": None,
        "body_hash": None,
        "body_size": None,
    }
    return New(FEED.event, row | columns)


def _any_event(recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
    """Of what is no entry, insiders are told what the event says; readers nothing."""
    return (_row(recorded, data=told(recorded.event)),)


class _Life:
    """The handlers of one kind; each is named like the step of the life that it follows.

    Readers may know what they see: publications, and renames of what is published; that something is taken
    from them; and of what they once saw, that it goes to the archive and comes back.
    """

    def __init__(self, kind: Kind) -> None:
        self._has_body = any(one.name == LONG for one in kind.fields)
        self._localized = kind.localized

    def created(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        yield New(
            FEED.subject,
            {
                "entry": recorded.stream,
                "locale": event.locale if self._localized else None,
                "slug": event.slug,
                "title": None,
                "shown_slug": None,
                "pinned": None,
                "gone": None,
            },
        )
        yield _row(
            recorded,
            data=told(event, "slug", "content", "locale"),
            revision=1,
            slug=event.slug,
            title=msgspec.to_builtins(event.content.title),
            **_text(getattr(event.content, LONG, None) if self._has_body else None),
        )

    def revised(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        data = {"changed": list(event.changed)} | (told(event, "revision", "changed") or {})
        body = event.changed.get(LONG) if self._has_body else None
        text = None if body is None else body.after
        yield _row(recorded, data=data, revision=event.revision, **_text(text))

    def submitted(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (_headed(recorded),)

    def published(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        event, known = recorded.event, _known(recorded, rows)
        title = msgspec.to_builtins(event.title)
        slugs = {"slug": event.slug, "shown_slug": event.slug}
        yield Put(FEED.subject, {**known, **slugs, "title": title, "pinned": event.revision})
        yield _headed(recorded, public=True, base=known["pinned"])

    def unpublished(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        return self._taken(recorded, _known(recorded, rows), public=True)

    def archived(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        known = _known(recorded, rows)
        return self._taken(recorded, known, public=known["title"] is not None)

    def restored(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        known = _known(recorded, rows)
        return (self._public(recorded, known, public=known["title"] is not None),)

    def renamed(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        known = _known(recorded, rows)
        known["slug"] = recorded.event.after
        if seen := known["pinned"] is not None:
            known["shown_slug"] = recorded.event.after
        yield Put(FEED.subject, known)
        yield self._public(recorded, known, public=seen)

    def draft_step(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (_row(recorded, data=told(recorded.event, "revision")),)

    def _taken(self, recorded: Recorded[Any], known: dict[str, Any], *, public: bool) -> Iterable[RowChange]:
        seen = known["pinned"] is not None
        if seen:
            yield Put(FEED.subject, {**known, "pinned": None, "gone": recorded.position})
        yield self._public(recorded, known, public=public)

    def _public(self, recorded: Recorded[Any], known: Row, *, public: bool) -> New:
        shown = {"slug": known["shown_slug"], "title": known["title"]} if public else {}
        return _row(recorded, data=told(recorded.event), public=public, **shown)


def _headed(recorded: Recorded[Any], **columns: Any) -> New:
    """Return the row of an event that tells title and slug of a revision; its summary is in the revision."""
    event = recorded.event
    data = told(event, "revision", "title", "slug", "summary", "locale")
    head = {"revision": event.revision, "slug": event.slug, "title": msgspec.to_builtins(event.title)}
    return _row(recorded, data=data, **head, **columns)


def _known(recorded: Recorded[Any], rows: Rows) -> dict[str, Any]:
    row = rows.get(FEED.subject, recorded.stream)
    if row is None:
        raise LookupError("the entry is not there: its creation was not applied")
    return dict(row)


def _text(text: Any) -> dict[str, Any]:
    """Return what a row holds of a long text; `text` as the event has it, None: there is none."""
    if text is None:
        return {}
    whole, digest = (text["text"], text["sha256"]) if isinstance(text, dict) else (text.text, text.sha256)
    return {"body_hash": bytes.fromhex(digest), "body_size": len(whole.encode())}
