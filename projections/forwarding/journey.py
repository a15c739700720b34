"""One connection's run over the log: windows that are sent, confirmed, and then moved over."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple, Protocol

import msgspec
import structlog

from events.base import Recorded
from events.reading import Broken, Item
from kit.broker.publisher import Message, NotConfirmed, Publisher
from kit.health.tasks import Throughput

WINDOW = 500
"""Events of a window at most. Two windows may be on their way; so many may come twice after a crash."""

WINDOW_BYTES = 4_000_000
"""A window is made smaller when events are so large that it would weigh more than this."""

POLL_SECONDS = 1.0
"""Seconds after which the log is looked at, woken or not."""

LAST_CONFIRMS = 1.0
"""Seconds that a clean stop waits for what is on its way, so that nothing is sent twice afterwards."""

NOT_STARTED = "not started"

log = structlog.get_logger()


class EventSource(Protocol):
    """The log as its readers see it, or what is chosen of it."""

    async def read(self, after: int, limit: int) -> Sequence[Any]:
        """Return up to `limit` events with position > after, in order; of the log, dense."""

    async def wait(self, after: int, seconds: float) -> None:
        """Return when there may be events after a position, or after so many seconds."""


class Cursor(Protocol):
    """The position up to which the broker has everything."""

    async def load(self) -> int: ...

    async def save(self, position: int) -> None:
        """Raise when another copy has taken over: this one must stop."""


class Forwarding(msgspec.Struct):
    """What the forwarder is doing, for status and readiness; updated in place."""

    state: Literal["waiting", "forwarding"] = "waiting"
    reason: str = NOT_STARTED
    """Why it waits; empty while it forwards."""
    position: int = 0
    """Every event up to here is with the broker."""


class ForwardingForm(NamedTuple):
    """What a forwarder takes of what it reads."""

    taken: Callable[[Sequence[Any], int], Iterable[Any]]
    """From what was read after a position to what is sent; each has a `position`."""
    build: Callable[[Any], Message]
    upto: Callable[[int], int | None]
    """The position up to which there was nothing to send at the last look, after this one; None: this one."""


class Unforwardable(Exception):  # noqa: N818 - a state of the log, not a fault of the broker
    """The next event cannot be read by this build. Leaving it out would break the promise to bots."""


class Journey:
    """One connection's run over the log, which remembers the position of each message that is on its way.

    Args:
        source: what is forwarded.
        cursor: moved over what the broker has confirmed.
        publisher: sends; it is dead after any doubt.
        now: kept up to date.
        tally: told of each window that is confirmed.
        form: what is taken of the source.
    """

    def __init__(
        self,
        source: EventSource,
        cursor: Cursor,
        publisher: Publisher,
        now: Forwarding,
        tally: Throughput,
        form: ForwardingForm,
    ) -> None:
        self._source = source
        self._cursor = cursor
        self._publisher = publisher
        self._now = now
        self._tally = tally
        self._form = form
        self._sent = 0
        """Position of the last event that was sent, or from which the run began."""
        self._open: deque[int] = deque()
        """Positions of those that are not known to be confirmed."""
        self._since = 0.0
        self._size = 1
        """Events of the next window: few at first, so that a broker in trouble gets few things twice."""

    async def run(self) -> None:
        """Forward without end; raises NotConfirmed after any doubt about the broker."""
        self._sent = self._now.position = await self._cursor.load()
        try:
            await self._run()
        except asyncio.CancelledError:
            with suppress(Exception):  # whatever is not saved now is sent again by the next one
                async with asyncio.timeout(LAST_CONFIRMS):
                    await self._publisher.settled(self._publisher.sent)
                    await self._save()
            raise
        except NotConfirmed:
            await self._save()
            raise

    async def _run(self) -> None:
        before = 0
        while True:
            if not self._open:
                self._since = time.monotonic()
            items = await self._source.read(self._sent, self._size)
            taken = list(self._form.taken(items, self._sent))
            window = [self._form.build(one) for one in taken]
            last = self._publisher.send(window)
            self._open.extend(one.position for one in taken)
            if taken:
                self._sent = taken[-1].position
            await self._publisher.settled(before if window else last)
            before = last
            await self._save()
            if window:
                self._size = next_size(self._size, window)
            elif items:
                error = getattr(items[0], "error", "")
                raise Unforwardable(f"event {self._sent + 1} cannot be read: {error}")
            else:
                await self._pass(self._form.upto(self._sent))
                forwards(self._now)
                await self._source.wait(self._sent, POLL_SECONDS)

    async def _save(self) -> None:
        reached, count = self._now.position, 0
        waiting = self._publisher.sent - self._publisher.confirmed
        while len(self._open) > waiting:
            reached, count = self._open.popleft(), count + 1
        if count:
            await self._moved(reached, count)

    async def _pass(self, upto: int | None) -> None:
        """Move over what is not to be sent, once all before it is confirmed."""
        if upto is not None and upto > self._now.position and not self._open:
            self._sent = upto
            await self._moved(upto, 0)

    async def _moved(self, reached: int, count: int) -> None:
        await self._cursor.save(reached)
        self._tally.took(count, time.monotonic() - self._since)
        self._since = time.monotonic()
        self._now.position = reached
        forwards(self._now)


def readable(items: Sequence[Item], after: int) -> Iterator[Recorded[Any]]:
    """Yield events up to the first that cannot be read.

    Raises:
        ValueError: when the log has a gap, which nothing downstream could notice any more.
    """
    for expected, item in enumerate(items, after + 1):
        if item.position != expected:
            raise ValueError(f"the log has no event at position {expected}")
        if isinstance(item, Broken):
            return
        yield item


def next_size(size: int, window: Sequence[Message]) -> int:
    """Return how many events to read next: more after each window, fewer when they are heavy."""
    weight = sum(len(message.body) for message in window) // len(window) + 1
    return max(1, min(WINDOW, size * 4, WINDOW_BYTES // weight))


def forwards(now: Forwarding) -> None:
    """Note that a forwarder forwards."""
    if now.state == "waiting":
        log.info("forwarder.forwards", position=now.position)
    now.state, now.reason = "forwarding", ""


def waits(now: Forwarding, reason: str) -> None:
    """Note why a forwarder does not forward; it is said once."""
    if now.state == "forwarding" or now.reason != reason:
        log.warning("forwarder.waits", reason=reason, position=now.position)
    now.state, now.reason = "waiting", reason
