"""What no queue takes is held back and said: after it the stream has every event, first in order."""

import aio_pika
import pytest

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


async def test_events_wait_for_a_binding_that_was_deleted(
    database: str, documented_users: dict[str, str], way: Way
) -> None:
    """The projector may not bind it again: somebody else has to."""
    going = Going(way, database, documented_users["migrate"])
    await declare_all(documented_users["migrate"])
    await going.happens(0, 10)
    async with going.forwarded(documented_users["projector"]):
        await until(lambda: is_(going.sent(), 10))
        async with await aio_pika.connect(documented_users["migrate"]) as connection:
            stream = await (await connection.channel()).get_queue(way.log)
            await stream.unbind(way.exchange, "#")
        await going.happens(10, 40)
        await until(lambda: waits(database, way.reader))
        await declare_all(documented_users["migrate"])
        await going.happens(40, ALL)
        await until(lambda: is_(going.sent(), ALL))
    await require_whole(going, database)


async def test_a_stream_that_was_deleted_is_said_and_filled_again_when_somebody_says_so(
    database: str, documented_users: dict[str, str], way: Way
) -> None:
    going = Going(way, database, documented_users["migrate"])
    await declare_all(documented_users["migrate"])
    await going.happens(0, 10)
    async with going.forwarded(documented_users["projector"]):
        await until(lambda: is_(going.sent(), 10))
        async with await aio_pika.connect(documented_users["migrate"]) as connection:
            await (await connection.channel()).queue_delete(way.log)
        await going.happens(10, 40)
        await until(lambda: waits(database, way.reader))
        await declare_all(documented_users["migrate"])
        await going.happens(40, ALL)
        await until(lambda: is_(going.sent(), ALL))
        await until(lambda: is_(going.missing(), ((1, 10),)))
        async with projector(database) as connection:
            assert ALL == await send_again(connection, 1, way.reader)
        await until(lambda: is_(going.missing(), ()))
    found = [one for one in await going.arrived() if one.offset >= ALL - 10]
    assert [*range(1, ALL + 1)] == [one.position for one in found]
