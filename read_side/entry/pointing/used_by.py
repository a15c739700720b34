"""Which entries name an entry, in fields and texts: as readers see it, and for editors in drafts as well."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from kit.postgres.connect import quoted
from read_side.entry.kind import KindView
from read_side.tables import Tables

FIRST = ("", UUID(int=0))
"""Before the first of those that name an entry."""

_USED_BY = """
select e.title is not null as visible,
       (select min(position) from project.parked where schema = '{name}' and stream = e.id) as parked,
       n.field, t.kind, t.id::text, t.locale, t.slug, n.shown,
       case when n.shown then to_json(t.title) else t.content -> 'title' end as title
  from {schema}.entry e
  left join lateral (
    select field, entry, bool_or(shown) as shown
      from (
        (select distinct field, entry, true as shown from {schema}.relation
          where target = e.id and (field, entry) > ($3, $4) order by field, entry limit $5)
        union all
        (select field, entry, false from {schema}.draft_relation
          where $6 and target = e.id and (field, entry) > ($3, $4) order by field, entry limit $5)
        union all
        (select 'subject', id, title is not null from {schema}.entry
          where subject = e.id and ($6 or title is not null) and ('subject', id) > ($3, $4)
          order by id limit $5)
        union all
        (select field, entry, bool_or(shown) from {schema}.mention
          where targets && array(
                  select e.kind || '/' || e.id union all select e.id::text
                  union all select a.kind || '/' || a.slug from {schema}.address a where a.entry = e.id
                  union all select a.kind || '/' || a.locale || ':' || a.slug
                    from {schema}.address a where a.entry = e.id and a.locale <> '')
            and ($6 or shown) and (field, entry) > ($3, $4)
          group by field, entry order by field, entry limit $5)
      ) found group by field, entry order by field, entry limit $5
  ) n on true
  left join {schema}.entry t on t.id = n.entry
 where e.id = $1 and e.kind = $2
 order by n.field, n.entry"""
"""A row for each; one of nulls where nobody names it. A subject that is an entry's id names that entry; a
link of a text does by its id and by each slug that leads to it."""


class UsedBy(NamedTuple):
    """Who names an entry."""

    visible: bool
    """Whether readers see the entry."""
    parked: int | None
    items: Sequence[dict[str, Any]]


async def used_by(
    tables: Tables,
    view: KindView,
    schema: str,
    id_: UUID,
    *,
    everything: bool,
    after: tuple[str, UUID] = FIRST,
    limit: int,
) -> UsedBy | None:
    """Read who names an entry, by field and id; None when there is no such entry.

    Args:
        tables: where to read.
        view: the kind of the entry.
        schema: of the read model.
        id_: the entry.
        everything: drafts as well, not only what readers see.
        after: field and id of the last one seen.
        limit: how many at the most.

    Raises:
        Problem: 503 when the database does not answer.
    """
    sql = _statement(schema)
    rows = await tables.rows(sql, id_, view.name, *after, limit, everything)
    if not rows:
        return None
    return UsedBy(
        rows[0]["visible"], rows[0]["parked"], [_item(row) for row in rows if row["id"] is not None]
    )


def _item(row: Any) -> dict[str, Any]:
    locale = {} if row["locale"] is None else {"locale": row["locale"]}
    named = {"slug": row["slug"], "title": row["title"]}
    state = "published" if row["shown"] else "draft"
    return {"field": row["field"], "kind": row["kind"], "id": row["id"]} | locale | named | {"state": state}


@cache
def _statement(schema: str) -> str:
    return _USED_BY.format(schema=quoted(schema), name=schema)
