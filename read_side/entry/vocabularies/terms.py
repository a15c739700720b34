"""The terms of a vocabulary: those that readers see, and the retired ones that they once saw."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from kit.postgres.connect import quoted
from read_side.tables import Tables

MOST = 2_000
"""Terms, or vocabularies, that one answer tells; the list of all terms goes page by page."""

_ALL = """
  select vocabulary, code, order_value as "order", title as name, category, id::text, false as retired
    from {schema}.facets_term
  union all
  select n.content ->> 'vocabulary', n.content ->> 'code', (n.content ->> 'order')::bigint,
         n.content -> 'title', n.content ->> 'category', e.id::text, true
    from {schema}.entry e
    cross join lateral (select max(one::int) as last from json_array_elements_text(e.hidden) one) h
    join {schema}.revision r on r.entry = e.id and r.revision = h.last
    join {schema}.revision n on n.entry = e.id and n.revision = r.content_revision
   where e.kind = 'term' and e.hidden is not null and e.publication = 'archived'"""
"""A retired term is told as it was last seen: what was written of it since is a draft."""

_TERMS = f"""
select c.position as stamp, t.*
  from project.cursor c
  left join lateral (
    select * from ({_ALL}) every
     where vocabulary = $1 and ($2::text is null or code = $2)
     order by "order", code collate "C" limit {MOST}
  ) t on true
 where c.schema = '{{name}}'
 order by t."order", t.code collate "C"
"""

_VOCABULARIES = f"""
select c.position as stamp, t.*
  from project.cursor c
  left join lateral (
    select vocabulary as name, count(*) filter (where not retired) as terms,
           count(*) filter (where retired) as retired,
           json_agg(id) filter (where retired) as ids
      from ({_ALL}) every group by vocabulary order by vocabulary collate "C" limit {MOST}
  ) t on true
 where c.schema = '{{name}}'
 order by t.name collate "C"
"""


class TermsFound(NamedTuple):
    """What was read."""

    items: Sequence[dict[str, Any]]
    retired: Sequence[str]
    """Ids of the retired terms among them: when one comes back, no list of terms tells it."""
    stamp: int


async def terms(tables: Tables, schema: str, vocabulary: str, code: str | None = None) -> TermsFound:
    """Read the terms of a vocabulary in their order, or the one with a code.

    Raises:
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows(_statement(_TERMS, schema), vocabulary, code, long=True)
    items = [_term(row) for row in rows if row["id"] is not None]
    return TermsFound(items, [one["id"] for one in items if one["retired"]], rows[0]["stamp"] if rows else 0)


async def vocabularies(tables: Tables, schema: str) -> TermsFound:
    """Read which vocabularies there are, and how many terms each has.

    Raises:
        Problem: 503 when the database does not answer.
    """
    rows = await tables.rows(_statement(_VOCABULARIES, schema), long=True)
    found = [row for row in rows if row["name"] is not None]
    items = [{name: row[name] for name in ("name", "terms", "retired")} for row in found]
    retired = [id_ for row in found for id_ in row["ids"] or ()]
    return TermsFound(items, retired, rows[0]["stamp"] if rows else 0)


def _term(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "vocabulary", "code", "name", "order", "category", "retired")}


@cache
def _statement(statement: str, schema: str) -> str:
    return statement.format(schema=quoted(schema), name=schema)
