"""Looks at the end of the stream of all events: what may have been seen out there by now."""

import asyncio
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

QUIET = 0.5
"""Seconds without a message after which the end is reached."""


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
    sent: list[Sent] = []
    try:
        async with await aio_pika.connect(url, timeout=SECONDS) as connection:
            newest = await _messages(connection, stream, "last")
            if newest:
                begin = max(0, int(str(newest[0].headers["x-stream-offset"])) - BACK)
                sent = [
                    Sent(int(str(one.headers["x-position"])), UUID(one.message_id))
                    for one in await _messages(connection, stream, begin)
                    if one.headers.get("x-logid") == str(log_id) and "x-epoch" in one.headers
                ]
    except AMQPChannelError:
        return None
    except AMQPError as error:
        if isinstance(error, ConnectionError):
            raise
        raise ConnectionError(f"the broker did not show its stream: {error}") from error
    return max(sent, default=None)


async def _messages(
    connection: AbstractConnection, stream: str, offset: int | str
) -> list[AbstractIncomingMessage]:
    """Return what stands in the stream from an offset on."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    found: list[AbstractIncomingMessage] = []
    async with connection.channel() as channel:
        await channel.set_qos(prefetch_count=BACK)
        queue = await channel.get_queue(stream, ensure=False)
        await queue.consume(arrived.put, arguments={"x-stream-offset": offset})
        try:
            while True:
                found.append(await asyncio.wait_for(arrived.get(), QUIET))
                await found[-1].ack()
        except TimeoutError:
            return found
