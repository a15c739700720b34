"""Drops read tables that nobody uses, decided once nobody can begin to use them."""

from collections.abc import Sequence
from typing import NamedTuple

from kit.log.lease import HELD
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, drop, generations
from projections.engine.needed_generations import lacking, left_over
from projections.projection import Projection

_LED = f"select exists (select from project.lease l where l.name = $1 and {HELD})"


class Decided(NamedTuple):
    """What became of one generation."""

    schema: str
    dropped: bool
    """False: it came into use meanwhile, and is kept."""


class NothingDropped(Exception):  # noqa: N818 - a verdict
    """What this build does not use cannot be dropped yet, for the reason that it tells."""


async def abort(connection: Connection, projection: Projection) -> list[Decided]:
    """Drop what a rebuild of this build has filled so far; readers never saw it."""
    found = await generations(connection, projection.name, fingerprint(projection))
    return [
        Decided(one.schema, dropped=await drop(connection, one, _is_unused))
        for one in found
        if one.state in {"filling", "following"}
    ]


async def _is_unused(_connection: Connection, generation: Generation) -> bool:
    return generation.state in {"filling", "following"}


async def confirm(connection: Connection, projections: Sequence[Projection]) -> list[Decided]:
    """Drop the sets that this build neither serves nor fills; going back to their build refills them.

    Raises:
        NothingDropped: this build's own set is not complete, or another build keeps one of those up to date.
    """
    if await lacking(connection, projections):
        raise NothingDropped("this build's own set is not complete yet; nothing was dropped")
    others = await left_over(connection, projections)
    if led := [one.schema for one in others if await connection.fetchval(_LED, one.schema)]:
        raise NothingDropped(f"another build still keeps {', '.join(led)} up to date: stop it first")

    async def is_left_over(connection: Connection, generation: Generation) -> bool:
        """Tell whether it is still of no use: while its cursor is locked nobody can begin to lead it."""
        unused = {one.schema for one in await left_over(connection, projections)}
        return generation.schema in unused and not await connection.fetchval(_LED, generation.schema)

    return [Decided(one.schema, dropped=await drop(connection, one, is_left_over)) for one in others]
