"""From a command to a receipt: idempotency key → load → decide → append."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from events.base import Event, Meta
from events.codec import Codec, TooLarge
from kit.errors import Problem
from kit.ids import new_id
from write_side.call import Call, Receipt, finished, unfinished
from write_side.entry.conflict import stale
from write_side.entry.kind import Kind
from write_side.entry.revisions import SNAPSHOT_EVERY, keep, state_at
from write_side.entry.state import State, evolve
from write_side.entry.states import BYTES, States
from write_side.log.append import Append, Claim, Conflict, Key, KeyReused, NewEvent
from write_side.log.appender import Appender
from write_side.log.streams import Streams

KEY_PATIENCE = 2.0
"""Seconds that a retry waits for the first request under its key."""


class Bus:
    """Runs commands against one log.

    Args:
        appender: writes to it.
        streams: reads it.
        codec: the events of this build.
        memory: bytes for folded states; the append's expected version checks each of them.
    """

    def __init__(self, appender: Appender, streams: Streams, codec: Codec, *, memory: int = BYTES) -> None:
        self.streams = streams
        self.appender = appender
        self._codec = codec
        self._states = States(memory)
        self._running: dict[UUID, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def once(self, call: Call, work: Callable[[], Awaitable[Receipt]]) -> Receipt:
        """Run a command so that its Idempotency-Key has one effect and one answer.

        Raises:
            Problem: 409 when the first request under the key still runs, 422 when the key was used for
                another request, or whatever the command is refused with.
        """
        key = call.key
        if key is None:
            return await work()
        if (first := self._running.get(key)) is not None:
            await self._patiently(first)
            return await self._kept(call) or await self.once(call, work)
        done = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            return await work()
        except KeyReused:
            raise _key_reused() from None
        except Problem as refused:
            # The first attempt may have succeeded and so have made this one look wrong.
            if refused.status < 500 and (kept := await self._kept(call)):  # noqa: PLR2004
                return kept
            raise
        finally:
            del self._running[key]
            done.set_result(None)

    async def entry(self, kind: Kind, stream: UUID, call: Call) -> State:
        """Return the state at the version that the caller has seen.

        Raises:
            Problem: 404 when there is no such entry; 412 with base, theirs and the changed fields.
        """
        state = self._states.get(stream)
        if state is None or state.version != call.expected:
            state = await self._refresh(kind, stream, state)
            if state is None:
                raise Problem(404, "not-found", "There is no such entry.")
            if state.version != call.expected:
                raise await stale(self.streams, kind, stream, call.expected or 0, state)
        return state

    async def known(self, kind: Kind, stream: UUID, revision: int) -> State | None:
        """Return another entry of a kind, as new as a revision if it has that; None: there is none."""
        state = self._states.get(stream)
        if state is None or state.revision < revision:
            state = await self._refresh(kind, stream, state)
        return state

    async def append(
        self,
        kind: Kind,
        stream: UUID,
        call: Call,
        state: State | None,
        events: Sequence[Event],
        others: Sequence[tuple[UUID, int, Sequence[Event]]] = (),
    ) -> Receipt:
        """Store what was decided and return the receipt.

        Args:
            kind: the kind of the entry.
            stream: the entry's stream.
            call: who asks, why, and under which key.
            state: what the decision was made on; None for a new entry.
            events: events for the entry's stream; none at all is a no-op that still gets its receipt.
            others: further streams of the same decision: (stream, expected version, events).

        Raises:
            Conflict: a claim does not hold; claim 0 is the entry, the others follow.
        """
        meta = self._codec.encode_meta(
            Meta(
                actor=call.actor,
                command=call.command,
                client=call.client,
                reason=call.reason,
                correlation=call.correlation,
                causation=call.causation,
            )
        )
        after = state
        for event in events:
            after = evolve(after, event)
        if after is None:
            raise ValueError("a new entry needs an event")
        receipt = unfinished(id=stream, slug=after.slug, revision=after.revision, version=after.version)
        try:
            claims = tuple(
                Claim(id_, expected, tuple(NewEvent(new_id(), self._codec.encode(e), meta) for e in added))
                for id_, expected, added in ((stream, state.version if state else 0, events), *others)
            )
        except TooLarge as error:
            raise _too_large() from error
        wanted = Append(claims, Key(call.key, call.request, receipt) if call.key else None)
        try:
            appended = await self.appender.append(wanted)
        except Conflict as conflict:
            if conflict.claim == 0 and state is not None:
                self._states.drop(stream)
                fresh = await self._refresh(kind, stream, None)
                raise await stale(self.streams, kind, stream, state.version, fresh or state) from None
            raise
        if appended.repeated and call.key is not None:
            kept = await self._kept(call)
            if kept is not None:  # maybe our own: then the reply to an attempt of this very call was lost
                mine = {event.id for claim in claims for event in claim.events}
                return kept._replace(replayed=await self.streams.id_at(appended.first) not in mine)
        self._states.put(stream, after)
        if events and after.version % SNAPSHOT_EVERY == 0:
            self._in_background(keep(self.streams, kind, stream, after))
        total = len(events) + sum(len(added) for _, _, added in others)
        return finished(receipt, appended.first + total - 1)

    def forget(self) -> None:
        """Drop every state that is kept in memory; the next command on each entry reads the log."""
        self._states.clear()

    async def aclose(self) -> None:
        """Wait for snapshots that are being written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _refresh(self, kind: Kind, stream: UUID, known: State | None) -> State | None:
        state = await state_at(self.streams, kind, stream, known=known)
        if state is not None:
            self._states.put(stream, state)
        return state

    def _in_background(self, work: Awaitable[None]) -> None:
        async def quietly() -> None:
            try:
                await work
            except Problem:
                return  # a snapshot only saves time

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _patiently(self, first: asyncio.Future[None]) -> None:
        try:
            await asyncio.wait_for(asyncio.shield(first), KEY_PATIENCE)
        except TimeoutError:
            raise Problem(
                409,
                "key-in-use",
                "The first request under this Idempotency-Key is still running.",
                headers={"Retry-After": "1"},
            ) from None

    async def _kept(self, call: Call) -> Receipt | None:
        kept = await self.streams.receipt(call.key) if call.key else None
        if kept is None:
            return None
        if kept.request != call.request:
            raise _key_reused()
        return finished(kept.receipt, kept.position, replayed=True)


def _too_large() -> Problem:
    return Problem(
        422,
        "too-large",
        "The change is larger than 768 KiB altogether.",
        detail="What was and what is are both kept: change fewer fields at a time, or make them shorter.",
    )


def _key_reused() -> Problem:
    return Problem(422, "key-reused", "This Idempotency-Key was used for another request.")
