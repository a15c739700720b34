"""How a change of many entries ends: each entry was tried, or it was cut off and is stopped for good."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events.bulk import BulkFinished, BulkStopped, ChangedEntry, RefusedEntry
from kit.errors import Problem
from write_side.aggregate import StreamClaim
from write_side.bulk.aggregate import BULK, BulkState
from write_side.bulk.at_once import at_once
from write_side.bus import Bus
from write_side.call import Call, digest
from write_side.log.streams import Streams
from write_side.problem_types import STALE, STOPPED
from write_side.receipt import Receipt
from write_side.work import Work

BEGUN = 1
"""Version of the stream of a change that is not over."""

FEW = 20
"""Events of an entry among which those of a change are looked for first."""

type BulkWork = Work[Any, BulkState]


def goes_on(change: UUID) -> StreamClaim:
    """Return what each command of a change claims: that nobody has stopped it."""
    return StreamClaim(change, BEGUN, (), Problem(STOPPED))


async def finish(
    bus: Bus, call: Call, change: UUID, found: Iterable[ChangedEntry | RefusedEntry], version: int = BEGUN
) -> Receipt:
    """Note what became of the entries; if that was noted before, the first receipt counts.

    Args:
        bus: runs the command.
        call: who asks.
        change: the change that is over.
        found: what became of its entries.
        version: of its stream.

    Raises:
        Problem: 412, it was stopped meanwhile; 503, the log cannot take it.
    """
    said = list(found)
    event = BulkFinished(
        changed=tuple(one for one in said if isinstance(one, ChangedEntry)),
        refused=tuple(one for one in said if isinstance(one, RefusedEntry)),
    )
    key = digest(change.bytes, b"finished")
    call = msgspec.structs.replace(call, stream=change, expected=version, key=key, request=key)
    return await bus.run(_append, BULK, call, event)


async def settle(bus: Bus, call: Call, change: UUID) -> Receipt:
    """End a change that was cut off, or still runs: nothing more is added, and what it did is noted.

    First it is stopped, so that the log refuses what may be on its way; then the entries are read.

    Raises:
        Problem: 503, the log cannot be read or written now; what is missing is done by the next one who asks.
    """
    try:
        stop = msgspec.structs.replace(call, stream=change, expected=BEGUN, key=None)
        await bus.run(_append, BULK, stop, BulkStopped())
    except Problem as problem:
        if problem.type != STALE.name:
            raise
    state = await bus.newest(BULK, change)
    if state is None:
        raise ValueError("only what has begun is settled")
    since = await begun_at(bus.streams, change)

    async def found(entry: UUID) -> ChangedEntry | RefusedEntry:
        made = await versions_made(bus.streams, change, since, entry)
        if made:
            return ChangedEntry(entry=entry, version=made[-1])
        return RefusedEntry(entry=entry, type=STOPPED.name, detail=STOPPED.title)

    every = () if state.finished else await at_once(found, state.entries)
    return await finish(bus, call, change, every, state.version - state.finished)


async def begun_at(streams: Streams, change: UUID) -> datetime:
    """Return when a change began, by the time of the log."""
    return (await streams.newest(change, 0, FEW))[0].at


async def versions_made(streams: Streams, change: UUID, since: datetime, entry: UUID) -> Sequence[int]:
    """Return the versions that a change made of an entry, oldest first.

    Args:
        streams: where the log is read.
        change: the change.
        since: when it began.
        entry: the entry.
    """
    many = FEW
    while True:
        told = await streams.newest(entry, 0, many)
        if len(told) < many or told[0].at < since:
            return [one.version for one in told if one.meta.correlation == change]
        many *= 10


async def _append(work: BulkWork, body: BulkStopped | BulkFinished) -> Receipt:
    await work.state()  # over already: this is refused, and the first receipt under the key is given
    return await work.append([body])
