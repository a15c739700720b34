"""The timeline: what happened when, of every kind that has a date by which its list is filtered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from events.content.dates import DateField
from kit.postgres.connect import quoted
from read_side.entry.kind import KindView, entry_tag
from read_side.tables import Tables

type Place = tuple[date, str, str, UUID]
"""Where in the timeline an item stands: its earliest day, its kind, its field, its entry."""

FIRST: Place = (date.min, "", "", UUID(int=0))

_ONE = """
(select '{kind}' as kind, '{field}' as what, f.{earliest} as earliest, f.{latest} as latest,
        f.{field}::text::json as date, f.id, f.slug, f.title
   from {schema}.facets_{kind} f
  where f.{latest} >= $2 and f.{earliest} <= $3 and f.{earliest} >= $4{about}
    and (f.{earliest}, '{kind}'::text, '{field}'::text, f.id) > ($4, $5, $6, $7)
  order by f.{earliest}, f.id limit $8)"""

_ABOUT = """
    and exists (select from {schema}.entry where id = $9 and title is not null)
    and f.id in (select $9::uuid union all select target from {schema}.relation where entry = $9
                 union all select entry from {schema}.relation where target = $9)"""
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
    values: list[Any] = [schema, *days, *after, limit + 1, *([] if about is None else [about])]
    rows = await tables.rows(_statement(schema, dated, about is not None), *values, long=True)
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


@cache
def _statement(schema: str, dated: tuple[tuple[str, DateField], ...], about: bool) -> str:  # noqa: FBT001 - part of a key
    place = quoted(schema)
    near = _ABOUT.format(schema=place) if about else ""
    parts = [
        _ONE.format(
            kind=kind,
            field=field.name,
            earliest=field.range_keys[0],
            latest=field.range_keys[1],
            schema=place,
            about=near,
        )
        for kind, field in dated
    ]
    return _WHOLE.format(items="\nunion all".join(parts))


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("date", "earliest", "latest", "what", "kind", "id", "slug", "title")
    return {name: row[name] for name in shown}
