"""Messages with a number, how to count those that arrived, and the way through a proxy."""

import asyncio

from aio_pika.abc import AbstractQueue

from kit.broker.amqp.address import parse
from kit.broker.publisher import Message
from tests.servers.proxy import Proxy

QUIET = 0.3
"""Seconds without a message after which a queue counts as empty."""


def through(proxy: Proxy, url: str, scheme: str = "amqp") -> str:
    """Return the broker's URL with the proxy's port in it."""
    address = parse(url)
    return f"{scheme}://{address.user}:{address.password}@127.0.0.1:{proxy.port}/{address.vhost}"


def message(number: int, *, exchange: str = "", key: str, body: bytes = b"{}") -> Message:
    """Make a message that carries its number in its id."""
    return Message(
        exchange=exchange,
        routing_key=key,
        body=body,
        message_id=f"m-{number}",
        content_type="application/json",
        timestamp=1_700_000_000,
        headers={"x-position": number},
    )


async def numbers_in(queue: AbstractQueue) -> list[int]:
    """Take everything out of a queue and return the messages' numbers, in order.

    What a connection that was cut had sent before may still be on its way inside the broker: the queue counts
    as empty when nothing has come for a while.
    """
    numbers: list[int] = []
    while found := await _taken(queue):
        numbers += found
        await asyncio.sleep(QUIET)
    return numbers


async def _taken(queue: AbstractQueue) -> list[int]:
    numbers = []
    while (found := await queue.get(no_ack=True, fail=False)) is not None:
        assert found.message_id is not None
        numbers.append(int(found.message_id[2:]))
    return numbers
