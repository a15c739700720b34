"""Sends the log to RabbitMQ: one more reader of the log, at least once and in order."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import structlog

from kit.broker.amqp.channel import InUse
from kit.broker.publisher import EXCHANGE, LOG, NotConfirmed, Publisher
from kit.health.tasks import Throughput
from kit.retry import before_retry
from projections.forwarding.fence import HELD_PAUSE
from projections.forwarding.journey import (
    NOT_STARTED,
    Cursor,
    EventSource,
    Forwarding,
    ForwardingForm,
    Journey,
    Unforwardable,
    readable,
    waits,
)
from projections.forwarding.message import cloud_event

NO_BROKER = "no RABBITMQ_URL is set"
"""Why it waits where nobody wants it to do anything."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before the broker is tried again: doubled each time, short again after a confirmed event."""

PATIENCE = 4.0
"""Seconds without an answer, or without a confirm, after which a broker counts as away, and that is said."""

NO_ANSWER = f"the broker has not answered for {PATIENCE:g} seconds"

log = structlog.get_logger()

type Connect = Callable[[], Awaitable[Publisher]]


def connector(url: str, stream: str = LOG) -> Connect:
    """Return what connects to the broker at a URL, as long as the stream of these events is there and up."""
    return partial(Publisher.connect, url, name="frankenjet", expects=stream, patience=PATIENCE)


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
    form: ForwardingForm | None = None,
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
        form: what is read and what is made of it; None: every event of the log, as it is.

    Raises:
        Exception: whatever the source or the cursor raises, such as `Fenced`.
    """
    now = now or Forwarding()
    if connect is None:
        waits(now, NO_BROKER)
        await asyncio.get_running_loop().create_future()
        return
    pause = FIRST_PAUSE
    while True:
        publisher = None
        late = asyncio.get_running_loop().call_later(PATIENCE, _still_connects, now)
        try:
            publisher = await connect()
        except OSError as error:
            waits(now, str(error) or NO_ANSWER)
            if isinstance(error, InUse):
                pause = min(pause, HELD_PAUSE)
        finally:
            late.cancel()
        if publisher is not None:
            publisher.on_blocked = partial(waits, now)
            build = partial(cloud_event, log_id=log_id, epoch=epoch, exchange=exchange)
            made = form or ForwardingForm(readable, build, lambda _after: None)
            journey = Journey(source, cursor, publisher, now, tally or Throughput(), made)
            try:
                await journey.run()
            except (NotConfirmed, Unforwardable) as error:
                waits(now, str(error))
            finally:
                await publisher.close()
            if publisher.confirmed:
                pause = FIRST_PAUSE
        await before_retry(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _still_connects(now: Forwarding) -> None:
    """Say so when the first connection takes long; what came before another one has been said."""
    if now.reason == NOT_STARTED:
        waits(now, NO_ANSWER)
