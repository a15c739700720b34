"""How each event of an entry's life changes its rows; the handlers of every kind of entry."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import Table

from events import entry
from events.base import Recorded
from kit.alphabet import sort_key
from projections.entry.held import FORMER, TEXT, HeldBody, HeldText
from projections.entry.links import links
from projections.projection import Delete, New, Put, Row, RowChange, RowKey, Rows
from read_side.entry.kind import LONG, KindView

type Needs = Callable[[Recorded[Any]], Iterable[tuple[Table, RowKey]]]
"""From an event to the rows that its handler will ask for."""


class EntryHandlers:
    """The handlers of one kind, each named like the step of the life that it follows."""

    def __init__(self, kind: KindView) -> None:
        self.kind = kind
        self.entry, self.revision, self.address, self.listing = kind.tables
        self.held = HeldText(kind.tables)
        self.defaults = _defaults(kind.kind.content)
        self.listed = kind.listed

    def entry_row(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        return ((self.entry, (recorded.stream,)),)

    def entry_and_revision(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        stream = recorded.stream
        return (self.entry, (stream,)), (self.revision, (stream, recorded.event.revision))

    def entry_and_listing(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        key = (recorded.stream,)
        return (self.entry, key), (self.listing, key)

    def created(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event, at = recorded.event, recorded.at
        content = self.defaults | msgspec.to_builtins(event.content)
        long = content.pop(LONG, None) if self.kind.has_body else None
        source = None if event.translated_from is None else msgspec.to_builtins(event.translated_from)
        body = None if long is None else long["text"]
        latest = {
            "revision": 1,
            "version": recorded.version,
            "position": recorded.position,
            "content_revision": 1,
            "body_revision": None if body is None else 1,
            "body_base": None if body is None else 1,
            "translated_from": source,
        }
        first = None if body is None else self.held.first_body(body)
        row = {
            **latest,
            "content": content,
            "body_weight": None if first is None else first.weight,
            "body_hash": None if first is None else first.digest,
            TEXT: body,
            "id": recorded.stream,
            "subject": event.subject,
            "locale": event.locale,
            "slug": event.slug,
            "draft": "open",
            "submitted": None,
            "comment": None,
            "publication": "none",
            "pinned": None,
            "hidden": None,
            "created_at": at,
            "updated_at": at,
            "published_at": None,
            "first_published_at": None,
        }
        names = list(self.defaults)
        return New(self.entry, row), self._revision(recorded, latest, content, first, names, None)

    def revised(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        event, row = recorded.event, self._row(recorded, rows)
        after = event.after()
        names = list(after)
        source = after.pop(entry.SOURCE, row["translated_from"])
        long = after.pop(LONG, None)
        number, holder, content = event.revision, row["content_revision"], row["content"]
        if after:
            holder, content = number, {**content, **after}
        latest = {
            "revision": number,
            "version": recorded.version,
            "position": recorded.position,
            "content_revision": holder,
            "body_revision": row["body_revision"],
            "body_base": row["body_base"],
            "translated_from": source,
        }
        state = {"id": recorded.stream, "updated_at": recorded.at, "content": content}
        if after and FORMER not in row:
            state[FORMER] = row["content_revision"], row["content"]
        body = None
        if long is not None:
            body = self.held.next_body(recorded.stream, number, long["text"], row, rows)
            latest["body_revision"] = number
            latest["body_base"] = body.base
            state["body_weight"] = body.weight
            state["body_hash"] = body.digest
            state[TEXT] = body.text
        state.update(latest)
        if row["draft"] == "none":
            state["draft"] = "open"
        small = content if after else None
        return Put(self.entry, state), self._revision(recorded, latest, small, body, names, event.reverts)

    def submitted(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="submitted", submitted=recorded.event.revision),)

    def withdrawn(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="open", submitted=None),)

    def returned(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="open", submitted=None, comment=recorded.event.comment),)

    def published(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        row, at, stream, pinned = (
            self._row(recorded, rows),
            recorded.at,
            recorded.stream,
            recorded.event.revision,
        )
        revision = rows.get(self.revision, stream, pinned)
        if revision is None:
            raise LookupError("the published revision is not there")
        submitted, draft = row["submitted"], "submitted"
        if submitted is None or submitted <= pinned:
            submitted, draft = None, "none" if pinned == row["revision"] else "open"
        state = self._state(
            recorded,
            draft=draft,
            submitted=submitted,
            comment=None,
            publication="pinned",
            pinned=pinned,
            hidden=[one for one in row["hidden"] or () if one != pinned] or None,
            published_at=at,
            first_published_at=row["first_published_at"] or at,
        )
        content = self.held.content(stream, revision, row, rows)
        listed: dict[str, Any] = {}
        for field in self.listed:
            listed |= field.row(content[field.name])
        listed |= {"id": stream, "locale": row["locale"], "slug": row["slug"], "title": content["title"]}
        listed |= {"published_at": at, "updated_at": at, "revision": pinned}
        listed |= {"sort_title": sort_key(content["title"]), "sort_position": recorded.position}
        if revision["published_at"] is not None:
            return state, Put(self.listing, listed)
        first = {"entry": stream, "revision": pinned, "published_at": at}
        return state, Put(self.revision, first), Put(self.listing, listed)

    def unpublished(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        row = self._row(recorded, rows)
        draft = "open" if row["draft"] == "none" else row["draft"]
        state = self._state(recorded, draft=draft, publication="none", **_taken_back(row))
        return state, Delete(self.listing, (recorded.stream,))

    def archived(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        gone = {"submitted": None, **_taken_back(self._row(recorded, rows))}
        state = self._state(recorded, draft="open", publication="archived", **gone)
        return state, Delete(self.listing, (recorded.stream,))

    def restored(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, publication="none"),)

    def renamed(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        slug = recorded.event.after
        state = self._state(recorded, slug=slug)
        if rows.get(self.listing, recorded.stream) is None:
            return (state,)
        return state, Put(self.listing, {"id": recorded.stream, "slug": slug, "updated_at": recorded.at})

    def claimed(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        if event.kind != self.kind.name:
            return ()
        return (Put(self.address, {"slug": event.slug, "entry": event.owner}),)

    def released(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event = recorded.event
        return (Delete(self.address, (event.slug,)),) if event.kind == self.kind.name else ()

    def _row(self, recorded: Recorded[Any], rows: Rows) -> Row:
        row = rows.get(self.entry, recorded.stream)
        if row is None:
            raise LookupError("the entry is not there: its creation was not applied")
        return row

    def _state(self, recorded: Recorded[Any], **columns: Any) -> Put:
        columns["id"] = recorded.stream
        columns["version"] = recorded.version
        columns["position"] = recorded.position
        columns["updated_at"] = recorded.at
        return Put(self.entry, columns)

    def _revision(
        self,
        recorded: Recorded[Any],
        latest: dict[str, Any],
        content: dict[str, Any] | None,
        body: HeldBody | None,
        changed: list[str],
        reverts: int | None,
    ) -> New:
        meta = recorded.meta
        row = {
            "entry": recorded.stream,
            "event": recorded.id,
            "at": recorded.at,
            "actor": meta.actor,
            "reason": meta.reason,
            "client": meta.client,
            "changed": changed,
            "reverts": reverts,
            "content": content,
            "body": None if body is None or body.parts is not None else body.text,
            "parts": None if body is None else body.parts,
            "links": None if body is None else links(body.text, self.kind.path),
            "published_at": None,
            **latest,
        }
        return New(self.revision, row)


def _taken_back(row: Row) -> dict[str, Any]:
    """Return what an entry becomes when readers no longer see it: its revision stays hidden from them."""
    hidden = {*(row["hidden"] or ()), *([] if row["pinned"] is None else [row["pinned"]])}
    return {"pinned": None, "published_at": None, "hidden": sorted(hidden) or None}


def _defaults(content: type[entry.Content]) -> dict[str, Any]:
    """Return every field in the order of its declaration, with its default as a JSON value."""
    fields = msgspec.structs.fields(content)
    return {f.name: None if f.required else msgspec.to_builtins(f.default) for f in fields}
