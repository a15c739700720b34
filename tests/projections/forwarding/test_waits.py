"""Who sends and is gone is stopped, whatever it waited for; without a broker nobody has to lead."""

import pytest

from kit.log.waiting import keep_noted
from projections.forwarding.forwarder import NO_BROKER
from projections.health.readers import Reader, look
from tests.projections.driving import projector
from tests.projections.forwarding.ways import WAYS, Going, Way, is_, until
from tests.servers.beside import beside

NOWHERE = "amqp://guest:guest@127.0.0.1:1/"


async def reader(dsn: str, name: str) -> Reader | None:
    async with projector(dsn) as connection:
        view = await look(connection, {})
    return next((one for one in view.readers if one.name == name), None)


async def state(dsn: str, name: str) -> str:
    found = await reader(dsn, name)
    return "" if found is None else found.state


@pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS])
async def test_who_waited_for_a_broker_and_is_gone_is_stopped(database: str, way: Way) -> None:
    going = Going(way, database, NOWHERE)
    await going.happens(0, 1)
    async with going.forwarded():
        await until(lambda: is_(state(database, way.reader), "waiting"))
    await until(lambda: is_(state(database, way.reader), "stopped"))


async def test_where_there_is_no_broker_the_public_stream_waits_and_nobody_leads_it(database: str) -> None:
    public = WAYS[1].reader
    going = Going(WAYS[1], database, NOWHERE)
    await going.happens(0, 1)
    async with going.forwarded():
        await until(lambda: is_(state(database, public), "waiting"))
    async with beside(keep_noted(database, public, lambda: NO_BROKER)):
        await until(lambda: is_(state(database, public), "waiting"))
