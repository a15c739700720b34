"""A page about one entry: its document, those around it by field, its facts, its subject or its parent."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

from events.content.dates import DateField
from events.content.field import Field
from events.content.ranges import RangeField
from kit.postgres.connect import quoted
from read_side.answers.answer import Answer
from read_side.entry.kind import KindView, entry_tag
from read_side.tables import Tables

PARENT = "variant_of"
"""Field that names the entry whose figures a page shows where its own entry says nothing."""

_CONTENTS = """
select e.id::text, e.kind, e.locale, e.slug, coalesce(r.content, n.content) as content
  from {schema}.entry e
  join {schema}.revision r on r.entry = e.id and r.revision = e.pinned
  left join {schema}.revision n on r.content is null and n.entry = r.entry
   and n.revision = r.content_revision
 where e.id = any($1::uuid[]) and e.title is not null"""

_FACTS = 50
"""Facts about an entry that its page shows, at the most."""


class EntryPage(NamedTuple):
    """What a page shows."""

    body: dict[str, Any]
    tags: tuple[str, ...]


async def entry_page(
    tables: Tables, views: Mapping[str, KindView], schema: str, view: KindView, document: Answer
) -> EntryPage:
    """Put a page together from a document, with one statement more.

    Args:
        tables: where to read.
        views: the kinds.
        schema: of the read model.
        view: kind of the entry.
        document: what readers see of it.

    Raises:
        Problem: 503 when the database does not answer.
    """
    entry = orjson.loads(document.body)
    naming = entry.pop("related")
    facts = [one["id"] for one in naming if one["kind"] == "fact"][:_FACTS]
    subject, parent = entry.get("subject"), entry.get(PARENT)
    wanted = [one for one in (*facts, subject, parent) if one is not None]
    rows = await tables.rows(_statement(schema), wanted) if wanted else ()
    found = {row["id"]: row for row in rows}
    body = {
        "entry": entry,
        "named": _by_field(entry.pop("relations")),
        "naming": {
            kind: _by_field(one for one in naming if one["kind"] == kind)
            for kind in views
            if any(one["kind"] == kind for one in naming)
        },
        "facts": [_fact(found[one]) for one in facts if one in found],
    }
    if view.localized:
        row = found.get(subject or "")
        body["subject"] = None if row is None else _card(views[row["kind"]], row)
    if PARENT in view.fields:
        row = found.get(parent or "")
        body["parent"] = None if row is None else _figures(view, entry, row)
    tags = document.tags if subject is None else (*document.tags, entry_tag(subject))
    return EntryPage(body, tags)


def _by_field(relations: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in relations:
        found.setdefault(one.pop("field"), []).append(one)
    return found


def _fact(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "slug": row["slug"], "text": row["content"].get("text")}


def _card(view: KindView, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of the subject of an article: what its list shows."""
    names = ("title", *(one.name for one in view.listed if one.name not in view.listed_relations))
    shown = {name: row["content"].get(name) for name in names}
    return {"id": row["id"], "kind": row["kind"], "slug": row["slug"], **shown}


def _figures(view: KindView, entry: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of the parent that the entry itself does not have."""
    missing = [one for one in _figured(view) if one.is_empty(entry.get(one.name))]
    figures = {one.name: row["content"].get(one.name) for one in missing}
    said = {name: value for name, value in figures.items() if value is not None}
    return {"id": row["id"], "slug": row["slug"], "title": row["content"]["title"], "figures": said}


def _figured(view: KindView) -> Sequence[Field]:
    return [one for one in view.kind.fields if isinstance(one, RangeField) and not isinstance(one, DateField)]


@cache
def _statement(schema: str) -> str:
    return _CONTENTS.format(schema=quoted(schema))
