"""What a command may do: a handler is given this and its body, and returns the receipt of what it stored."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.base import Event, Meta
from events.codec import Codec, TooLarge
from kit.errors import Problem
from kit.ids import new_id
from kit.problem_types import NOT_FOUND
from write_side import history
from write_side.aggregate import Aggregate, StreamClaim, StreamState
from write_side.call import Call
from write_side.conflict import stale
from write_side.history import SNAPSHOT_EVERY, Moment, state_at
from write_side.log.append import Append, Appended, Claim, CommandKey, Conflict, NewEvent
from write_side.log.appender import Appender
from write_side.log.streams import Streams
from write_side.others import Namers, Others
from write_side.problem_types import TOO_LARGE
from write_side.receipt import DONE, MADE, Receipt, Unfinished, encoded, kept_under_key, to_keep
from write_side.states import States


class Shared(NamedTuple):
    """What all commands of a bus share."""

    appender: Appender
    streams: Streams
    codec: Codec
    states: States
    others: Others
    meanwhile: Callable[[Awaitable[None]], None]
    """Does something for which nobody waits."""
    namers: Namers | None = None
    """Finds who names an entry; None: nobody here can tell."""


type CommandHandler[A: Aggregate[Any], S: StreamState, B] = Callable[[Work[A, S], B], Awaitable[Receipt]]
"""Runs one sort of command: `async def publish(work, body)`."""


class Work[A: Aggregate[Any], S: StreamState]:
    """One command on its way: what it is about, and what it may read and store."""

    __slots__ = ("_remembered", "_shared", "_state", "aggregate", "call", "warnings")

    def __init__(self, shared: Shared, aggregate: A, call: Call) -> None:
        self._shared = shared
        self._state: S | None = None
        self._remembered = False
        self.aggregate = aggregate
        self.call = call
        """Who asks, why, and what for: actor, reason, expected version, and so on."""
        self.warnings: list[dict[str, str]] = []
        """What the receipt tells to think about, though it is done: places as in a problem document."""

    @property
    def stream(self) -> UUID:
        """What the command is on."""
        if self.call.stream is None:
            raise ValueError("this command is on nothing that exists already")
        return self.call.stream

    @property
    def others(self) -> Others:
        """What is known of other streams."""
        return self._shared.others

    @property
    def namers(self) -> Namers | None:
        """Who can be asked for the published entries that name one."""
        return self._shared.namers

    async def state(self) -> S:
        """Return the state at the version that the caller has seen.

        Raises:
            Problem: 404 when there is no such stream; 412 with base, theirs and the changed fields.
        """
        state: S | None = self._shared.states.get(self._key(self.stream))
        self._remembered = state is not None and state.version == self.call.expected
        if state is None or not self._remembered:
            state = await self._newest(self.stream, state)
            if state is None:
                raise Problem(NOT_FOUND, f"There is no such {self.aggregate.noun}.")
            if state.version != self.call.expected:
                raise await self._stale(state)
        self._state = state
        return state

    async def overtaken(self) -> Problem | None:
        """Return a 412 when what was decided on is no longer the newest: another process went on meanwhile.

        An append finds that out by itself, a refusal does not.
        """
        if self._state is None or not self._remembered:
            return None
        newest = await self._newest(self.stream, self._state)
        if newest is None or newest.version == self.call.expected:
            return None
        return await self._stale(newest)

    async def earlier(self, revision: int) -> S | None:
        """Return what the stream was with a revision as its newest, at the last event before the next one."""
        return await state_at(self._shared.streams, self.aggregate, self.stream, Moment(revision))

    async def values(self, state: S) -> dict[str, Any]:
        """Return every field of a state of the stream as JSON values, long ones whole."""
        return await history.values_of(self._shared.streams, self.aggregate, self.stream, state)

    async def last(self, stream: UUID) -> tuple[int, Event | None]:
        """Return the version of any stream and its last event, to claim it; (0, None) when there is none."""
        return await self._shared.streams.last(stream)

    async def begin(
        self, stream: UUID, event: Event, *, exists: Problem, claims: Sequence[StreamClaim] = ()
    ) -> Receipt:
        """Begin a stream and return the receipt.

        Args:
            stream: the new stream.
            event: its first event.
            exists: the answer when the stream is there already.
            claims: further streams of the same decision.

        Raises:
            Problem: the given one, the one of a claim that does not hold, or 503.
        """
        try:
            return await self._store(stream, None, [event], claims)
        except Conflict:
            raise exists from None

    async def append(self, events: Sequence[Event], claims: Sequence[StreamClaim] = ()) -> Receipt:
        """Store what was decided on the state that `state` returned, and return the receipt.

        Args:
            events: events for the stream; none at all is a no-op that still gets its receipt.
            claims: further streams of the same decision.

        Raises:
            Problem: 412 when somebody was faster, the one of a claim that does not hold, or 503.
        """
        if self._state is None:
            raise ValueError("a decision is made on a state")
        try:
            return await self._store(self.stream, self._state, events, claims)
        except Conflict:
            raise await self._overtaken(self._state) from None

    async def _store(
        self, stream: UUID, before: S | None, events: Sequence[Event], claims: Sequence[StreamClaim]
    ) -> Receipt:
        """Store a decision; raises Conflict when the stream is at another version than it was made on."""
        claims = (*claims, *self.call.claims)
        after = self._after(before, events)
        receipt = self._receipt(stream, after, events, claims, MADE if before is None else DONE)
        # What the log is asked for
        packed = self._pack([(stream, before.version if before else 0, events), *(one[:3] for one in claims)])
        call = self.call
        wanted = Append(packed, CommandKey(call.key, call.request, to_keep(receipt)) if call.key else None)
        # What it answers
        try:
            appended = await self._shared.appender.append(wanted)
        except Conflict as conflict:
            if conflict.claim:
                raise claims[conflict.claim - 1].lost from None
            raise
        if appended.repeated and call.key and (kept := await self._first_answer(wanted, appended)):
            return kept
        # What is remembered
        self._shared.states.put(self._key(stream), after)
        if events and after.version % SNAPSHOT_EVERY == 0:
            self._shared.meanwhile(history.keep(self._shared.streams, self.aggregate, stream, after))
        return receipt.finished(appended.first + wanted.events - 1)

    def _after(self, before: S | None, events: Sequence[Event]) -> S:
        """Return what becomes of the stream."""
        after = before
        for event in events:
            after = self.aggregate.evolve(after, event)
        if after is None:
            raise ValueError("a new stream needs an event")
        return after

    def _receipt(
        self, stream: UUID, after: S, events: Sequence[Event], claims: Sequence[StreamClaim], status: int
    ) -> Unfinished:
        first = next((added[0] for added in (events, *(one.events for one in claims)) if added), None)
        told = self.aggregate.told(stream, after)
        return Unfinished(
            encoded(told | {"warnings": self.warnings} if self.warnings else told),
            stream,
            first.TYPE if first is not None else "",
            status,
            after.version,
            after.revision,
            self.aggregate.address(stream),
        )

    def _pack(self, wanted: Sequence[tuple[UUID, int, Sequence[Event]]]) -> tuple[Claim, ...]:
        codec, call = self._shared.codec, self.call
        meta = codec.encode_meta(
            Meta(
                actor=call.actor,
                command=call.command,
                client=call.client,
                reason=call.reason,
                correlation=call.correlation,
                causation=call.causation,
            )
        )
        try:
            return tuple(
                Claim(stream, expected, tuple(NewEvent(new_id(), codec.encode(e), meta) for e in added))
                for stream, expected, added in wanted
            )
        except TooLarge as error:
            detail = (
                "What was and what is are both kept: change fewer fields at a time, or make them shorter."
            )
            raise Problem(TOO_LARGE, detail=detail) from error

    async def _first_answer(self, wanted: Append, appended: Appended) -> Receipt | None:
        """Return what is kept under the key: maybe our own, when the reply to an attempt of ours was lost."""
        kept = await kept_under_key(self._shared.streams, self.call)
        if kept is None:
            return None
        ours = {event.id for claim in wanted.claims for event in claim.events}
        return kept._replace(replayed=await self._shared.streams.id_at(appended.first) not in ours)

    async def _newest(self, stream: UUID, known: S | None) -> S | None:
        state: S | None = await state_at(self._shared.streams, self.aggregate, stream, known=known)
        if state is not None:
            self._shared.states.put(self._key(stream), state)
        return state

    def _key(self, stream: UUID) -> tuple[str, UUID]:
        """Return the name of a state in memory: an id of another aggregate leads nowhere."""
        return self.aggregate.name, stream

    async def _overtaken(self, decided_on: S) -> Problem:
        self._shared.states.drop(self._key(self.stream))
        return await self._stale(await self._newest(self.stream, None) or decided_on)

    async def _stale(self, state: S) -> Problem:
        seen = self.call.expected or 0
        return await stale(self._shared.streams, self.aggregate, self.stream, seen, state)
