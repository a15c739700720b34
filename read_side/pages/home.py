"""The home page: articles and facts, chosen afresh each hour, the same for all readers in that hour."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from kit.postgres.connect import quoted
from read_side.answers.language import in_language
from read_side.entry.kind import KindView, entry_tag
from read_side.tables import Tables

CHOSEN: Mapping[str, int] = {"article": 3, "fact": 5}
"""Kind → how many of them are shown."""

_SHOWN = {"article": "f.locale, f.summary", "fact": "f.text"}

_CHOICE = """
select c.position as stamp, f.*
  from project.cursor c
  left join lateral (
    select f.id::text, f.slug, f.title, {shown}, f.published_at < $2 as settled
      from {schema}.facets_{kind} f where {condition}
     order by f.published_at < $2 desc, hashtextextended(f.id::text, $3) limit $4
  ) f on true
 where c.schema = $1"""
"""What was published before the hour comes first, in an order that the hour decides: it stays the same until
something that is shown changes."""


SETTLES = timedelta(minutes=1)
"""So long after its beginning something may come to readers that was published before the hour."""


class HomeOfAnHour(NamedTuple):
    """What the home page shows."""

    body: dict[str, Any]
    stamp: int
    tags: tuple[str, ...]


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


async def home(
    tables: Tables, views: Mapping[str, KindView], schema: str, now: datetime, locale: str
) -> HomeOfAnHour:
    """Read the home page of an hour.

    Args:
        tables: where to read.
        views: the kinds.
        schema: of the read model.
        now: in that hour, in UTC.
        locale: the language of the articles and of the facts.

    Raises:
        Problem: 503 when the database does not answer.
    """
    hour = hour_of(now)
    found: dict[str, list[dict[str, Any]]] = {}
    stamps, tags = [], []
    seed = int(hour.timestamp())
    for kind, most in CHOSEN.items():
        if kind not in views:
            found[kind] = []
            continue
        values = (schema, hour, seed, most) if kind == "fact" else (schema, hour, seed, most, locale)
        rows = await tables.rows(_statement(schema, kind), *values, long=True)
        stamps += [row["stamp"] for row in rows]
        shown = [row for row in rows if row["id"] is not None]
        tags += [entry_tag(row["id"]) for row in shown]
        if now - hour < SETTLES or len(shown) < most or not all(row["settled"] for row in shown):
            tags.append(views[kind].list_tag)  # one that is published meanwhile belongs to it
        found[kind] = [_item(row) for row in shown]
    body = {
        "hour": hour,
        "until": hour + timedelta(hours=1),
        "locale": locale,
        "articles": found["article"],
        "facts": in_language(found["fact"], locale),
    }
    return HomeOfAnHour(body, min(stamps, default=0), tuple(tags))


@cache
def _statement(schema: str, kind: str) -> str:
    condition = "f.locale = $5" if kind == "article" else "true"
    return _CHOICE.format(schema=quoted(schema), kind=kind, shown=_SHOWN[kind], condition=condition)


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name not in {"stamp", "settled"}}
