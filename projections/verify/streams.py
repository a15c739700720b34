"""Checks that versions of a stream are contiguous from 1 in commit order, and that slugs have one owner."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from events.codec import Codec, Unreadable
from events.slug import SlugClaimed, SlugReleased, slug_stream
from kit.postgres.connect import Connection
from projections.verify.verdict import Mistakes, Progressed, Verdict

PART_EVENTS = 50_000
"""Events of a part, roughly: what is asked for at once."""

_BOUNDS = """
select distinct stream from log.event
 where position in (select generate_series($1::bigint, $2::bigint, $1::bigint)) order by stream"""

_PART = """
select stream, version, position, schema, type, payload,
       version <> before + 1 as jump, position < earlier as back, again
  from (select stream, version, position, schema, type, case when type = any($4) then payload end as payload,
               lag(version, 1, 0::bigint) over s as before, lag(position, 1, 0::bigint) over s as earlier,
               version > 1 and type = any($5) as again
          from log.event
         where ($1::uuid is null or stream >= $1) and ($2::uuid is null or stream < $2) and position <= $3
        window s as (partition by stream order by version)) events
 where payload is not null or version <> before + 1 or position < earlier or again
 order by stream, version"""

BEGINNINGS = (".created", "bulk.started", "media.registered")
"""How the types end of events with which a stream begins, and never goes on."""

SLUGS = [SlugClaimed.TYPE, SlugReleased.TYPE]


async def streams(connection: Connection, codec: Codec, head: int, told: Progressed) -> list[Verdict]:
    """Look at each stream once; what is asked of the server is bounded, whatever the log holds.

    Args:
        connection: may read the log, without a statement time-out.
        codec: reads what happened to slugs.
        head: last position to regard.
        told: told the progress.
    """
    jumps, slugs = Mistakes(), Mistakes()
    bounds = [row["stream"] for row in await connection.fetch(_BOUNDS, PART_EVENTS, head)]
    beginnings = [type_ for type_ in codec.classes if type_.endswith(BEGINNINGS)]
    claimed = 0
    for number, (lower, upper) in enumerate(zip([None, *bounds], [*bounds, None], strict=True), 1):
        rows = await connection.fetch(_PART, lower, upper, head, SLUGS, beginnings)
        for row in rows:
            if row["jump"]:
                jumps.add(f"stream {row['stream']} jumps to version {row['version']}")
            elif row["back"]:
                jumps.add(
                    f"version {row['version']} of stream {row['stream']} was stored before the one it follows"
                )
            elif row["again"]:
                jumps.add(f"stream {row['stream']} begins again at version {row['version']}")
        for stream, events in groupby(
            (row for row in rows if row["payload"] is not None), key=lambda row: row["stream"]
        ):
            claimed += 1
            for problem in ownership(stream, _decoded(list(events), codec)):
                slugs.add(problem)
        told("streams", number * head // (len(bounds) + 1), head)
    return [
        jumps.verdict("streams", "versions are contiguous from 1 and in commit order, and each begins once"),
        slugs.verdict("slugs", f"{claimed:,} slugs, each with one owner at a time"),
    ]


def ownership(stream: UUID, events: Iterable[SlugClaimed | SlugReleased]) -> Iterable[str]:
    """Yield what is wrong with the life of a slug: claimed and released in turn, always by its owner."""
    owner: UUID | None = None
    for event in events:
        place = f"{event.kind}/{f'{event.locale}:' if event.locale else ''}{event.slug}"
        if slug_stream(event.kind, event.locale, event.slug) != stream:
            yield f"{place} is on a stream that is not its own"
        elif isinstance(event, SlugClaimed):
            if owner is not None:
                yield f"{place} is claimed by {event.owner} while {owner} owns it"
            owner = event.owner
        else:
            if owner != event.owner:
                yield f"{place} is released by {event.owner}, who does not own it"
            owner = None


def _decoded(rows: Sequence[Any], codec: Codec) -> Iterable[SlugClaimed | SlugReleased]:
    for row in rows:
        try:
            event = codec.decode(row["type"], row["schema"], row["payload"])
        except Unreadable:
            continue  # the check of events says so
        if isinstance(event, SlugClaimed | SlugReleased):
            yield event


async def keys(connection: Connection) -> Verdict:
    """Check that every kept Idempotency-Key points at an event that is there."""
    count, beyond = await connection.fetchrow(
        "select count(*), count(*) filter (where position not between 0 and log.head()) from log.key"
    )
    wrong = Mistakes()
    if beyond:
        wrong.add(f"{beyond:,} keys point beyond the head")
    return wrong.verdict("keys", f"{count:,} keys point into the log")
