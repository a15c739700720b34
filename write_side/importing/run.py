"""Runs an import: from the records of a source to groups of events, on from where an earlier run ended."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from itertools import islice
from typing import Any
from uuid import UUID

from events.base import Meta
from events.codec import Codec, TooLarge
from kit.errors import Problem
from write_side.bus import Bus
from write_side.entry.kind import EntryKind
from write_side.history import SNAPSHOT_EVERY, keep
from write_side.importing import deciding
from write_side.importing.addresses import address_for
from write_side.importing.authors import Authors
from write_side.importing.group import ImportGroup, patiently, send
from write_side.importing.met import once
from write_side.importing.names import RecordNames
from write_side.importing.pace import Pace
from write_side.importing.progress import REMEMBERED, ImportProgress, KnownEntry
from write_side.importing.record import (
    Aside,
    Author,
    Origin,
    Record,
    SetAside,
    command_of,
    source_id,
    stream_of,
    subject_of,
)  # fmt: skip
from write_side.importing.report import ImportReport
from write_side.log.append import Conflict
from write_side.problem_types import IMPORT_RUNS, LOG_UNAVAILABLE

READ_AT_ONCE = 64  # records of a source
ATTEMPTS = 30
"""Times that a group is decided again before the import gives up; the next run goes on."""

AGAIN_SECONDS = 0.002
"""After each further attempt it is waited as much longer, so that the faster one comes to an end."""

EDITED = "its entry was changed here since"
NO_ONE = UUID(int=0)  # for the accounts that a dry run does not make

type Told = Callable[[ImportReport], None]
type TellAside = Callable[[Aside], None]


class Importer:
    """Imports one source, once.

    Args:
        bus: its log, and its appender.
        codec: the events of this build.
        kinds: by name.
        origin: the source.
        actor: who imports; None: the operator.
        dry_run: whether nothing is appended, and no account made.
        remembered: entries whose state is kept in memory.
    """

    def __init__(
        self, bus: Bus, codec: Codec, kinds: Mapping[str, EntryKind], origin: Origin, *,
        actor: UUID | None = None, dry_run: bool = False, remembered: int = REMEMBERED,
    ) -> None:  # fmt: skip
        self._bus = bus
        self._codec = codec
        self._kinds = kinds
        self._origin = origin
        self._dry = dry_run
        self._source = source_id(origin.name)
        self._authors = Authors(bus.streams, self._source, actor)
        self._progress = ImportProgress(bus.streams, self._source, remembered, dry=dry_run)
        self._pace = Pace(bus.streams)
        self._group = ImportGroup()
        self._names = RecordNames(bus.streams)
        self.report = ImportReport(source=origin.name, dry_run=dry_run)

    async def run(self, told: Told, aside: TellAside) -> ImportReport:
        """Import all that is not there yet, and return what became of it.

        Args:
            told: told how far it is, again and again.
            aside: told of each record that cannot become a revision.

        Raises:
            Problem: 503, the database was away for long; the next run goes on.
        """
        self._aside = aside
        with closing(self._progress):
            return await self._run(told)

    async def _run(self, told: Told) -> ImportReport:
        records = once(self._origin.records(), self._origin.name)
        while taken := await asyncio.to_thread(lambda: list(islice(records, READ_AT_ONCE))):
            for one in taken:
                if isinstance(one, Aside):
                    self._set_aside(one.place, one.reason)
                else:
                    await self._record(one)
                if self._group.full:
                    await self._flush()
            self.report.done, self.report.total = self._origin.done, self._origin.total
            told(self.report)
        await self._flush(last=True)
        for place in self._progress.unmet.values():
            self._set_aside(place, "its history in the source is not the one that was imported before")
        self.report.done, self.report.total = self._origin.done, self._origin.total
        told(self.report)
        return self.report

    async def _record(self, record: Record) -> None:
        """Decide on a record that is not there yet."""
        self.report.records += 1
        kind = self._kinds.get(record.kind)
        if kind is None or kind.declared.localized != (record.locale is not None):
            self._set_aside(record.place, "is of a kind that there is not, or lacks its language")
            return
        stream = stream_of(self._origin.name, record)
        known = await patiently(lambda: self._known(kind, stream, record))
        if known.until is not None:
            there = known.until == command_of(self._origin.name, record)
            if there or record.alone:
                self._progress.met(stream)
            if there or not record.alone:
                self.report.already += 1
                return
        try:
            if known.edited:
                raise SetAside(EDITED)  # noqa: TRY301 - like any other refusal
            fields = await asyncio.to_thread(record.read) if record.read else None
            await patiently(lambda: self._decided(kind, known, record, fields))
        except SetAside as refused:
            self._set_aside(record.place, str(refused))

    async def _decided(
        self, kind: EntryKind, known: KnownEntry, record: Record, fields: dict[str, Any] | None
    ) -> None:
        """Put what a record makes happen into the group."""
        source, before = self._origin.name, known.state
        if before is None and fields is None:
            self.report.unchanged += 1
            return
        stream = stream_of(source, record)
        given = None if fields is None else deciding.content_of(kind, before, fields)
        names = await self._names.check(kind, before, given or {}, self._group.last, record)
        wishes = deciding.wishes(kind, before, record, given or {})
        address = await address_for(
            self._bus.streams, kind.name, record.locale, wishes, before, stream, self._group.slugs
        )
        subject = subject_of(source, record.key) if record.locale else None
        decided = deciding.decide(kind, before, record, given, address.slug, subject, names.lacks)
        if decided.events:
            meta = await self._meta(record)
            try:
                self._group.add(stream, before.version if before else 0, decided.events, self._codec, meta)
            except TooLarge:
                raise SetAside("what was and what is are together larger than an event may be") from None
            self._group.expect(names.versions)
            if address.stream is not None:
                self._group.add(address.stream, address.version, address.events, self._codec, meta)
                self._group.slugs[address.stream] = stream
            self._group.records.append((kind, record, fields))
            self._group.confirmed.setdefault(stream, known.confirmed)
            known.state = decided.after
        else:
            self.report.unchanged += 1
        if decided.lacks:
            self._set_aside(record.place, decided.lacks)

    async def _known(self, kind: EntryKind, stream: UUID, record: Record) -> KnownEntry:
        """Return what is known of the entry of a record."""
        return await self._progress.of(kind, stream, record.place, self._group.streams)

    async def _meta(self, record: Record) -> bytes:
        """Return who made a revision, when and why, as it stands with its events."""
        author = record.author or Author("Import", "")
        actor = NO_ONE if self._dry else await self._authors.account(author)
        return self._codec.encode_meta(
            Meta(
                actor=actor,
                command=command_of(self._origin.name, record),
                client="import",
                reason=record.reason,
                correlation=self._source,
                source_time=record.at,
            )
        )

    async def _flush(self, *, last: bool = False) -> None:
        """Append the group; where somebody was faster with one of its entries, decide on all of it again."""
        attempts = 0
        while self._group.events:
            group = self._group
            if not self._dry:
                try:
                    await send(self._bus.appender, group, None if last else self._pace)
                except Conflict:
                    attempts += 1
                    if attempts > ATTEMPTS:
                        told = "An entry is changed by others all the time; the next run goes on."
                        raise Problem(LOG_UNAVAILABLE, told) from None
                    await asyncio.sleep(attempts * AGAIN_SECONDS)
                    await self._again(group)
                    continue
                await self._appended(group)
            self.report.counted(group.types())
            self._group = ImportGroup(slugs=group.slugs, last=group.last) if self._dry else ImportGroup()

    async def _again(self, group: ImportGroup) -> None:
        """Decide on the records of a group again, on what their entries are by now."""
        self._group = ImportGroup()
        self._progress.forget(group.streams)
        self._names.forget()
        for kind, record, fields in group.records:
            await self._decided_again(group, kind, record, fields)
        for stream in group.confirmed:
            self._progress.met(stream)

    async def _decided_again(self, group: ImportGroup, kind: EntryKind, record: Record, fields: Any) -> None:
        stream = stream_of(self._origin.name, record)
        known = await patiently(lambda: self._known(kind, stream, record))
        if known.confirmed != group.confirmed.get(stream):
            raise Problem(IMPORT_RUNS)
        try:
            if known.edited:
                raise SetAside(EDITED)  # noqa: TRY301 - like any other refusal
            await patiently(lambda: self._decided(kind, known, record, fields))
        except SetAside as refused:
            self._set_aside(record.place, str(refused))

    async def _appended(self, group: ImportGroup) -> None:
        """Note what is in the log now; keep the states of long streams now and then, to save time."""
        for kind, record, _fields in group.records:
            stream = stream_of(self._origin.name, record)
            known = await self._known(kind, stream, record)
            known.confirmed = command_of(self._origin.name, record)
            before, new = group.streams[stream]
            version = before + len(new)
            if known.state is not None and version // SNAPSHOT_EVERY > before // SNAPSHOT_EVERY:
                with suppress(Problem):
                    await keep(self._bus.streams, kind, stream, known.state)

    def _set_aside(self, place: str, reason: str) -> None:
        self.report.set_aside += 1
        self._aside(Aside(place, reason))
