"""The published document of an entry: one statement, spliced from stored JSON, for routes and projectors."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit.cache import Cache
from kit.db import quoted
from kit.ids import parse_id
from read_side.answer import FORM, Answer, encode, entity_tag
from read_side.entry.kind import LONG, Kind
from read_side.tables import Tables

_DOCUMENT = """
select e.id, e.subject::text, e.slug, e.locale, e.pinned, l.updated_at, e.published_at, e.first_published_at,
       l.id is not null as visible, r.content::text, r.translated_from::text, b.body,
       k.links, k.linked, s.translations, s.siblings,
       (select position from project.cursor where schema = {name}) as stamp,
       (select min(position) from project.parked where schema = {name} and stream = e.id) as parked
  from {source}
  left join {schema}.listing l on l.id = e.id
  left join {schema}.revision r on r.entry = l.id and r.revision = e.pinned
  left join {schema}.revision b on b.entry = r.entry and b.revision = r.body_revision
  left join lateral (
    select json_agg(json_strip_nulls(json_build_object('slug', coalesce(t.slug, w.target), 'title', t.title))
                    order by w.n)::text as links,
           array_agg(coalesce('{kind}:' || coalesce(a.entry::text, w.id), '{kind}-slug:' || w.target))
             as linked
      from (select v.target, v.n, substring(v.target from '{uuid}') as id
              from json_array_elements_text(b.links) with ordinality v(target, n)) w
      left join {schema}.address a on a.slug = w.target
      left join {schema}.listing t on t.id = coalesce(a.entry, w.id::uuid)
  ) k on b.links is not null
  left join lateral (
    select json_agg(json_build_object('locale', t.locale, 'slug', t.slug) order by t.locale)
             filter (where t.id is not null)::text as translations,
           array_agg('{kind}:' || o.id) as siblings
      from {schema}.entry o left join {schema}.listing t on t.id = o.id
     where o.subject = e.subject and o.id <> e.id
  ) s on l.id is not null
 where {condition}"""

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class Found(NamedTuple):
    """What stands under an address."""

    answer: Answer
    """The document, or a 301 to the present slug of the entry."""
    slug: str
    """The present slug."""
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    parked: int | None
    """First position that was put aside for this entry; such an answer is not kept anywhere."""


def document_key(kind: Kind, schema: str, address: str) -> str:
    """Return the key, within the cache's space, of the document under an address of a read schema."""
    fingerprint, generation = schema.rsplit("_", 2)[1:]
    return f"{fingerprint}:{generation}:{kind.name}:{FORM}:{address}"


async def find(tables: Tables, kind: Kind, schema: str, address: str) -> Found | None:
    """Read what readers see under a slug or an id; None when they see nothing there.

    Raises:
        Problem: 503 when the database does not answer.
    """
    id_ = parse_id(address)
    if id_ is not None:
        row = await tables.row(_statement(kind, schema, "e.id = $1", "{schema}.entry e"), id_)
    else:
        source = "{schema}.address d join {schema}.entry e on e.id = d.entry"
        row = await tables.row(_statement(kind, schema, "d.slug = $1", source), address)
    if row is None or not row["visible"]:
        return None
    slug: str = row["slug"]
    if id_ is None and slug != address:
        answer = Answer(b"", "", (kind.tag(row["id"]),), location=f"/v1/{kind.path}/{slug}")
    else:
        answer = _document(kind, schema, row)
    return Found(answer, slug, row["stamp"], row["parked"])


async def refresh(tables: Tables, cache: Cache, kind: Kind, schema: str, ids: Sequence[UUID]) -> None:
    """Store the documents of some entries under their present slugs; for projectors, after a commit."""
    for id_ in ids:
        found = await find(tables, kind, schema, str(id_))
        if found is not None and found.parked is None:
            await cache.put(document_key(kind, schema, found.slug), found.stamp, encode(found.answer))


def _statement(kind: Kind, schema: str, condition: str, source: str) -> str:
    name = (kind.name, schema, condition)
    known = _STATEMENTS.get(name)
    if known is None:
        place = quoted(schema)
        known = _STATEMENTS[name] = _DOCUMENT.format(
            source=source.format(schema=place),
            schema=place,
            name=f"'{schema}'",
            kind=kind.name,
            uuid=_UUID,
            condition=condition,
        )
    return known


_STATEMENTS: dict[tuple[str, str, str], str] = {}
"""(kind, schema, condition) → SQL; a process serves few schemas in its life."""


def _document(kind: Kind, schema: str, row: Any) -> Answer:
    head = orjson.dumps(
        {
            "id": str(row["id"]),
            "kind": kind.name,
            "subject": row["subject"],
            "locale": row["locale"],
            "slug": row["slug"],
            "revision": row["pinned"],
            "published_at": row["published_at"],
            "first_published_at": row["first_published_at"],
            "updated_at": row["updated_at"],
        },
        option=orjson.OPT_UTC_Z,
    )
    tail = (
        f',"links":{row["links"] or "[]"},"translations":{row["translations"] or "[]"},'
        f'"translated_from":{row["translated_from"] or "null"}}}'
    ).encode()
    body = b',"%s":%s' % (LONG.encode(), orjson.dumps(row["body"])) if kind.has_body else b""
    whole = b"".join((head[:-1], b",", row["content"][1:-1].encode(), body, tail))
    tags = [kind.tag(row["id"]), kind.subject_tag(row["subject"])]
    tags += (*(row["siblings"] or ()), *(row["linked"] or ()))
    return Answer(whole, entity_tag(schema.encode(), head, tail), tuple(dict.fromkeys(tags)))
