"""The published document of an entry: one statement, spliced from stored JSON, for routes and projectors."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from kit.cache.store import Cache
from kit.ids import parse_id
from kit.postgres.connect import quoted
from read_side.answers.answer import FORM, Answer, encode, entity_tag
from read_side.entry.kind import LONG, KindView
from read_side.entry.parts import HELD, text_in
from read_side.tables import Tables

_DOCUMENT = """
select c.position as stamp, e.slug, d.head || d.tail as facts, d.tags,
       case when b.parts is null then convert_to(d.head || {small} || {body} || d.tail, 'UTF8') end
         as document,
       case when b.parts is not null then d.head || {small} end as before, d.tail as after, h.whole, h.parts,
       (select min(position) from project.parked where schema = c.schema and stream = {stream}) as parked
  from project.cursor c
  {source}
  left join {schema}.listing l on l.id = e.id
  left join {schema}.revision r on r.entry = e.id and r.revision = e.pinned
  left join {schema}.revision b on b.entry = r.entry and b.revision = r.body_revision
  left join lateral ({held} and b.parts is not null
  ) h on true
  left join lateral (
    select string_agg('{{"slug":' || to_json(coalesce(t.slug, v.target))
                      || coalesce(',"title":' || to_json(t.title), '') || '}}', ',' order by v.n) as links,
           array_agg(coalesce('{kind}:' || coalesce(w.entry, v.id), '{kind}-slug:' || v.target)) as tags
      from (select f.target, f.n, substring(f.target from '{uuid}')::uuid as id
              from json_array_elements_text(b.links) with ordinality f(target, n) limit {most}) v
      left join lateral (select a.entry from {schema}.address a where a.slug = v.target limit 1) w on true
      left join lateral (select i.slug, i.title from {schema}.listing i
                          where i.id = coalesce(w.entry, v.id) limit 1) t on true
  ) k on b.links is not null
  left join lateral (
    select string_agg('{{"locale":"' || o.locale || '","slug":"' || o.slug || '"}}', ',' order by o.locale)
             as translations,
           array_agg('{kind}:' || o.id) as tags
      from (select n.id, n.locale, (select t.slug from {schema}.listing t where t.id = n.id) as slug
              from {schema}.entry n where n.subject = e.subject and n.id <> e.id) o
  ) s on r.entry is not null
  left join lateral (
    select '{{"id":"' || e.id || '","kind":"{kind}","subject":"' || e.subject || '","locale":"' || e.locale
           || '","slug":"' || e.slug || '","revision":' || e.pinned
           || ',"published_at":"' || {published} || '","first_published_at":"' || {first}
           || '","updated_at":"' || {updated} || '",' as head,
           coalesce(r.content, (select n.content from {schema}.revision n
                                 where n.entry = r.entry and n.revision = r.content_revision))::text
             as content,
           ',"links":[' || coalesce(k.links, '') || '],"translations":[' || coalesce(s.translations, '')
           || '],"translated_from":' || coalesce(r.translated_from::text, 'null') || '}}' as tail,
           array['{kind}:' || e.id, '{kind}-subject:' || e.subject] || s.tags || k.tags as tags
  ) d on r.entry is not null
 where c.schema = '{name}'"""
"""The database puts it together, for it has the pieces, and the bytes go out as they come. It is done here
where the text is stored as parts of an earlier one.
"""

LINKS = 1_000
"""Links of a text that are told, the first ones: each is looked up, and its target makes the answer old."""

_MOMENT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_SMALL = "substr(d.content, 2, length(d.content) - 2)"
_BODY = f"""',"{LONG}":' || coalesce(to_json(b.body)::text, 'null')"""

_BY_ID = "left join {schema}.entry e on e.id = $1"
_BY_SLUG = "left join {schema}.address a on a.slug = $1 left join {schema}.entry e on e.id = a.entry"

type EntryAddress = UUID | str
"""An id or a slug of an entry."""

_SLUG = re.compile(r"[a-z0-9]{1,120}(-[a-z0-9]{1,120}){0,60}")
"""Whatever else an address may be, no slug was ever spelt like it."""

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class Found(NamedTuple):
    """What stands under an address."""

    answer: Answer | None
    """The document, or a 301 to the present slug of the entry; None: readers see nothing there."""
    slug: str
    """The present slug."""
    stamp: int
    """Cursor of the read schema in the snapshot that was read."""
    parked: int | None
    """First position that was put aside for this entry; such an answer is not kept anywhere."""


def read_address(text: str) -> EntryAddress | None:
    """Return what an address names, an id or a slug; None when nothing was ever spelt like it."""
    return parse_id(text) or (text if _SLUG.fullmatch(text) else None)


def document_key(kind: KindView, schema: str, address: EntryAddress) -> str:
    """Return the key, within the cache's space, of the document under an address of a read schema."""
    fingerprint, generation = schema.rsplit("_", 2)[1:]
    space = "slug" if isinstance(address, str) else "id"
    return f"{fingerprint}:{generation}:{kind.name}:{FORM}:{space}:{address}"


async def find(tables: Tables, kind: KindView, schema: str, address: EntryAddress) -> Found:
    """Read what readers see under a slug or an id, with one statement.

    Raises:
        Damaged: its text is not the one that was written.
        Problem: 503 when the database does not answer.
    """
    by_id = not isinstance(address, str)
    row = await tables.row(statement(kind, schema, by_id=by_id), address)
    if row is None:
        return Found(None, "", 0, None)
    slug: str = row["slug"]
    answer: Answer | None = None
    if row["tags"] is not None:
        tags = tuple(dict.fromkeys(row["tags"]))
        if not by_id and slug != address:
            answer = Answer(b"", "", tags[:1], location=f"/v1/{kind.path}/{slug}")
        else:
            answer = Answer(_bytes(row), entity_tag(schema.encode(), row["facts"].encode()), tags)
    return Found(answer, slug, row["stamp"], row["parked"])


def _bytes(row: Any) -> bytes:
    if row["before"] is None:
        return row["document"]  # type: ignore[no-any-return]
    text = orjson.dumps(text_in(row))
    return b'%b,"%b":%b%b' % (row["before"].encode(), LONG.encode(), text, row["after"].encode())


async def refresh(tables: Tables, copies: Cache, kind: KindView, schema: str, ids: Sequence[UUID]) -> None:
    """Store the documents of some entries under their present slugs; for projectors, after a commit."""
    for id_ in ids:
        found = await find(tables, kind, schema, id_)
        if found.answer is not None and found.parked is None:
            await copies.put(document_key(kind, schema, found.slug), found.stamp, encode(found.answer))


@cache
def statement(kind: KindView, schema: str, *, by_id: bool) -> str:
    """Return the SQL that finds a published document; $1 is its id or its slug."""
    place = quoted(schema)
    return _DOCUMENT.format(
        source=(_BY_ID if by_id else _BY_SLUG).format(schema=place),
        stream="$1" if by_id else "a.entry",
        schema=place,
        name=schema,
        kind=kind.name,
        uuid=_UUID,
        most=LINKS,
        small=_SMALL,
        body=_BODY if kind.has_body else "''",
        held=HELD.format(schema=place, entry="b.entry", base="r.body_base", revision="b.revision"),
        published=_MOMENT.format("e.published_at"),
        first=_MOMENT.format("e.first_published_at"),
        updated=_MOMENT.format("l.updated_at"),
    )
