"""Drops read tables that nobody uses, decided once nobody can begin to use them."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from kit.log.lease import HELD, LEASE_SECONDS
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, drop, generations
from projections.engine.needed_generations import lacking, left_over
from projections.projection import Projection

_LED = f"select exists (select from project.lease l where l.name = $1 and {HELD})"

LET_GO_SECONDS = LEASE_SECONDS
"""How long to wait for a projector of this build, which notices that another generation is current when it
renews its lease."""

LOOK_SECONDS = 0.1
"""Seconds between two looks while one waits."""


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


async def confirm(
    connection: Connection, projections: Sequence[Projection], *, patience: float = LET_GO_SECONDS
) -> list[Decided]:
    """Drop the sets that this build neither serves nor fills; going back to their build refills them.

    Args:
        connection: acts as frankenjet_project, in no transaction.
        projections: the read models of this build.
        patience: seconds to wait until the projector of this build has let go of a former generation.

    Raises:
        NothingDropped: this build's own set is not complete, or somebody keeps one of those up to date.
    """
    if await lacking(connection, projections):
        raise NothingDropped("this build's own set is not complete yet; nothing was dropped")
    others = await left_over(connection, projections)
    await _wait_until_free(connection, others, {fingerprint(one) for one in projections}, patience)

    async def is_left_over(connection: Connection, generation: Generation) -> bool:
        """Tell whether it is still of no use: while its cursor is locked nobody can begin to lead it."""
        unused = {one.schema for one in await left_over(connection, projections)}
        return generation.schema in unused and not await connection.fetchval(_LED, generation.schema)

    return [Decided(one.schema, dropped=await drop(connection, one, is_left_over)) for one in others]


async def _wait_until_free(
    connection: Connection, others: Sequence[Generation], ours: set[str], patience: float
) -> None:
    """Return when nobody leads one of these sets; the projector of this build lets go of them by itself.

    Raises:
        NothingDropped: another build leads one of them, or this build's projector has not let go in time.
    """
    end = asyncio.get_running_loop().time() + patience
    while led := [one for one in others if await connection.fetchval(_LED, one.schema)]:
        if foreign := [one.schema for one in led if one.fingerprint not in ours]:
            raise NothingDropped(f"another build still keeps {', '.join(foreign)} up to date: stop it first")
        if asyncio.get_running_loop().time() > end:
            names = ", ".join(one.schema for one in led)
            raise NothingDropped(
                f"the projector of this build has not changed over from {names} yet: see `frankenjet status`,"
                " and confirm again"
            )
        await asyncio.sleep(LOOK_SECONDS)
