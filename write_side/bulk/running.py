"""Sends the commands of a change of many entries to the bus, and gathers what became of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from events.bulk import BulkFinished, BulkStarted, ChangedEntry, RefusedEntry
from kit.errors import Problem
from kit.ids import named_id, new_id
from kit.problem_types import NOT_FOUND
from write_side.bulk.aggregate import BULK, BulkState
from write_side.bulk.change import OneCommand
from write_side.bus import Bus
from write_side.call import Call, digest
from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.problem_types import KEY_REUSED
from write_side.receipt import MADE, Receipt
from write_side.work import Work

AT_ONCE = 64
"""Commands on their way at a time: so many are stored in one go."""

TRIES = 3
"""How often an entry is tried that somebody else changes at the same moment."""

_STALE = 412
_SERVER = 500

type BulkWork = Work[Any, BulkState]

type Commands = Callable[[UUID, State], Awaitable[tuple[Sequence[OneCommand], Sequence[str]]]]
"""From an entry and its state to the commands on it, and the fields that they have to leave alone."""


class Started(NamedTuple):
    """The first event of a change of many entries, on its way."""

    stream: UUID
    event: BulkStarted


class Finished(NamedTuple):
    """The last one."""

    event: BulkFinished


async def _start(work: BulkWork, body: Started) -> Receipt:
    return await work.begin(body.stream, body.event, exists=Problem(KEY_REUSED))


async def _finish(work: BulkWork, body: Finished) -> Receipt:
    await work.state()  # finished already: this is refused, and the first receipt under the key is given
    return await work.append([body.event])


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

    async def run(
        self, entries: Sequence[UUID], change: dict[str, Any], of: Commands, undoes: UUID | None = None
    ) -> Receipt:
        """Change each entry, and return one receipt.

        Raises:
            Problem: 503 when the log cannot take more; the same request under the same key goes on.
        """
        event = BulkStarted(kind=self._kind.name, entries=tuple(entries), change=change, undoes=undoes)
        begun = await self._bus.run(_start, BULK, self._call, Started(stream=self.id, event=event))
        state = await self._bus.newest(BULK, begun.stream)
        found: Iterable[ChangedEntry | RefusedEntry] = ()
        if state is None or not state.finished:
            every = await _at_once(lambda entry: self._one(entry, of), state.entries if state else entries)
            found = [one for entry in every for one in entry]
        return (await self._finish(begun, found))._replace(status=MADE, replayed=begun.replayed)

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

        return await _at_once(tried, entries)

    async def _one(self, entry: UUID, of: Commands) -> Sequence[ChangedEntry | RefusedEntry]:
        """Run the commands on one entry; what they refuse is told, what fails for all is raised."""
        done: list[ChangedEntry | RefusedEntry] = []
        for number in range(TRIES):
            try:
                state = _there(await self._bus.newest(self._kind, entry))
                wanted, kept = await of(entry, state)
                version = state.version
                for step, (handler, body) in enumerate(wanted):
                    call = self._for(entry, version, step)
                    receipt = await self._bus.run(handler, self._kind, call, body)
                    version = receipt.version
                    if receipt.type:
                        done = [ChangedEntry(entry=entry, version=receipt.version)]
            except Problem as problem:
                if problem.status >= _SERVER:
                    raise
                if problem.status == _STALE and number + 1 < TRIES:
                    continue
                return [*done, _refusal(entry, problem)]
            if kept:
                detail = f"changed since, and left as they are: {', '.join(kept)}"
                done.append(RefusedEntry(entry=entry, type="changed-since", detail=detail[:500]))
            return done
        return done

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
        )

    async def _finish(self, begun: Receipt, found: Iterable[ChangedEntry | RefusedEntry]) -> Receipt:
        """Note what became of the entries; if that was noted before, the first receipt counts."""
        event = BulkFinished(
            changed=tuple(one for one in found if isinstance(one, ChangedEntry)),
            refused=tuple(one for one in found if isinstance(one, RefusedEntry)),
        )
        key = digest(self.id.bytes, b"finished")
        call = msgspec.structs.replace(
            self._call, stream=begun.stream, expected=begun.version, key=key, request=key
        )
        return await self._bus.run(_finish, BULK, call, Finished(event=event))


async def _at_once[R](one: Callable[[UUID], Awaitable[R]], entries: Sequence[UUID]) -> list[R]:
    """Return the results in the order of the entries; one failure ends all."""
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(entry: UUID) -> R:
        async with room:
            return await one(entry)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(entry)) for entry in entries]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _there(state: State | None) -> State:
    if state is None:
        raise Problem(NOT_FOUND, "There is no such entry.")
    return state


def _refusal(entry: UUID, problem: Problem) -> RefusedEntry:
    said = "; ".join(f"{one.get('pointer', '')} {one['detail']}".strip() for one in problem.errors)
    return RefusedEntry(entry=entry, type=problem.type, detail=(said or problem.title)[:500])
