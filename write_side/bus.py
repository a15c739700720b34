"""Runs commands: one effect and one answer under each Idempotency-Key, whatever becomes of the replies."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any
from uuid import UUID

from events.base import Event
from events.codec import Codec
from kit.errors import Problem
from write_side.aggregate import Aggregate, StreamState
from write_side.call import Call
from write_side.dry_run import DryRun
from write_side.log.append import KeyReused
from write_side.log.appender import Appender
from write_side.log.streams import Streams
from write_side.others import Namers, Others
from write_side.problem_types import KEY_IN_USE
from write_side.receipt import Receipt, kept_under_key, key_reused
from write_side.states import MAX_BYTES, States
from write_side.work import CommandHandler, Shared, Work

KEY_PATIENCE = 2.0
"""Seconds that a retry waits in all for earlier requests under its key."""

_JUDGED = frozenset({403, 404, 409, 422})
"""Refusals that may hang on the state."""


class Bus:
    """Runs commands of any aggregate against one log.

    Args:
        appender: writes to it.
        streams: reads it.
        codec: the events of this build.
        memory: bytes for folded states; the append's expected version checks each of them.
        namers: finds the published entries that name one; None: nobody here can tell.
    """

    def __init__(
        self,
        appender: Appender,
        streams: Streams,
        codec: Codec,
        *,
        memory: int = MAX_BYTES,
        namers: Namers | None = None,
    ) -> None:
        self.streams = streams
        self.appender = appender
        self.codec = codec
        self._states = States(memory)
        self._others = Others(streams, self._states)
        self._shared = Shared(
            appender, streams, codec, self._states, self._others, self._in_background, namers
        )
        self._running: dict[UUID, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def work[A: Aggregate[Any]](self, aggregate: A, call: Call) -> Work[A, Any]:
        """Return what a handler needs for one command."""
        return Work(self._shared, aggregate, call)

    async def newest[S: StreamState](self, aggregate: Aggregate[S], stream: UUID) -> S | None:
        """Return what a stream of an aggregate is now; None: there is none.

        Raises:
            Problem: 503, the log cannot be read.
        """
        return await self._others.newest(aggregate, stream)

    async def run[A: Aggregate[Any], B](
        self, handler: CommandHandler[A, Any, B], aggregate: A, call: Call, body: B
    ) -> Receipt:
        """Run a command, so that its Idempotency-Key has one effect and one answer.

        Args:
            handler: what the command does.
            aggregate: what it is on.
            call: who asks, why, on which stream, and under which key.
            body: what it says.

        Raises:
            Problem: 409 when the first request under the key still runs, 422 when the key was used for
                another request, or whatever the command is refused with.
        """
        key = call.key
        if key is None:
            return await _handled(handler, Work(self._shared, aggregate, call), body)
        deadline = asyncio.get_running_loop().time() + KEY_PATIENCE
        while (first := self._running.get(key)) is not None:
            await _until(deadline, first)
            if (kept := await kept_under_key(self.streams, call)) is not None:
                return kept
        done = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            return await _handled(handler, Work(self._shared, aggregate, call), body)
        except KeyReused:
            raise key_reused() from None
        except Problem as refused:
            # The first attempt may have succeeded and so have made this one look wrong.
            if refused.status < 500 and (kept := await kept_under_key(self.streams, call)):  # noqa: PLR2004
                return kept
            raise
        finally:
            del self._running[key]
            done.set_result(None)

    async def dry_run[A: Aggregate[Any], B](
        self, handler: CommandHandler[A, Any, B], aggregate: A, call: Call, body: B
    ) -> Sequence[Event]:
        """Return the events of the stream that a command would store, and store nothing.

        Raises:
            Problem: what the command would be refused with; a claim of another stream is not tried.
        """
        work: DryRun[A, Any] = DryRun(self._shared, aggregate, call)
        await _handled(handler, work, body)
        return work.events

    def forget(self) -> None:
        """Drop every state that is kept in memory; the next command on each stream reads the log."""
        self._states.clear()
        self._others.forget()

    async def aclose(self) -> None:
        """Wait for snapshots that are being written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _in_background(self, work: Awaitable[None]) -> None:
        async def quietly() -> None:
            try:
                await work
            except Problem:
                return  # a snapshot only saves time

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _handled[A: Aggregate[Any], B](
    handler: CommandHandler[A, Any, B], work: Work[A, Any], body: B
) -> Receipt:
    """Run a command; what refuses it is what stands in the log, not what this process remembers."""
    try:
        return await handler(work, body)
    except Problem as refused:
        if refused.status in _JUDGED and (overtaken := await work.overtaken()) is not None:
            raise overtaken from None
        raise


async def _until(deadline: float, first: asyncio.Future[None]) -> None:
    """Wait for the first request under a key.

    Raises:
        Problem: 409, the deadline by the clock of the loop has passed.
    """
    try:
        async with asyncio.timeout_at(deadline):
            await asyncio.shield(first)
    except TimeoutError:
        raise Problem(
            KEY_IN_USE,
            headers={"Retry-After": "1"},
        ) from None
