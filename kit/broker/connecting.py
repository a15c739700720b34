"""Connects by aio-pika, which says in many ways that a broker hung up while both of them were beginning."""

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError

ENDED = (AMQPError, RuntimeError, StopAsyncIteration)
"""What aio-pika raises when a connection ends between two steps, or with the first of them."""


async def connection_to(url: str, seconds: float) -> AbstractConnection:
    """Return a connection.

    Args:
        url: amqp:// or amqps:// address.
        seconds: that it may take.

    Raises:
        ConnectionError: the broker cannot be reached, says no, or hangs up.
        TimeoutError: it says nothing.
    """
    try:
        return await aio_pika.connect(url, timeout=seconds)
    except ENDED as error:
        if isinstance(error, ConnectionError):
            raise
        reason = str(error) or "it hung up"
        raise ConnectionError(f"the broker took no connection: {reason}") from error
