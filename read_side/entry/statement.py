"""The one statement that reads what stands under addresses, with all that their documents show of others."""

from functools import cache
from typing import Literal

from kit.postgres.connect import quoted
from read_side.entry.parts import HELD
from read_side.pictures import CARD, HIDDEN

SHOWN = 1_000
"""Links of a text, and relations in each direction, that are told.

Each makes the answer hang on an entry. Of the relations of the entry itself all are read, since its fields
show none that readers do not see.
"""

type By = Literal["id", "slug", "locale", "any"]
"""What an address says: an id, a slug alone, or a slug in a language; or the id of an entry of any kind."""

_OWNERS: dict[By, str] = {
    "any": "select e.* from {schema}.entry e where e.id = q.said and q.kind is null",
    "id": "select e.* from {schema}.entry e where e.id = q.said and e.kind = q.kind",
    "slug": """
    select e.* from {schema}.address a join {schema}.entry e on e.id = a.entry
     where a.kind = q.kind and a.slug = q.said""",
    "locale": """
    select e.* from {schema}.address a join {schema}.entry e on e.id = a.entry
     where a.kind = q.kind and a.slug = q.said and a.locale = q.locale""",
}

_UUID = "^[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}$"

OWNERS_OF_A_LINK = f"""
        select t.id, t.locale, t.slug, t.title
          from {{schema}}.address a join {{schema}}.entry t on t.id = a.entry
         where a.kind = v.kind and a.slug = split_part(v.target, ':', -1)
           and (strpos(v.target, ':') = 0 or a.locale = split_part(v.target, ':', 1))
        union all
        select t.id, t.locale, t.slug, t.title from {{schema}}.entry t
         where t.id = substring(v.target from '{_UUID}')::uuid and t.kind = v.kind"""
"""The entries that a link of a text may lead to; `v` has the kind and the target that it names."""

_DOCUMENT = f"""
select c.position as stamp, e.id::text, e.kind, e.subject::text, e.locale, e.slug, e.pinned as revision,
       e.published_at, e.first_published_at, e.shown_at as updated_at,
       coalesce(r.content, n.content)::text as content, r.translated_from->>'entry' as original,
       case when f.title is not null then r.translated_from::text end as translated_from,
       case when b.parts is null then b.body end as body, h.whole, h.parts,
       k.links, s.siblings, o.relations, i.related, w.pictures,
       (select min(position) from project.parked where schema = c.schema and stream = e.id) as parked
  from project.cursor c
  left join lateral ({{owners}}
  ) e on true
  left join {{schema}}.revision r on r.entry = e.id and r.revision = e.pinned
  left join {{schema}}.revision n on r.content is null and n.entry = r.entry
   and n.revision = r.content_revision
  left join {{schema}}.entry f on f.id = (r.translated_from->>'entry')::uuid
  left join {{schema}}.revision b on b.entry = r.entry and b.revision = r.body_revision
  left join lateral ({
    HELD.format(schema="{schema}", entry="b.entry", base="r.body_base", revision="b.revision")
} and b.parts is not null
  ) h on true
  left join lateral (
    select json_agg(json_build_array(v.kind, v.target, t.id, t.locale, t.slug, t.title)
                    order by v.n, t.locale) as links
      from (select f.n, split_part(f.link, '/', 1) as kind, split_part(f.link, '/', 2) as target
              from json_array_elements_text(b.links) with ordinality f(link, n) limit {SHOWN}) v
      left join lateral ({OWNERS_OF_A_LINK}
      ) t on true
  ) k on b.links is not null
  left join lateral (
    select json_agg(json_build_array(t.id, t.locale, t.slug, t.title) order by t.locale) as siblings
      from {{schema}}.entry t where t.subject = e.subject and t.kind = e.kind and t.id <> e.id
  ) s on r.entry is not null
  left join lateral (
    select json_agg(json_build_array(x.field, x.item, x.target, t.kind, t.locale, t.slug, t.title)
                    order by x.number) as relations
      from {{schema}}.relation x
      left join {{schema}}.entry t on t.id = x.target
     where x.entry = e.id
  ) o on e.related is not null
  left join lateral (
    select json_agg(json_build_array(x.field, x.item, t.id, t.kind, t.locale, t.slug, t.title)
                    order by x.field, t.title::text, x.entry, x.number) as related
      from (select * from {{schema}}.relation
             where target = e.id order by field, entry, number limit {SHOWN}) x
      join {{schema}}.entry t on t.id = x.entry
  ) i on r.entry is not null
  left join lateral (
    select json_agg(case when {HIDDEN} then json_build_array(p.media, m.file)
                         else json_build_array(p.media, {CARD}) end order by p.n) as pictures
      from (select v.item->>'media' as media, v.n
              from json_array_elements(coalesce(r.content, n.content)->'pictures')
                   with ordinality v(item, n)) p
      left join {{schema}}.media m on m.id = substring(p.media from '{_UUID}')::uuid
  ) w on json_typeof(coalesce(r.content, n.content)->'pictures') = 'array'
 where c.schema = '{{name}}'"""
"""A row for each owner of the address `q`; of one that readers do not see, only who it is."""

_ASKED = "kind, said, n"
_QUESTIONS: dict[By, str] = {
    "any": f"(select $1::text[]), (select $2::uuid[])) with ordinality q({_ASKED})",
    "id": f"(select $1::text[]), (select $2::uuid[])) with ordinality q({_ASKED})",
    "slug": f"(select $1::text[]), (select $2::text[])) with ordinality q({_ASKED})",
    "locale": """(select $1::text[]), (select $2::text[]), (select $3::text[]))
     with ordinality q(kind, said, locale, n)""",
}
"""How many there are is hidden from the planner: it would plan for each number again."""


@cache
def statement(schema: str, by: By) -> str:
    """Return the SQL; $1 are kinds, $2 ids or slugs, $3 locales where addresses say one.

    A row says by `n` which of them it is of; the first is 1. Each is planned and looked up on its own, so
    that no number of them makes reading a whole table look cheap.
    """
    place = quoted(schema)
    one = _DOCUMENT.format(owners=_OWNERS[by].format(schema=place), schema=place, name=schema)
    return f"select q.n, d.* from unnest({_QUESTIONS[by]}, lateral ({one} offset 0) d"
