"""Looks at the end of the stream of all events: what may have been seen out there by now."""

import asyncio
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPChannelError, AMQPError

from kit.broker import LOG

SECONDS = 5
"""Longest time that connecting may take."""

BACK = 1_500
"""Messages looked at: after a crash of the forwarder the last thousand may be copies of earlier ones."""

LOOKS = 10
"""Further and further back, while there are none but seals and events of other logs."""

QUIET = 0.5
"""Seconds without a message after which a stream has none to show."""

PATIENCE = 10.0
"""Seconds for all of it: a broker that says nothing is as good as away."""


class Sent(NamedTuple):
    """An event that stands in the stream."""

    position: int
    event: UUID


async def last_sent(url: str, log_id: UUID, *, stream: str = LOG) -> Sent | None:
    """Return the event of a log with the highest position that stands near the end of the stream.

    Args:
        url: amqp:// or amqps:// address.
        log_id: events of other logs, and what is no event, are passed over.
        stream: name of the stream queue.

    Returns:
        None when there is none, no such stream, or no right to read it.

    Raises:
        ConnectionError, TimeoutError: when the broker cannot be reached.
    """
    try:
        async with asyncio.timeout(PATIENCE), await aio_pika.connect(url, timeout=SECONDS) as connection:
            newest = await _messages(connection, stream, "last", None)
            end = max(map(_offset, newest), default=-1)
            for _ in range(LOOKS):
                if end < 0:
                    break
                begin = max(0, end + 1 - BACK)
                found = [
                    _sent(one) for one in await _messages(connection, stream, begin, end) if _of(one, log_id)
                ]
                if found:
                    return max(found)
                end = begin - 1
    except AMQPChannelError:
        return None
    except AMQPError as error:
        if isinstance(error, ConnectionError):
            raise
        raise ConnectionError(f"the broker did not show its stream: {error}") from error
    return None


def _offset(message: AbstractIncomingMessage) -> int:
    return int(str(message.headers["x-stream-offset"]))


def _of(message: AbstractIncomingMessage, log_id: UUID) -> bool:
    """Say whether a message is an event of this log; a seal is none."""
    return message.headers.get("x-logid") == str(log_id) and "x-epoch" in message.headers


def _sent(message: AbstractIncomingMessage) -> Sent:
    return Sent(int(str(message.headers["x-position"])), UUID(message.message_id))


async def _messages(
    connection: AbstractConnection, stream: str, begin: int | str, end: int | None
) -> list[AbstractIncomingMessage]:
    """Return what stands in the stream from one offset up to another; None: what comes in half a second."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    found: list[AbstractIncomingMessage] = []
    async with connection.channel() as channel:
        await channel.set_qos(prefetch_count=BACK)
        queue = await channel.get_queue(stream, ensure=False)
        await queue.consume(arrived.put, arguments={"x-stream-offset": begin})
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET if end is None else None):  # what is written to is never quiet
                while end is None or _before(found, end):
                    found.append(await asyncio.wait_for(arrived.get(), QUIET))
                    await found[-1].ack()
    return found


def _before(found: list[AbstractIncomingMessage], end: int) -> bool:
    return not found or _offset(found[-1]) < end
