"""What one append of an import holds: some records with their events, on all the streams that they touch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from events.base import Event
from events.codec import Codec
from kit.errors import Problem
from kit.ids import new_id
from kit.retry import before_retry
from write_side.entry.kind import EntryKind
from write_side.importing.pace import Pace
from write_side.importing.record import Record
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender
from write_side.log.streams import LastEvent

MOST_EVENTS = 32
MOST_BYTES = 256 * 1024
"""An editor's command waits behind one such group at the most: for the log, and for readers to see it."""


LONGEST_REST = 1.0
"""Seconds of rest after a group, however long its append took."""

ATTEMPTS = 30
RETRY_SECONDS = 1.0
UNAVAILABLE = 503
"""Status of a refusal after which the same is sent again, so many times, and after so many seconds."""


@dataclass(slots=True)
class ImportGroup:
    """Records that are appended together; all of their events land, or none."""

    records: list[tuple[EntryKind, Record, dict[str, Any] | None]] = field(default_factory=list)
    streams: dict[UUID, tuple[int, list[NewEvent]]] = field(default_factory=dict)
    """Stream → the version at which it has to be, and its events."""
    slugs: dict[UUID, UUID] = field(default_factory=dict)
    """Stream of a slug → whose it becomes."""
    last: dict[UUID, LastEvent] = field(default_factory=dict)
    """Stream that gets events here → how far it will be."""
    confirmed: dict[UUID, UUID | None] = field(default_factory=dict)
    """Entry → its last record that was in the log before."""
    events: int = 0
    size: int = 0
    """Bytes of payload and metadata."""

    @property
    def full(self) -> bool:
        return self.events >= MOST_EVENTS or self.size >= MOST_BYTES

    def add(self, stream: UUID, expected: int, events: Sequence[Event], codec: Codec, meta: bytes) -> None:
        """Add events to a stream.

        Raises:
            TooLarge: before anything was added.
            ValueError: they do not follow those of the group.
        """
        packed = [NewEvent(new_id(), codec.encode(event), meta) for event in events]
        since, new = self.streams.setdefault(stream, (expected, []))
        if packed and new and expected != since + len(new):
            raise ValueError("events of a group follow each other")
        new.extend(packed)
        if packed:
            self.last[stream] = LastEvent(since + len(new), packed[-1].stored.type)
        self.events += len(packed)
        self.size += sum(len(one.stored.payload) + len(one.meta) for one in packed)

    def expect(self, versions: Mapping[UUID, int]) -> None:
        """Let streams be at these versions when the group is appended, if it adds nothing to them itself."""
        for stream, version in versions.items():
            self.streams.setdefault(stream, (version, []))

    def types(self) -> list[str]:
        """Return the stored type of each event."""
        return [one.stored.type for _, new in self.streams.values() for one in new]

    def append(self) -> Append:
        """Return what the log is asked for; streams with events stand before those that are only expected."""
        claims = [Claim(stream, expected, tuple(new)) for stream, (expected, new) in self.streams.items()]
        return Append(tuple(sorted(claims, key=lambda claim: not claim.events)))


async def send(appender: Appender, group: ImportGroup, pace: Pace | None) -> None:
    """Append a group; when the log could not say whether it did, again: the ids tell it that it has them.

    Args:
        appender: where it goes.
        group: what is appended.
        pace: says when the next one may come; None: none comes.

    Raises:
        Conflict: one of its streams is at another version.
        Problem: 503, the log was away for long.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    appended = await patiently(lambda: appender.append(group.append()))
    if pace is None:
        return
    with suppress(Problem):  # who cannot be asked for the way of readers goes on without
        await pace.after(appended.first + group.events - 1, min(clock() - began, LONGEST_REST))


async def patiently[T](ask: Callable[[], Awaitable[T]]) -> T:
    """Do something that the database may refuse while it is away; raises Problem 503 when that lasts."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await ask()
        except Problem as problem:
            if problem.status != UNAVAILABLE or attempt == ATTEMPTS:
                raise
        await before_retry(RETRY_SECONDS)
    raise AssertionError("the last attempt returns or raises")
