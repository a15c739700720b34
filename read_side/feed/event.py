"""An event of the feed as it is told: a CloudEvents 1.0 document, for anybody or for insiders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from events.content.field import Field
from kit.log.lineage import Lineage
from read_side.entry.kind import KindView
from read_side.feed.lines import FieldChange, line
from read_side.feed.words import is_short

DATA = "urn:frankenjet:stream:1"
"""Name of the schema of `data`: one for all events, whatever their type."""

NOT_TOLD = frozenset({"slug", "title"})
"""Members of a row's data that stand elsewhere in the document."""


def _said(description: str, **limits: Any) -> Any:
    return msgspec.Meta(description=description, **limits)


class Labels(msgspec.Struct, frozen=True):
    """Something in both languages."""

    ru: str
    en: str


class ChangedField(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field that is not as it was; of a short one, what it was and is."""

    field: str
    label: Labels
    before: Any = None
    after: Any = None


class EventData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event of the stream is about. Members that are left out are null or empty."""

    kind: Annotated[str, _said("Of the entry, or what else it is about: slug, media, account, bulk.")]
    entry: Annotated[UUID | None, _said("Id of the entry.")] = None
    locale: Annotated[str | None, _said("Of an entry in one language.")] = None
    slug: Annotated[str | None, _said("Of the entry, as it was then.")] = None
    path: Annotated[str | None, _said("Where the entry is read.")] = None
    title: Annotated[Any, _said("Of the entry: a line, or one in each language, as its kind has it.")] = None
    summary: Annotated[Any, _said("The entry in short, in the same form.")] = None
    picture: Annotated[str | None, _said("Id of the entry's first picture.")] = None
    tags: Annotated[list[str], _said("Of the entry.")] = []
    revision: Annotated[int | None, _said("Revision of the entry that it is about.")] = None
    changed: Annotated[
        list[ChangedField], _said("Fields that differ from what readers saw before; of a draft, from before.")
    ] = []
    line: Annotated[Labels | None, _said("What happened, in one line.")] = None
    gone: Annotated[bool, _said("What stood here was taken from readers since; only its place is left.")] = (
        False
    )
    event: Annotated[
        Any, _said("What else the event says; texts and lists that are long by their length.")
    ] = None


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of the stream. Attributes that CloudEvents 1.0 does not define are extensions of ours."""

    specversion: Literal["1.0"]
    id: Annotated[UUID, _said("The event's id, the same in every copy of it: drop what you have seen.")]
    source: Annotated[str, _said("/frankenjet/logs/<log id>")]
    type: Annotated[str, _said("Stored name, <kind>.<event>.")]
    subject: Annotated[str, _said("<kind>/<id of the stream>")]
    time: Annotated[datetime, _said("When the log recorded it; never decreases with position.", tz=True)]
    datacontenttype: Literal["application/json"]
    dataschema: Annotated[str, _said("Name of the schema of data.")]
    position: Annotated[int, _said("Place in the log; there are gaps where you may not know an event.", ge=1)]
    sequence: Annotated[
        int | None, _said("Place among the events that anybody may know: 1, 2, 3 … without a gap.")
    ] = None
    previous: Annotated[
        int | None, _said("Position of the one before among those; 0: this is the first.")
    ] = None
    logid: Annotated[UUID, _said("The log. Another one is a new beginning.")]
    epoch: Annotated[str, _said("Lineage of the log: another one after a fail-over or a restore.")]
    actor: Annotated[UUID | None, _said("Account that caused it. Never a name.")] = None
    client: Annotated[str | None, _said("Kind of client that the command came from.")] = None
    reason: Annotated[str, _said("The edit summary, on one line.")] = ""
    data: EventData


class Telling:
    """Puts events together from rows, as `read_side.feed.reading` reads them.

    Args:
        views: kind → what is shown of it.
    """

    def __init__(self, views: Mapping[str, KindView]) -> None:
        self._views = views

    def told(self, row: Any, lineage: Lineage, *, public: bool) -> StreamEvent:
        """Return one event as it is told now.

        Args:
            row: with its number, its subject and its revisions.
            lineage: of the log.
            public: as anybody may know it: what readers do not see any more is gone.
        """
        kind, _, step = row["type"].partition(".")
        view = self._views.get(kind)
        meta = row["meta"] or {}
        gone = public and row["gone"] is not None and row["position"] < row["gone"]
        return StreamEvent(
            specversion="1.0",
            id=row["event"],
            source=f"/frankenjet/logs/{lineage.log}",
            type=row["type"],
            subject=f"{kind}/{row['stream']}",
            time=row["at"],
            datacontenttype="application/json",
            dataschema=DATA,
            position=row["position"],
            sequence=row["sequence"],
            previous=None if row["sequence"] is None else row["previous"],
            logid=lineage.log,
            epoch=lineage.epoch,
            actor=row["actor"],
            client=meta.get("client", "api"),
            reason="" if gone else " ".join(meta.get("reason", "").split()),
            data=EventData(kind=kind, entry=row["stream"], gone=True)
            if gone
            else _entry(view, step, row, public=public)
            if view is not None
            else EventData(kind=kind, event=row["data"]),
        )

    def gone(self, event: StreamEvent) -> StreamEvent:
        """Return an event of an entry as it is told once that was taken from readers."""
        data = EventData(kind=event.data.kind, entry=event.data.entry, gone=True)
        return msgspec.structs.replace(event, reason="", data=data)


def _entry(view: KindView, step: str, row: Any, *, public: bool) -> EventData:
    data: dict[str, Any] = row["data"] or {}
    content: dict[str, Any] = row["content"] or {}
    slug = row["slug"] if public else row["slug"] or row["present_slug"]  # of now: readers may not know it
    title = content.get("title") or row["title"] or row["known_title"]
    changes = list(_changes(view, row, data))
    renamed = (data["after"], data["before"]) if step == "renamed" else None
    pictures = content.get("pictures") or ()
    beside = {name: value for name, value in data.items() if name not in {*NOT_TOLD, "changed"}}
    address = None if slug is None else view.address(row["locale"], slug)
    return EventData(
        kind=view.name,
        entry=row["stream"],
        locale=row["locale"],
        slug=slug,
        path=None if address is None else f"/v1/{view.path}/{address}",
        title=title,
        summary=content.get("summary"),
        picture=pictures[0]["media"] if pictures else None,
        tags=content.get("tags") or [],
        revision=row["revision"],
        changed=[_changed(one) for one in changes],
        line=Labels(line(step, title, changes, "ru", renamed), line(step, title, changes, "en", renamed)),
        event=beside or None,
    )


def _changes(view: KindView, row: Any, data: Mapping[str, Any]) -> list[FieldChange]:
    """Return what differs between the two revisions of a row, where there are two of them."""
    before, after = row["content_before"], row["content"]
    found = []
    names = data.get("changed", ())
    for name, field in view.fields.items():
        if before is None or after is None:
            if name in names:
                found.append(FieldChange(field, None, None))
        elif before.get(name) != after.get(name):
            found.append(FieldChange(field, before.get(name), after.get(name)))
        elif name not in after and (name in names or row["body_before"] != row["body_now"]):
            found.append(FieldChange(field, None, None))  # a long text stands in no content
    return found


def _changed(change: FieldChange) -> ChangedField:
    field: Field = change.field
    labels = Labels(field.ru or field.name, field.en or field.name)
    short = is_short(field)
    return ChangedField(field.name, labels, change.before if short else None, change.after if short else None)
