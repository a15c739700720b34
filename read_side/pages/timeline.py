"""The timeline: what happened when, of every kind that has a date by which its list is filtered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from events.content.dates import DateField
from kit.postgres.connect import quoted
from read_side.entry.kind import KindView, entry_tag
from read_side.list_table import LONG_DAYS
from read_side.tables import Tables

type Place = tuple[date, str, str, UUID]
"""Where in the timeline an item stands: its earliest day, its kind, its field, its entry."""

FIRST: Place = (date.min, "", "", UUID(int=0))

_ONE = """
(select '{kind}' as kind, '{field}' as what, f.{earliest} as earliest, f.{latest} as latest,
        f.{field}::text::json as date, f.id, f.slug, f.title
   from {schema}.facets_{kind} f
  where f.{latest} >= $2 and f.{earliest} <= $3 and {begins}{about}
    and (f.{earliest}, '{kind}'::text, '{field}'::text, f.id) > ($4, $5, $6, $7)
  order by f.{earliest}, f.id limit $8)"""

_FROM = "f.{earliest} >= $9"

_LONG_BEFORE = f"f.{{earliest}} < $9 and f.{{latest}} > f.{{earliest}} + {LONG_DAYS}"
"""What may have begun long before and reaches into the days: few have such dates."""

_ABOUT = """
    and exists (select from {schema}.entry where id = $10 and title is not null)
    and f.id in (select $10::uuid union all select target from {schema}.relation where entry = $10
                 union all select entry from {schema}.relation where target = $10)"""
"""Nobody is told who names an entry that readers do not see."""

_WHOLE = """
select c.position as stamp, i.kind, i.what, i.earliest, i.latest, i.date, i.id::text, i.slug, i.title
  from project.cursor c
  left join lateral (
    select * from ({items}) every order by earliest, kind collate "C", what collate "C", id limit $8
  ) i on true
 where c.schema = $1"""


class Timeline(NamedTuple):
    """Some items in the order of time."""

    items: Sequence[dict[str, Any]]
    stamp: int
    tags: tuple[str, ...]
    last: Place | None
    """Where the next page goes on; None: there is no more."""


async def timeline(
    tables: Tables,
    views: Mapping[str, KindView],
    schema: str,
    *,
    days: tuple[date, date],
    about: UUID | None = None,
    after: Place = FIRST,
    limit: int = 20,
) -> Timeline:
    """Read what may have happened between two days, by the earliest day that it can mean.

    Args:
        tables: where to read.
        views: the kinds.
        schema: of the read model.
        days: the first and the last one.
        about: an entry: only itself, what it names, and what names it.
        after: the last item seen.
        limit: items at the most.

    Raises:
        Problem: 503 when the database does not answer.
    """
    dated = tuple(_dated(views))
    if not dated:
        return Timeline((), 0, (), None)
    begin = after[0]
    if about is None and days[0] - date.min > timedelta(LONG_DAYS):
        # Whatever reaches into the days begins a year before at the earliest, or has a long date.
        begin = max(begin, days[0] - timedelta(LONG_DAYS))
    form = _Form(schema, dated, about is not None, begin > after[0])
    values: list[Any] = [schema, *days, *after, limit + 1, begin, *([] if about is None else [about])]
    rows = await tables.rows(_statement(form), *values, long=True)
    found = [row for row in rows if row["id"] is not None]
    items = [_item(row) for row in found[:limit]]
    tags = [entry_tag(one["id"]) for one in items] + [views[kind].list_tag for kind, _ in dated]
    if about is not None:
        tags.append(entry_tag(about))
    last = None
    if len(found) > limit:
        row = found[limit - 1]
        last = row["earliest"], row["kind"], row["what"], UUID(row["id"])
    return Timeline(items, rows[0]["stamp"] if rows else 0, tuple(dict.fromkeys(tags)), last)


def _dated(views: Mapping[str, KindView]) -> Iterator[tuple[str, DateField]]:
    """Yield each kind with each of its dates that its list is filtered by."""
    for view in views.values():
        for field in view.listed:
            if isinstance(field, DateField) and field.filter == "range":
                yield view.name, field


class _Form(NamedTuple):
    """What a statement depends on, beside the values that are bound."""

    schema: str
    dated: tuple[tuple[str, DateField], ...]
    about: bool
    long: bool
    """Whether dates that begin before `begin` are looked for."""


@cache
def _statement(form: _Form) -> str:
    place = quoted(form.schema)
    near = _ABOUT.format(schema=place) if form.about else ""
    parts = []
    for kind, field in form.dated:
        earliest, latest = field.range_keys
        names = {"earliest": earliest, "latest": latest}
        for begins in (_FROM, _LONG_BEFORE) if form.long else (_FROM,):
            given = {"kind": kind, "field": field.name, "schema": place, "about": near} | names
            parts.append(_ONE.format(begins=begins.format(**names), **given))
    return _WHOLE.format(items="\nunion all".join(parts))


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("date", "earliest", "latest", "what", "kind", "id", "slug", "title")
    return {name: row[name] for name in shown}
