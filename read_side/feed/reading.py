"""Reads the feed: rows behind a position, in order, up to the head that is the same for all who follow."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from kit.postgres.connect import quoted
from read_side.tables import Tables

SPAN = 20_000
"""Positions that one question looks through at the most, when few of them are wanted."""

_HEAD = """
 heads as (
  select least(f.position, e.position,
               (select min(position) - 1 from project.parked where schema = '{feed_name}')) as read
    from project.cursor f, project.cursor e where f.schema = '{feed_name}' and e.schema = '{entries_name}'),
 head as (
  select coalesce(least(heads.read, (
           select min(f.position) - 1 from {feed}.event f
            where f.public
              and f.position > coalesce((select max(position) from project.public), 0))), 0) as at
    from heads)"""
"""The head stays before what was put aside, before what the revisions of entries do not hold yet, and before
what has no number yet: who resumes from it misses nothing."""

_ROWS = """
with {head}
select head.at as head, t.* from head left join lateral (
  select f.position, f.event, f.stream, f.at, f.type, f.actor, f.revision, f.slug, f.title, f.meta, f.data,
         n.sequence, coalesce(p.position, 0) as previous,
         s.locale, s.slug as present_slug, s.title as known_title, s.gone,
         c.content, d.content as content_before,
         r.body_revision as body_now, b.body_revision as body_before
    from {chosen}
    left join {feed}.subject s on s.entry = f.stream
    left join project.public p on p.sequence = n.sequence - 1
    left join {entries}.revision r on r.entry = f.stream and r.revision = f.revision
    left join {entries}.revision c on c.entry = r.entry and c.revision = r.content_revision
    left join {entries}.revision b on b.entry = f.stream
          and b.revision = case when f.type like '%.revised' then f.revision - 1 else f.base end
    left join {entries}.revision d on d.entry = b.entry and d.revision = b.content_revision
   order by f.position limit $2) t on true
 order by t.position"""

_PUBLIC = """project.public n join {feed}.event f on f.position = n.position
   where_ n.position > $1 and n.position <= least(head.at, $1 + {span})"""

_EVERY = """{feed}.event f left join project.public n on n.position = f.position
   where_ f.position > $1 and f.position <= least(head.at, $1 + {span})"""

_AT = "select at from {feed}.event where position >= $1 order by position limit 1"


class Place(NamedTuple):
    """Where the rows are now."""

    feed: str
    """Schema of the feed."""
    entries: str
    """Schema of the read model of entries."""


class FeedPage(NamedTuple):
    """Rows in order."""

    rows: Sequence[Any]
    head: int
    """Everything up to here may be asked for."""
    upto: int
    """Everything up to here was looked through: where to go on."""


class WantedEvents(NamedTuple):
    """What the database can choose by; None: anything."""

    types: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    entry: UUID | None = None


async def page(
    tables: Tables,
    place: Place,
    after: int,
    limit: int,
    *,
    public: bool,
    wanted: WantedEvents = WantedEvents(),  # noqa: B008 - immutable
) -> FeedPage:
    """Return the rows behind a position, up to `limit` of them.

    Args:
        tables: where to ask.
        place: where the rows are.
        after: the position.
        limit: rows at the most.
        public: those alone that anybody may know.
        wanted: of these.

    Raises:
        Problem: 503 when the database does not answer.
    """
    sql = _statement(place, public=public)
    found = await tables.rows(sql, after, limit, wanted.types, wanted.kinds, wanted.entry)
    if not found:  # the schema is not there any more
        return FeedPage((), 0, after)
    head = found[0]["head"]
    rows = [row for row in found if row["position"] is not None]
    upto = rows[-1]["position"] if len(rows) == limit else max(after, min(head, after + SPAN))
    return FeedPage(rows, head, upto)


async def since(tables: Tables, place: Place, moment: datetime, head: int) -> int:
    """Return the last position that was recorded before a moment, found by halving.

    Raises:
        Problem: 503 when the database does not answer.
    """
    sql = _AT.format(feed=quoted(place.feed))
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        row = await tables.row(sql, middle)
        if row is not None and row["at"] < moment:
            low = middle
        else:
            high = middle - 1
    return low


@cache
def _statement(place: Place, *, public: bool) -> str:
    names = {"feed": quoted(place.feed), "entries": quoted(place.entries)}
    head = _HEAD.format(feed_name=place.feed, entries_name=place.entries, **names)
    chosen, condition = (_PUBLIC if public else _EVERY).split("where_")
    condition = condition.format(span=SPAN) + (
        " and ($3::text[] is null or f.type = any($3))"
        " and ($4::text[] is null or split_part(f.type, '.', 1) = any($4))"
        " and ($5::uuid is null or f.stream = $5)"
    )
    sql = _ROWS.format(head=head, chosen=chosen.format(**names), **names)
    return sql.replace("   order by f.position limit", f"   where {condition}\n   order by f.position limit")
