"""Counts what is wrong with a log, given what its writers were told and what its readers saw."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from tests.write_side.log.writers import Told

type Seen = list[tuple[int, UUID]]
"""Positions and ids in the order in which one reader met them."""


class Tally(NamedTuple):
    """Violations by kind. All of them are to be 0."""

    lost: int
    """Events that were acknowledged and are not where it was said."""
    duplicated: int
    """Events that are there more than once, and keys with more than one effect."""
    unwanted: int
    """Events that were refused or rolled back, or that nobody sent, and are there."""
    halved: int
    """Commands of which a part is there."""
    disordered: int
    """Events whose version does not follow the one before on its stream, or whose time goes back."""
    gaps: int
    """Positions up to the last that no event has."""
    late: int
    """Events that some reader passed over, or met in another order than that of the log."""


class Counted(NamedTuple):
    """How much there was to go wrong."""

    events: int
    stored: int
    refused: int
    unknown: int
    keys: int
    """Idempotency-Keys that were kept."""


async def audit(dsn: str, told: Sequence[Told], readers: Sequence[Seen]) -> tuple[Tally, Counted]:
    """Compare a log that nobody writes any more with what is known of it."""
    connection = await asyncpg.connect(dsn)
    try:
        log = await connection.fetch(
            "select position, stream, version, id, recorded_at from log.event order by position"
        )
        keys = await connection.fetch("select key, position from log.key")
    finally:
        await connection.close()
    positions = [row["position"] for row in log]
    at = {row["id"]: row["position"] for row in log}
    sent = {id_ for one in told for id_ in one.ids}
    counts = Counter(one.outcome for one in told)
    counted = Counted(len(log), counts["stored"], counts["refused"], counts["unknown"], len(keys))
    tally = Tally(
        lost=sum(_lost(one, at) for one in told if one.outcome == "stored"),
        duplicated=len(log) - len(at) + _keys_with_two_effects(told, at),
        unwanted=sum(id_ in at for one in told if one.outcome == "refused" for id_ in one.ids)
        + sum(id_ not in sent for id_ in at),
        halved=sum(_halved(one, at) for one in told),
        disordered=_disordered(log),
        gaps=(positions[-1] - len(set(positions))) if positions else 0,
        late=sum(_late([(row["position"], row["id"]) for row in log], seen) for seen in readers),
    )
    return tally, counted


def _lost(one: Told, at: dict[UUID, int]) -> int:
    return sum(at.get(id_) != position for position, id_ in enumerate(one.ids, one.position))


def _halved(one: Told, at: dict[UUID, int]) -> bool:
    found = [at[id_] for id_ in one.ids if id_ in at]
    return bool(found) and found != list(range(found[0], found[0] + len(one.ids)))


def _keys_with_two_effects(told: Sequence[Told], at: dict[UUID, int]) -> int:
    effects = Counter(one.key for one in told if one.key is not None and any(id_ in at for id_ in one.ids))
    return sum(count - 1 for count in effects.values())


def _disordered(log: Sequence[asyncpg.Record]) -> int:
    versions: dict[UUID, int] = {}
    latest = log[0]["recorded_at"] if log else None
    wrong = 0
    for row in log:
        version = versions[row["stream"]] = versions.get(row["stream"], 0) + 1
        wrong += row["version"] != version or row["recorded_at"] < latest
        latest = row["recorded_at"]
    return wrong


def _late(log: Seen, seen: Seen) -> int:
    """Count what a reader missed, and what it met that the log does not have or has elsewhere."""
    return len(set(log).symmetric_difference(seen)) + (seen != sorted(seen)) + (len(seen) - len(set(seen)))
