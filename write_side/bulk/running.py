"""Sends the commands of a change of many entries to the bus, and gathers what became of them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.bulk import BulkStarted, ChangedEntry, RefusedEntry
from kit.errors import Problem
from kit.ids import named_id, new_id
from kit.problem_types import NOT_FOUND
from write_side.bulk.aggregate import BULK
from write_side.bulk.at_once import at_once
from write_side.bulk.change import OneCommand
from write_side.bulk.ending import BulkWork, begun_at, finish, goes_on, settle, versions_made
from write_side.bus import Bus
from write_side.call import Call, digest
from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.history import Moment, state_at
from write_side.problem_types import KEY_REUSED, STALE, STOPPED
from write_side.receipt import MADE, Receipt

TRIES = 3
"""How often an entry is tried that somebody else changes at the same moment."""

_SERVER = 500

type Commands = Callable[[UUID, State], Awaitable[tuple[Sequence[OneCommand], Sequence[str]]]]
"""From an entry and its state to the commands on it, and the fields that they have to leave alone."""


class Started(NamedTuple):
    """The first event of a change of many entries, on its way."""

    stream: UUID
    event: BulkStarted


async def _start(work: BulkWork, body: Started) -> Receipt:
    return await work.begin(body.stream, body.event, exists=Problem(KEY_REUSED))


class Tried(NamedTuple):
    """What a dry run found for an entry."""

    entry: UUID
    version: int
    events: Sequence[Any]
    refused: RefusedEntry | None


class ManyEntries:
    """One change of many entries on its way.

    Args:
        bus: runs the commands.
        kind: of the entries.
        call: who asks, why, and under which key.
    """

    def __init__(self, bus: Bus, kind: EntryKind, call: Call) -> None:
        self._bus = bus
        self._kind = kind
        self._call = call
        self.id = named_id("bulk", str(call.key)) if call.key else new_id()
        """The same for every request under one Idempotency-Key: what was cut off goes on."""
        self._since: datetime | None = None
        """When an earlier request under the key began it; None: this one did."""

    async def run(
        self, entries: Sequence[UUID], change: dict[str, Any], of: Commands, undoes: UUID | None = None
    ) -> Receipt:
        """Change each entry, and return one receipt.

        Raises:
            Problem: 503 when the log cannot take more; the same request under the same key goes on, and
                anyone who takes the change back ends it.
        """
        try:
            return await self._run(entries, change, of, undoes)
        except Problem as problem:
            if problem.status >= _SERVER:
                problem.facts["change"] = self.id
            raise

    async def _run(
        self, entries: Sequence[UUID], change: dict[str, Any], of: Commands, undoes: UUID | None
    ) -> Receipt:
        event = BulkStarted(kind=self._kind.name, entries=tuple(entries), change=change, undoes=undoes)
        begun = await self._bus.run(_start, BULK, self._call, Started(stream=self.id, event=event))
        state = await self._bus.newest(BULK, begun.stream)
        self._since = await begun_at(self._bus.streams, begun.stream) if begun.replayed else None
        receipt = None
        if state is not None and not (state.stopped or state.finished):
            receipt = await self._to_the_end(state.entries, of)
        if receipt is None:
            receipt = await settle(self._bus, self._call, begun.stream)
        return receipt._replace(status=MADE, replayed=begun.replayed)

    async def _to_the_end(self, entries: Sequence[UUID], of: Commands) -> Receipt | None:
        """Try each entry and note what became of it; None: somebody has stopped the change."""
        try:
            every = await at_once(lambda entry: self._one(entry, of), entries)
            return await finish(self._bus, self._call, self.id, [one for entry in every for one in entry])
        except Problem as problem:
            if problem.type not in (STOPPED.name, STALE.name):
                raise
            return None

    async def dry_run(self, entries: Sequence[UUID], of: Commands) -> Sequence[Tried]:
        """Return what `run` would do, entry by entry, in the order given."""

        async def tried(entry: UUID) -> Tried:
            state = await self._bus.newest(self._kind, entry)
            version = 0 if state is None else state.version
            try:
                wanted, _ = await of(entry, _there(state))
                first = wanted[0]
                call = self._for(entry, version, 0)
                events = await self._bus.dry_run(first.handler, self._kind, call, first.body)
            except Problem as problem:
                return Tried(entry, version, (), _refusal(entry, problem))
            return Tried(entry, version, events, None)

        return await at_once(tried, entries)

    async def _one(self, entry: UUID, of: Commands) -> Sequence[ChangedEntry | RefusedEntry]:
        """Run the commands on one entry; what they refuse is told, what fails for all is raised."""
        done: list[ChangedEntry | RefusedEntry] = []
        for number in range(TRIES):
            try:
                state = await self._before(entry)
                wanted, kept = await of(entry, state)
                version = state.version
                for step, (handler, body) in enumerate(wanted):
                    call = self._for(entry, version, step)
                    receipt = await self._bus.run(handler, self._kind, call, body)
                    version = receipt.version
                    if receipt.type:
                        done = [ChangedEntry(entry=entry, version=receipt.version)]
            except Problem as problem:
                if problem.status >= _SERVER or problem.type == STOPPED.name:
                    raise
                if problem.type == STALE.name and number + 1 < TRIES:
                    continue
                return [*done, _refusal(entry, problem)]
            if kept:
                detail = f"changed since, and left as they are: {', '.join(kept)}"
                done.append(RefusedEntry(entry=entry, type="changed-since", detail=detail[:500]))
            return done
        return done

    async def _before(self, entry: UUID) -> State:
        """Return what an entry is, or was before this change: what it did already is found under its keys."""
        if self._since is not None:
            streams = self._bus.streams
            if made := await versions_made(streams, self.id, self._since, entry):
                return _there(await state_at(streams, self._kind, entry, Moment(version=made[0] - 1)))
        return _there(await self._bus.newest(self._kind, entry))

    def _for(self, entry: UUID, version: int, step: int) -> Call:
        """Return the circumstances of a command on an entry: tried again, it has the same key."""
        mark = b"%d" % step
        return Call(
            actor=self._call.actor,
            client=self._call.client,
            moderates=self._call.moderates,
            stream=entry,
            expected=version,
            reason=self._call.reason,
            key=digest(self.id.bytes, entry.bytes, mark),
            request=digest(self.id.bytes, mark),
            correlation=self.id,
            causation=self._call.command,
            claims=(goes_on(self.id),),
        )


def _there(state: State | None) -> State:
    if state is None:
        raise Problem(NOT_FOUND, "There is no such entry.")
    return state


def _refusal(entry: UUID, problem: Problem) -> RefusedEntry:
    said = "; ".join(f"{one.get('pointer', '')} {one['detail']}".strip() for one in problem.errors)
    return RefusedEntry(entry=entry, type=problem.type, detail=(said or problem.title)[:500])
