"""Whatever the broker and the way to it do: a stream has what the log has, in order, and trouble is said."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from kit.broker.topology import declare_all
from projections.health.readers import look
from tests.given.messages import through
from tests.projections.driving import projector
from tests.projections.forwarding.ways import ALL, WAYS, Going, Way, is_, until
from tests.servers.proxy import Proxy

LATE = 6.0
"""Seconds; RabbitMQ waits for 8 at least for a sign of life."""

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS]),
]
pytest_plugins = ["tests.servers.broker"]

_IDS = {
    "forwarder": "select id from log.event order by position",
    "public": "select e.id from project.public n join log.event e using (position) order by n.sequence",
}


async def reason(dsn: str, reader: str) -> str:
    """Return what a reader waits for, as `frankenjet status` says it."""
    async with projector(dsn) as connection:
        view = await look(connection, {})
    return next((one.waits for one in view.readers if one.name == reader), "")


async def waits(dsn: str, reader: str) -> bool:
    return bool(await reason(dsn, reader))


async def require_whole(going: Going, dsn: str) -> None:
    """Require that the stream has each event, first in order, and copies only of the tail before them."""
    arrived = await going.arrived()
    async with projector(dsn) as connection:
        ids = [row["id"] for row in await connection.fetch(_IDS[going.way.reader])]
    assert ids == list(dict.fromkeys(UUID(one.id) for one in arrived))
    require_tails([one.position or 0 for one in arrived])


def require_tails(places: list[int]) -> None:
    """Require that each place follows the one before it, or goes back to begin a repeat of the tail."""
    assert [] == [(before, place) for before, place in pairwise([0, *places]) if place > before + 1]
    assert max(places) == ALL


class Trouble(NamedTuple):
    """Something that happens to the way to the broker, and its end."""

    begin: Callable[[Proxy], Awaitable[None]]
    end: Callable[[Proxy], Awaitable[None]]
    said: bool


async def _paused(proxy: Proxy) -> None:
    proxy.pause()


async def _resumed(proxy: Proxy) -> None:
    proxy.resume()


async def _slow(proxy: Proxy) -> None:
    proxy.delay = 0.3


async def _quick(proxy: Proxy) -> None:
    proxy.delay = 0.0


async def _away(proxy: Proxy) -> None:
    await proxy.refuse()
    proxy.reset()


async def _reset(proxy: Proxy) -> None:
    proxy.reset()


async def _cut(proxy: Proxy) -> None:
    proxy.cut_after(5_000)


async def _nothing(_proxy: Proxy) -> None: ...


TROUBLES = {
    "half-open": Trouble(_paused, _resumed, said=True),
    "away": Trouble(_away, Proxy.accept, said=True),
    "slow": Trouble(_slow, _quick, said=False),
    "reset": Trouble(_reset, _nothing, said=False),
    "cut in a message": Trouble(_cut, _nothing, said=False),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
async def test_a_stream_is_whole_after_any_trouble_on_the_way_and_that_is_said(
    database: str, broker_url: str, broker_proxy: Proxy, way: Way, trouble: Trouble
) -> None:
    await declare_all(broker_url)
    going = Going(way, database, broker_url)
    await going.happens(0, 10)
    async with going.forwarded(through(broker_proxy, broker_url)):
        for after in (10, 30):
            await until(lambda upto=after: is_(going.sent(), upto))  # type: ignore[misc]
            await trouble.begin(broker_proxy)
            await going.happens(after, after + 20)
            if trouble.said:
                await until(lambda: waits(database, way.reader))
            await trouble.end(broker_proxy)
        await until(lambda: is_(going.sent(), 50))
        await going.happens(50, ALL)
        await until(lambda: is_(going.sent(), ALL))
        await until(lambda: is_(waits(database, way.reader), expected=False))
        assert () == await going.missing()
    await require_whole(going, database)


async def test_of_two_who_send_one_leads_and_the_other_takes_over(
    database: str, broker_url: str, broker_proxy: Proxy, way: Way
) -> None:
    """What the first has sent is on the way for longer than the other needs."""
    await declare_all(broker_url)
    going = Going(way, database, broker_url)
    await going.happens(0, 10)
    async with AsyncExitStack() as first:
        await first.enter_async_context(going.forwarded(through(broker_proxy, broker_url)))
        await until(lambda: is_(going.sent(), 10))
        async with going.forwarded():
            taken, passed_on = broker_proxy.taken, broker_proxy.upstream
            broker_proxy.delay = LATE
            await going.happens(10, 25)
            await until(lambda: _more(lambda: broker_proxy.taken, taken))
            await first.aclose()
            await until(lambda: is_(going.sent(), 25), 60)
            await going.happens(25, 40)
            await until(lambda: is_(going.sent(), 40))
            await until(lambda: _more(lambda: broker_proxy.upstream, passed_on))
            await going.happens(40, ALL)
            await until(lambda: is_(going.sent(), ALL))
    await require_whole(going, database)


async def _more(count: Callable[[], int], before: int) -> bool:
    """Tell whether events have gone, and not only signs of life."""
    return count() > before + 2_000


async def test_who_sends_halts_where_the_stream_holds_what_the_log_does_not(
    database: str, broker_url: str, way: Way
) -> None:
    await declare_all(broker_url)
    going = Going(way, database, broker_url)
    await going.happens(0, ALL)
    async with going.forwarded():
        await until(lambda: is_(going.sent(), ALL))
    await going.holds_another_past()
    with capture_logs() as said:
        async with going.forwarded():
            await until(lambda: _has(said, "reader.halted"))
    assert "EPOCH_REWIND" in next(one["error"] for one in said if one["event"] == "reader.halted")


async def _has(said: list[Any], event: str) -> bool:
    return any(one["event"] == event for one in said)
