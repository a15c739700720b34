"""What RabbitMQ delivers to a bot, through FastStream, in the order in which the broker sent it."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError
from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage

from kit.broker.connecting import connection_to
from kit.broker.publisher import EXCHANGE, LOG

PREFETCH = 200
CONNECT_SECONDS = 5
"""Longest time that connecting may take."""

EMPTY_SECONDS = 1.0
"""A stream that shows nothing for so long is empty."""

TROUBLE = (AMQPError, ConnectionError, TimeoutError, RuntimeError)
"""What a broker that is away, or says no, raises here; the last: a connection that ended in between."""

type Offset = int | str | datetime
"""Where a stream is taken up: a number, first, last, next, or a moment."""


def of_queue(name: str) -> tuple[RabbitQueue, RabbitExchange | None, dict[str, Any]]:
    """Return a subscription to every event through a durable queue, made when it is not there."""
    everything = RabbitExchange(EXCHANGE, type=ExchangeType.TOPIC, durable=True, declare=False)
    return RabbitQueue(name, durable=True, routing_key="#"), everything, {}


def of_stream(offset: Offset) -> tuple[RabbitQueue, RabbitExchange | None, dict[str, Any]]:
    """Return a subscription to the stream of all events, from an offset on."""
    stream = RabbitQueue(LOG, queue_type=QueueType.STREAM, durable=True, declare=False)
    return stream, None, {"x-stream-offset": offset}


async def deliveries(
    url: str, subscription: tuple[RabbitQueue, RabbitExchange | None, dict[str, Any]]
) -> AsyncGenerator[RabbitMessage]:
    """Yield messages until the connection ends; who takes one acknowledges it.

    Raises:
        AMQPError, ConnectionError, TimeoutError: when the broker cannot be reached or says no.
    """
    inbox = _Inbox()
    queue, exchange, arguments = subscription
    broker = RabbitBroker(
        _with_heartbeat(url),
        logger=None,
        timeout=CONNECT_SECONDS,
        on_close=[lambda *_: inbox.end()],
        graceful_timeout=1,
    )

    @broker.subscriber(
        queue,
        exchange,
        channel=Channel(prefetch_count=PREFETCH),
        ack_policy=AckPolicy.MANUAL,
        decoder=_as_it_came,
        consume_args=arguments,
    )
    async def receive(message: RabbitMessage) -> None:
        inbox.put(message)

    try:
        await broker.start()
        while (message := await inbox.get()) is not None:
            yield message
    finally:
        await broker.stop()


async def newest(url: str, seconds: float = EMPTY_SECONDS) -> tuple[int, int | None] | None:
    """Return (offset, position) of a message near the stream's end; None when it shows nothing for so long.

    The position is None when the message tells none.

    Raises:
        AMQPError, ConnectionError, TimeoutError: when the broker cannot be reached or says no.
    """
    async with await connection_to(_with_heartbeat(url), CONNECT_SECONDS) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        stream = await channel.declare_queue(LOG, passive=True)
        found: asyncio.Future[AbstractIncomingMessage] = asyncio.get_running_loop().create_future()

        async def take(message: AbstractIncomingMessage) -> None:
            if not found.done():
                found.set_result(message)

        await stream.consume(take, arguments={"x-stream-offset": "last"})
        try:
            headers = (await asyncio.wait_for(found, seconds)).headers
        except TimeoutError:
            return None
        position = headers.get("x-position")
        return offset_of(headers), position if isinstance(position, int) else None


def offset_of(headers: Any) -> int:
    """Return a message's offset in the stream; -1 when it did not come from one."""
    return int(headers.get("x-stream-offset", -1))


class _Inbox:
    """Puts deliveries back into order: they are handled side by side and may overtake each other."""

    def __init__(self) -> None:
        self._ready: asyncio.Queue[RabbitMessage | None] = asyncio.Queue()
        self._early: dict[int, RabbitMessage] = {}
        self._next = 1
        self._channel: Any = None

    def put(self, message: RabbitMessage) -> None:
        raw = message.raw_message
        self._channel = self._channel or raw.channel
        if raw.channel is not self._channel or raw.delivery_tag is None:
            self.end()  # numbers begin at 1 again on another channel
            return
        self._early[raw.delivery_tag] = message
        while (following := self._early.pop(self._next, None)) is not None:
            self._ready.put_nowait(following)
            self._next += 1

    def end(self) -> None:
        self._ready.put_nowait(None)

    async def get(self) -> RabbitMessage | None:
        return await self._ready.get()


def _with_heartbeat(url: str) -> str:
    """Ask for signs of life each ten seconds, unless the URL says something about it."""
    query = urlsplit(url).query
    return url if "heartbeat=" in query else f"{url}{'&' if query else '?'}heartbeat=10"


async def _as_it_came(message: RabbitMessage) -> bytes:
    return message.body
