"""How far an earlier run of an import came with an entry: what it is now, and its last record in the log."""

import tempfile
from collections import OrderedDict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO
from uuid import UUID

import msgspec

from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.history import state_at
from write_side.log.streams import Streams

FEW = 20
"""Events of an entry among which the last one of the import is looked for first."""

MOST = 1_000_000

REMEMBERED = 5_000
"""Entries whose state is kept in memory."""

HARMLESS = (".submitted", ".published", ".withdrawn", ".returned")
"""What may be done here to an entry, and its next revision still be imported."""


@dataclass(slots=True)
class KnownEntry:
    """An entry as the import goes on with it."""

    state: State | None
    """What it is; None: it is not there yet."""
    until: UUID | None = None
    """The last record of it that is in the log: those before it are there, too. None: it was met."""
    confirmed: UUID | None = None
    """The last record of it of which it is known that it is in the log."""
    edited: bool = False
    """Whether somebody changed it here since."""


class PutAway:
    """What is known of entries, in a file: what a dry run makes of them is nowhere else."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._places: dict[bytes, tuple[int, int]] = {}
        """Entry → where it begins, and how much room it has there."""

    def put(self, stream: UUID, known: KnownEntry) -> None:
        said = msgspec.json.encode(known)
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the import ends
        begin, room = self._places.get(stream.bytes, (0, 0))
        if len(said) > room:
            begin, room = self._file.seek(0, 2), 2 * len(said)
            self._places[stream.bytes] = begin, room
        self._file.seek(begin)
        self._file.write(said.ljust(room))

    def get(self, stream: UUID) -> KnownEntry | None:
        if self._file is None or stream.bytes not in self._places:
            return None
        begin, room = self._places[stream.bytes]
        self._file.seek(begin)
        return msgspec.json.decode(self._file.read(room), type=KnownEntry)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class ImportProgress:
    """Remembers the entries that an import goes on with; those not used for longest give way.

    Args:
        streams: where the log is read.
        source: the source, as it stands in the log.
        room: entries that are remembered.
        dry: whether nothing is appended, so that the others are put away in a file.
    """

    def __init__(self, streams: Streams, source: UUID, room: int, *, dry: bool = False) -> None:
        self._streams = streams
        self._source = source
        self._room = room
        self._away = PutAway() if dry else None
        self._known: OrderedDict[UUID, KnownEntry] = OrderedDict()
        self._met: set[bytes] = set()
        """Entries that this run goes on with, by their ids: what it appended itself is no earlier run's."""
        self.unmet: dict[UUID, str] = {}
        """Entries whose last imported record was not met yet → where their first record stands."""

    async def of(
        self, kind: EntryKind, stream: UUID, place: str, pending: Container[UUID] = ()
    ) -> KnownEntry:
        """Return what is known of an entry.

        Args:
            kind: its kind.
            stream: the entry.
            place: of its record.
            pending: entries that are not in the log as they are known here: they are remembered.
        """
        known = self._known.get(stream)
        if known is None:
            known = self._known[stream] = await self._read(kind, stream)
            if known.until is not None:
                self.unmet.setdefault(stream, place)
            self._make_room(stream, pending)
        self._known.move_to_end(stream)
        return known

    def met(self, stream: UUID) -> None:
        """Note that the last imported record of an entry was met."""
        if (known := self._known.get(stream)) is not None:
            known.until = None
        self._met.add(stream.bytes)
        self.unmet.pop(stream, None)

    def forget(self, streams: Iterable[UUID]) -> None:
        """Read entries again before they are gone on with: they are not what they were taken for."""
        for stream in streams:
            self._known.pop(stream, None)

    def close(self) -> None:
        """Forget what was put away."""
        if self._away is not None:
            self._away.close()

    async def _read(self, kind: EntryKind, stream: UUID) -> KnownEntry:
        if self._away is not None and (away := self._away.get(stream)) is not None:
            return away
        version, _last = await self._streams.last(stream)
        if not version:
            self._met.add(stream.bytes)
            return KnownEntry(None)
        state = await state_at(self._streams, kind, stream)
        newest, edited = await self._newest_of_ours(stream)
        return KnownEntry(state, None if stream.bytes in self._met else newest, newest, edited)

    def _make_room(self, stream: UUID, pending: Container[UUID]) -> None:
        """Let the entries go that were not used for longest, but for this one and those that are pending."""
        too_many = len(self._known) - self._room
        if too_many > 0:
            idle = (one for one in self._known if one != stream and one not in pending)
            for one in list(islice(idle, too_many)):
                known = self._known.pop(one)
                if self._away is not None:
                    self._away.put(one, known)

    async def _newest_of_ours(self, stream: UUID) -> tuple[UUID | None, bool]:
        """Return the command of the last event of this import, and whether others have changed it since."""
        many = FEW
        while True:
            found = await self._streams.newest(stream, 0, many)
            edited = False
            for told in reversed(found):
                if told.meta.correlation == self._source:
                    return told.meta.command, edited
                edited = edited or not told.type.endswith(HARMLESS)
            if len(found) < many or many >= MOST:
                return None, True
            many *= 10
