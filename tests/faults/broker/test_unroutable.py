"""What no queue takes is held back and said: after it the stream has every event, first in order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from kit.broker.topology import declare_all
from projections.forwarding.missing import send_again
from tests.faults.broker.test_ways_to_broker import require_whole, waits
from tests.projections.driving import projector
from tests.projections.forwarding.ways import ALL, WAYS, Going, Way, is_, until

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS]),
]
pytest_plugins = ["tests.servers.broker"]


@asynccontextmanager
async def past_trouble(
    database: str, users: dict[str, str], way: Way, make: Callable[[AbstractChannel], Awaitable[None]]
) -> AsyncIterator[Going]:
    """Forward, make trouble at the broker, have it mended once it is said; yield when all is sent."""
    going = Going(way, database, users["migrate"])
    await declare_all(users["migrate"])
    await going.happens(0, 10)
    async with going.forwarded(users["projector"]):
        await until(lambda: is_(going.sent(), 10))
        async with await aio_pika.connect(users["migrate"]) as connection:
            await make(await connection.channel())
        await going.happens(10, 40)
        await until(lambda: waits(database, way.reader))
        await declare_all(users["migrate"])
        await going.happens(40, ALL)
        await until(lambda: is_(going.sent(), ALL))
        yield going


async def test_events_wait_for_a_binding_that_was_deleted(
    database: str, documented_users: dict[str, str], way: Way
) -> None:
    """The projector may not bind it again: somebody else has to."""

    async def unbind(channel: AbstractChannel) -> None:
        await (await channel.get_queue(way.log)).unbind(way.exchange, "#")

    async with past_trouble(database, documented_users, way, unbind) as going:
        pass
    await require_whole(going, database)


async def test_a_stream_that_was_deleted_is_said_and_filled_again_when_somebody_says_so(
    database: str, documented_users: dict[str, str], way: Way
) -> None:

    async def delete(channel: AbstractChannel) -> None:
        await channel.queue_delete(way.log)

    async with past_trouble(database, documented_users, way, delete) as going:
        await until(lambda: is_(going.missing(), ((1, 10),)))
        async with projector(database) as connection:
            assert ALL == await send_again(connection, 1, way.reader)
        await until(lambda: is_(going.missing(), ()))
    found = [one for one in await going.arrived() if one.offset >= ALL - 10]
    assert [*range(1, ALL + 1)] == [one.position for one in found]
