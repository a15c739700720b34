"""Cuts a replay into slices of streams that can be filled in any order, side by side, and once each."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kit.log.digest import MODULUS
from kit.postgres.connect import Connection

SLICE_EVENTS = 8_000
"""Events of a slice, roughly: one short transaction, and the memory of one worker."""

SAMPLE_EVENTS = 125
"""One event of so many is looked at to find where slices begin: 64 for each slice, whose size is then off by
an eighth, most of the time. Bounds at single events would make some slices three times as large as others."""

LONG = 5_000
"""A stream with more events than this is a slice of its own, filled page by page; others are held whole.
With what waits to be written, that is the most that a worker holds, however long the log is."""

_PLANNED = "select count(*), count(seen), max(target) from project.slice where schema = $1"

_SAMPLE = """
select stream from log.event
 where position in (select generate_series($1::bigint, $2::bigint, $1::bigint))
   and stream <> all($3::uuid[]) order by stream"""

_LONG = """
select stream from log.event long
 where version = $1 + 1 and position <= $2
 order by (select max(version) from log.event e where e.stream = long.stream) desc"""

_PLAN = """
insert into project.slice (schema, slice, target, lower, upper, alone)
select $1, n, $2, lower, upper, coalesce(lower = any($5::uuid[]), false)
  from unnest($3::uuid[], $4::uuid[]) with ordinality s(lower, upper, n)"""

_OPEN = """
select slice, target, lower, upper, alone from project.slice
 where schema = $1 and seen is null order by slice"""

_BEGUN = """
select seen is null as open, at_stream, at_version from project.slice where schema = $1 and slice = $2"""

_MOVE = f"""
update project.slice set at_stream = $5, at_version = $6, part = part + $7,
       part_digest = mod(part_digest + $8, {MODULUS})
 where schema = $1 and slice = $2 and seen is null
   and at_stream is not distinct from $3 and at_version = $4"""

_FINISH = """
update project.slice set seen = part, digest = part_digest
 where schema = $1 and slice = $2 and seen is null
   and at_stream is not distinct from $3 and at_version = $4"""

_TOTAL = """
select sum(coalesce(seen, part)), mod(sum(coalesce(digest, part_digest)), $2), max(target)
  from project.slice where schema = $1"""


GONE = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)
"""What the database says of a schema that has been dropped."""


class Aborted(Exception):  # noqa: N818 - somebody wanted it
    """What was being filled has been dropped meanwhile."""


type Range = tuple[UUID | None, UUID | None]
"""Streams from the first, up to but without the second; None: no end."""


class Slice(NamedTuple):
    """A range of streams and the last position to regard."""

    number: int
    target: int
    lower: UUID | None
    upper: UUID | None
    alone: bool = False
    """It holds the stream `lower` and no other."""


class Filled(NamedTuple):
    """How far a slice has been filled: up to an event of a stream; None: nothing yet."""

    stream: UUID | None
    version: int


async def plan(connection: Connection, schema: str, target: int, long: int = LONG) -> None:
    """Cut the log up to a position into slices of about equal size, unless that was done before."""
    count, _, _ = await connection.fetchrow(_PLANNED, schema)
    if count:
        return
    alone = [row["stream"] for row in await connection.fetch(_LONG, long, target)]
    sample = await connection.fetch(_SAMPLE, SAMPLE_EVENTS, target - 1, alone)
    cuts = bounds_of([row["stream"] for row in sample], SLICE_EVENTS // SAMPLE_EVENTS)
    for stream in alone:
        cuts |= {stream, UUID(int=(stream.int + 1) % 2**128)}
    lower, upper = zip(*queued(sorted(cuts), alone), strict=True)
    await connection.execute(_PLAN, schema, target, lower, upper, alone)


def bounds_of(sample: Sequence[UUID], most: int) -> set[UUID]:
    """Return the streams with which slices begin, the first slice aside.

    Args:
        sample: the stream of one event of so many, in order.
        most: of the sample in one slice; all slices have about as many.
    """
    count = -(-len(sample) // most)
    return {sample[number * len(sample) // count] for number in range(1, count)}


def queued(bounds: Sequence[UUID], alone: Sequence[UUID]) -> list[Range]:
    """Return the ranges between bounds in the order in which workers shall take them.

    Those of one long stream stand evenly among the first half of the others: none is left for the end, where
    other workers would have nothing to do meanwhile, and something is seen to move from the beginning.

    Args:
        bounds: where ranges meet, in order.
        alone: lower ends of the ranges that hold one long stream only, the longest first.
    """
    upper = dict(zip([None, *bounds], [*bounds, None], strict=True))
    long = [(lower, upper.pop(lower)) for lower in alone]
    others = iter(upper.items())
    between = len(upper) // (2 * len(long)) if long else 0
    queue: list[Range] = []
    for one in long:
        queue += [one, *islice(others, between)]
    return queue + list(others)


async def open_slices(connection: Connection, schema: str) -> list[Slice]:
    """Return the slices that are still to be filled, in the order in which workers shall take them."""
    return [Slice(*row) for row in await connection.fetch(_OPEN, schema)]


async def progress(connection: Connection, schema: str) -> tuple[int, int]:
    """Return (slices filled, slices in all)."""
    count, done, _ = await connection.fetchrow(_PLANNED, schema)
    return done, count


async def begun(connection: Connection, schema: str, slice_: int) -> Filled | None:
    """Return how far a slice has been filled; None when nothing of it is left.

    Raises:
        Aborted: the generation is gone.
    """
    row = await connection.fetchrow(_BEGUN, schema, slice_)
    if row is None:
        raise Aborted(schema)
    return Filled(row["at_stream"], row["at_version"]) if row["open"] else None


async def move(
    connection: Connection, schema: str, slice_: int, before: Filled, after: Filled, seen: int, digest: int
) -> bool:
    """Move the place of a slice in the transaction that fills it up to there.

    Returns:
        False when it is not where the caller thinks: a worker that outlived the run that started it, or an
        abort, was there meanwhile.
    """
    moved = await connection.execute(_MOVE, schema, slice_, *before, *after, seen, Decimal(digest))
    return bool(moved == "UPDATE 1")


async def finish(connection: Connection, schema: str, slice_: int, at: Filled) -> bool:
    """Mark a slice as filled; False when it is not where the caller thinks."""
    return bool(await connection.execute(_FINISH, schema, slice_, *at) == "UPDATE 1")


async def total(connection: Connection, schema: str) -> tuple[int, int, int]:
    """Return (events seen, their digest, target) of all slices together."""
    seen, digest, target = await connection.fetchrow(_TOTAL, schema, Decimal(MODULUS))
    return int(seen or 0), int(digest or 0), int(target or 0)
