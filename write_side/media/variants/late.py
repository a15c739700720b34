"""Pictures whose variants could not be made: set aside one by one, kept in a table, tried again."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from kit.postgres.connect import Connection

FIRST_SECONDS = 10
LONGEST_SECONDS = 3_600
"""Seconds until one is tried again: doubled from the first to the longest, without end."""

DUE = """
(select picture from project.late_variants where next_at <= clock_timestamp() order by next_at limit 1)"""
"""SQL: the picture that is to be tried now."""

_SET_ASIDE = """
insert into project.late_variants as late (picture, reason, next_at)
values ($1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (picture) do update
   set reason = excluded.reason, tries = late.tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least($3 * 2.0 ^ least(late.tries, 30), $4))"""

_DONE = "delete from project.late_variants where picture = $1"

_ALL = """
select picture, reason, tries,
       extract(epoch from clock_timestamp() - since)::float8 as seconds
  from project.late_variants order by since, picture"""


class LatePicture(NamedTuple):
    """A picture that waits to be tried again."""

    picture: UUID
    reason: str
    tries: int
    seconds: float
    """Since it was set aside."""


async def late_pictures(connection: Connection) -> Sequence[LatePicture]:
    """Return all that wait, the one that has waited longest first."""
    return [LatePicture(*row) for row in await connection.fetch(_ALL)]


async def set_aside(connection: Connection, picture: UUID, reason: str) -> None:
    """Note that a picture could not be done, and have it tried again later each time."""
    await connection.execute(_SET_ASIDE, picture, reason, float(FIRST_SECONDS), float(LONGEST_SECONDS))


async def forget(connection: Connection, picture: UUID) -> None:
    """Note that a picture is as it has to be."""
    await connection.execute(_DONE, picture)
