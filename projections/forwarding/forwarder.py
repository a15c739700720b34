"""Sends the log to RabbitMQ: one more reader of the log, at least once and in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
import structlog

from events.base import Recorded
from events.reading import Broken, Item
from kit.broker.publisher import EXCHANGE, LOG, Message, NotConfirmed, Publisher
from kit.health.tasks import Throughput
from kit.retry import before_retry
from projections.forwarding.message import cloud_event

WINDOW = 500
"""Events of a window at most. Two windows may be on their way; so many may come twice after a crash."""

WINDOW_BYTES = 4_000_000
"""A window is made smaller when events are so large that it would weigh more than this."""

POLL_SECONDS = 1.0
"""Seconds after which the log is looked at, woken or not."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before the broker is tried again: doubled each time, short again after a confirmed event."""

LAST_CONFIRMS = 1.0
"""Seconds that a clean stop waits for what is on its way, so that nothing is sent twice afterwards."""

NO_BROKER = "no RABBITMQ_URL is set"
"""Why it waits where nobody wants it to do anything."""

log = structlog.get_logger()


class EventSource(Protocol):
    """The log as its readers see it."""

    async def read(self, after: int, limit: int) -> Sequence[Item]:
        """Return up to `limit` events with position > after, dense and in order."""

    async def wait(self, after: int, seconds: float) -> None:
        """Return when there may be events after a position, or after so many seconds."""


class Cursor(Protocol):
    """The position up to which the broker has everything."""

    async def load(self) -> int: ...

    async def save(self, position: int) -> None:
        """Raise when another copy has taken over: this one must stop."""


type Connect = Callable[[], Awaitable[Publisher]]


def connector(url: str) -> Connect:
    """Return what connects to the broker at a URL, as long as the stream of all events is there and up."""
    return partial(Publisher.connect, url, name="frankenjet forwarder", expects=LOG)


class Forwarding(msgspec.Struct):
    """What the forwarder is doing, for status and readiness; updated in place."""

    state: Literal["waiting", "forwarding"] = "waiting"
    reason: str = "not started"
    """Why it waits; empty while it forwards."""
    position: int = 0
    """Every event up to here is with the broker."""


class Unforwardable(Exception):  # noqa: N818 - a state of the log, not a fault of the broker
    """The next event cannot be read by this build. Leaving it out would break the promise to bots."""


async def forward(
    source: EventSource,
    cursor: Cursor,
    connect: Connect | None,
    *,
    log_id: UUID,
    epoch: str,
    exchange: str = EXCHANGE,
    now: Forwarding | None = None,
    tally: Throughput | None = None,
) -> None:
    """Forward every event after the cursor, without end; a copy of an event always carries the same id.

    Trouble with the broker is waited out: said once, tried again, resumed from the saved cursor.
    Trouble with the log or the cursor ends it.

    Args:
        source: the log.
        cursor: moved only over events that the broker has confirmed without a hole.
        connect: makes a publisher, such as `connector(url)`; None: there is no broker, which is said once.
        log_id: identity of the log, part of every message.
        epoch: lineage of the log, part of every message.
        exchange: where every event goes.
        now: kept up to date with what is being done.
        tally: told of each window that the broker has confirmed.

    Raises:
        Exception: whatever the source or the cursor raises, such as `Fenced`.
    """
    now = now or Forwarding()
    if connect is None:
        _waits(now, NO_BROKER)
        await asyncio.get_running_loop().create_future()
        return
    pause = FIRST_PAUSE
    while True:
        try:
            publisher = await connect()
        except OSError as error:
            _waits(now, str(error))
        else:
            build = partial(cloud_event, log_id=log_id, epoch=epoch, exchange=exchange)
            journey = _Journey(source, cursor, publisher, now, tally or Throughput(), build)
            try:
                await journey.run()
            except (NotConfirmed, Unforwardable) as error:
                _waits(now, str(error))
            finally:
                await publisher.close()
            if publisher.confirmed:
                pause = FIRST_PAUSE
        await before_retry(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


class _Journey:
    """One connection's run over the log. Positions are dense, so message n of it is position start + n."""

    def __init__(
        self,
        source: EventSource,
        cursor: Cursor,
        publisher: Publisher,
        now: Forwarding,
        tally: Throughput,
        build: Callable[[Recorded[Any]], Message],
    ) -> None:
        self._source = source
        self._cursor = cursor
        self._publisher = publisher
        self._now = now
        self._tally = tally
        self._build = build
        self._start = 0
        self._since = 0.0
        self._size = 1
        """Events of the next window: few at first, so that a broker in trouble gets few things twice."""

    async def run(self) -> None:
        self._start = self._now.position = await self._cursor.load()
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
            sent = self._start + self._publisher.sent
            if sent == self._now.position:  # nothing is on its way
                self._since = time.monotonic()
            items = await self._source.read(sent, self._size)
            window = [self._build(recorded) for recorded in _readable(items, sent)]
            last = self._publisher.send(window)
            await self._publisher.settled(before if window else last)
            before = last
            await self._save()
            if window:
                self._size = next_size(self._size, window)
            elif items:
                raise Unforwardable(f"event {sent + 1} cannot be read: {getattr(items[0], 'error', '')}")
            else:
                _forwards(self._now)
                await self._source.wait(sent, POLL_SECONDS)

    async def _save(self) -> None:
        reached = self._start + self._publisher.confirmed
        if reached > self._now.position:
            await self._cursor.save(reached)
            self._tally.took(reached - self._now.position, time.monotonic() - self._since)
            self._since = time.monotonic()
            self._now.position = reached
            _forwards(self._now)


def _readable(items: Sequence[Item], after: int) -> Iterator[Recorded[Any]]:
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


def _waits(now: Forwarding, reason: str) -> None:
    if now.state == "forwarding" or now.reason != reason:
        log.warning("forwarder.waits", reason=reason, position=now.position)
    now.state, now.reason = "waiting", reason


def _forwards(now: Forwarding) -> None:
    if now.state == "waiting":
        log.info("forwarder.forwards", position=now.position)
    now.state, now.reason = "forwarding", ""
