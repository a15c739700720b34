"""How each event of an entry's life changes its rows; the handlers of every kind of entry."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Table

from events import entry
from events.base import Recorded
from projections.entry.facets import facets
from projections.entry.held import FORMER, TEXT, HeldBody, HeldText, defaults
from projections.entry.links import links
from projections.entry.mentions import Mentions
from projections.entry.relations import DraftRelations, relations, shown
from projections.projection import Delete, New, Outdated, Put, Row, RowChange, RowKey, Rows
from read_side.entry.kind import LONG, KindView, entry_tag
from read_side.entry.table import EntryTables

type Needs = Callable[[Recorded[Any]], Iterable[tuple[Table, RowKey]]]
"""From an event to the rows that its handler will ask for."""


class EntryHandlers:
    """The handlers of one kind, each named like the step of the life that it follows.

    Args:
        kind: the kind.
        tables: of all kinds.
        paths: place of a kind in addresses → its name, of all kinds: texts lead to entries of any.
    """

    def __init__(self, kind: KindView, tables: EntryTables, paths: Mapping[str, str]) -> None:
        self.kind = kind
        self.paths = paths
        self.entry, self.revision, self.relation = tables.entry, tables.revision, tables.relation
        self.facets = tables.facets[kind.name]
        self.named = DraftRelations(tables.draft_relation, kind.relations)
        self.mentions = Mentions(tables.mention, kind)
        self.held = HeldText(tables)
        self.defaults = defaults(kind.kind.content)

    def entry_row(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        return ((self.entry, (recorded.stream,)),)

    def entry_and_revision(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        stream = recorded.stream
        return (self.entry, (stream,)), (self.revision, (stream, recorded.event.revision))

    def entry_and_facets(self, recorded: Recorded[Any]) -> Iterable[tuple[Table, RowKey]]:
        return (self.entry, (recorded.stream,)), (self.facets, (recorded.stream,))

    def created(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        event, at = recorded.event, recorded.at
        content = self.defaults | msgspec.to_builtins(event.content)
        long = content.pop(LONG, None) if self.kind.has_body else None
        source = msgspec.to_builtins(event.translated_from) if self.kind.localized else None
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
            "kind": self.kind.name,
            "subject": event.subject if self.kind.localized else None,
            "locale": event.locale if self.kind.localized else None,
            "slug": event.slug,
            "title": None,
            "related": None,
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
            "shown_at": None,
        }
        names = list(self.defaults)
        yield New(self.entry, row)
        yield (made := self._revision(recorded, latest, content, first, names, None))
        yield from self.named.first(recorded.stream, content)
        yield from self.mentions.first(recorded.stream, made.row["links"], source, content)

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
        yield Put(self.entry, state)
        yield (made := self._revision(recorded, latest, small, body, names, event.reverts))
        yield from self.named.next(recorded.stream, names, row["content"], content)
        yield from self.mentions.next(recorded.stream, names, made.row["links"], source, content)

    def submitted(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="submitted", submitted=recorded.event.revision),)

    def withdrawn(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="open", submitted=None),)

    def returned(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, draft="open", submitted=None, comment=recorded.event.comment),)

    def published(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange | Outdated]:
        row, at, stream = self._row(recorded, rows), recorded.at, recorded.stream
        pinned = recorded.event.revision
        revision = rows.get(self.revision, stream, pinned)
        if revision is None:
            raise LookupError("the published revision is not there")
        submitted, draft = row["submitted"], "submitted"
        if submitted is None or submitted <= pinned:
            submitted, draft = None, "none" if pinned == row["revision"] else "open"
        content = self.held.content(stream, revision, row, rows)
        related = list(relations(self.kind.relations, content))
        if related or row["related"]:
            yield from shown(self.relation, row, related)
            yield from (Outdated(entry_tag(one.target)) for one in related)
        yield self._state(
            recorded,
            draft=draft,
            submitted=submitted,
            comment=None,
            publication="pinned",
            pinned=pinned,
            title=content["title"],
            related=[str(one.target) for one in related] or None,
            hidden=[one for one in row["hidden"] or () if one != pinned] or None,
            published_at=at,
            first_published_at=row["first_published_at"] or at,
            shown_at=at,
        )
        if revision["published_at"] is None:
            yield Put(self.revision, {"entry": stream, "revision": pinned, "published_at": at})
        yield Put(self.facets, facets(self.kind, row, recorded, content))
        leads = self.held.links(stream, revision, rows)
        yield from self.mentions.shown(stream, leads, revision["translated_from"], content)

    def unpublished(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        row = self._row(recorded, rows)
        draft = "open" if row["draft"] == "none" else row["draft"]
        return self._taken_back(recorded, row, draft=draft, publication="none")

    def archived(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        row = self._row(recorded, rows)
        return self._taken_back(recorded, row, draft="open", submitted=None, publication="archived")

    def restored(self, recorded: Recorded[Any], _rows: Rows) -> Iterable[RowChange]:
        return (self._state(recorded, publication="none"),)

    def renamed(self, recorded: Recorded[Any], rows: Rows) -> Iterable[RowChange]:
        slug, at = recorded.event.after, recorded.at
        if self._row(recorded, rows)["publication"] != "pinned":
            return (self._state(recorded, slug=slug),)
        listed = {"id": recorded.stream, "slug": slug, "updated_at": at}
        return self._state(recorded, slug=slug, shown_at=at), Put(self.facets, listed)

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

    def _taken_back(self, recorded: Recorded[Any], row: Row, **columns: Any) -> Iterable[RowChange]:
        """Yield what makes an entry unseen by readers: its revision stays hidden from them."""
        hidden = {*(row["hidden"] or ()), *([] if row["pinned"] is None else [row["pinned"]])}
        gone = dict.fromkeys(("pinned", "title", "related", "published_at", "shown_at"))
        yield self._state(recorded, hidden=sorted(hidden) or None, **gone, **columns)
        yield Delete(self.facets, (recorded.stream,))
        yield from shown(self.relation, row, [])
        yield from self.mentions.hidden(recorded.stream)

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
            "source_time": meta.source_time,
            "changed": changed,
            "reverts": reverts,
            "content": content,
            "body": None if body is None or body.parts is not None else body.text,
            "parts": None if body is None else body.parts,
            "links": None if body is None else links(body.text, self.paths),
            "published_at": None,
            **latest,
        }
        return New(self.revision, row)
