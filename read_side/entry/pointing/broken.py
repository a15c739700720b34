"""What published entries point to and readers cannot see: in their fields, their subjects and their texts."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from kit.postgres.connect import quoted
from read_side.entry.statement import OWNERS_OF_A_LINK, SHOWN
from read_side.tables import Tables

EXAMINED = 500
"""Entries that one request looks through, at the most: its cost does not depend on how little is broken."""

type Place = tuple[UUID, str, str]
"""An entry, a field of it, and what that names."""

FIRST: Place = (UUID(int=0), "", "")

_LAST_FIELD = "~"
"""After every field of an entry: their names are of small letters."""

_BROKEN = f"""
with page as (
  select id, kind, locale, slug, title, pinned, subject from {{schema}}.entry
   where id >= $1 order by id limit {EXAMINED + 1}
), pointing as (
  select p.id, x.field, t.kind as to_kind, x.target::text as target, t.id is null as missing
    from page p join {{schema}}.relation x on x.entry = p.id
    left join {{schema}}.entry t on t.id = x.target
   where t.title is null
  union
  select p.id, 'subject', t.kind, t.id::text, false
    from page p join {{schema}}.entry t on t.id = p.subject
   where p.title is not null and t.title is null
  union
  select p.id, 'body', v.kind, v.target, not exists (select from ({OWNERS_OF_A_LINK}) o)
    from page p
    join {{schema}}.revision r on r.entry = p.id and r.revision = p.pinned
    join {{schema}}.revision b on b.entry = r.entry and b.revision = r.body_revision
    cross join lateral (
      select split_part(link, '/', 1) as kind, split_part(link, '/', 2) as target
        from json_array_elements_text(b.links) link limit {SHOWN}
    ) v
   where not exists (select from ({OWNERS_OF_A_LINK}) o where o.title is not null)
)
select (select count(*) from page) as examined, (select id::text from page order by id desc limit 1) as last,
       f.field, f.to_kind, f.target, f.missing,
       p.kind, p.id::text, p.locale, p.slug, to_json(p.title) as title
  from (select) always
  left join lateral (
    select * from pointing where (id, field collate "C", target collate "C") > ($1, $2, $3)
     order by id, field collate "C", target collate "C" limit $4
  ) f on true
  left join page p on p.id = f.id
 order by f.id, f.field collate "C", f.target collate "C"
"""
"""A row for each; one with nulls where nothing is broken."""


class BrokenLinks(NamedTuple):
    """Some of what points to nothing that readers see."""

    items: Sequence[dict[str, Any]]
    reached: Place | None
    """Where the next page goes on; None: everything has been looked through."""


async def broken_links(tables: Tables, schema: str, *, after: Place = FIRST, limit: int) -> BrokenLinks:
    """Read what points to nothing, by entry, field and what is named.

    Args:
        tables: where to read.
        schema: of the read model.
        after: the last one seen.
        limit: how many at the most; there may be fewer although there are more behind.

    Raises:
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows(_statement(schema), *after, limit + 1, long=True)
    found = [row for row in rows if row["id"] is not None]
    items = [_item(row) for row in found[:limit]]
    if len(found) > limit:
        last = found[limit - 1]
        return BrokenLinks(items, (UUID(last["id"]), last["field"], last["target"]))
    if rows[0]["examined"] <= EXAMINED:
        return BrokenLinks(items, None)
    return BrokenLinks(items, (UUID(rows[0]["last"]), _LAST_FIELD, ""))


def _item(row: Any) -> dict[str, Any]:
    locale = {} if row["locale"] is None else {"locale": row["locale"]}
    named = {"slug": row["slug"], "title": row["title"]}
    one = {"kind": row["kind"], "id": row["id"]} | locale | named
    kind = {} if row["to_kind"] is None else {"kind": row["to_kind"]}
    to = kind | {"target": row["target"], "reason": "missing" if row["missing"] else "unseen"}
    return {"from": one, "field": row["field"], "to": to}


@cache
def _statement(schema: str) -> str:
    return _BROKEN.format(schema=quoted(schema))
