"""A standby is promoted while bots listen: they miss nothing, and no event takes another's place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest
from structlog.testing import capture_logs

from events.codec import CODEC
from kit.broker.topology import declare
from kit.health.tasks import ProcessHealth
from projections.forwarding.leading import forwarding
from scripts.bot.bot import bot
from scripts.models.resync import resync
from tests.faults.promoted.test_promoted_readers import LIVES, fall_back, log_of, until
from tests.given.lives import store
from tests.servers.beside import beside
from tests.servers.nodes.replica import Pair

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


class Screen:
    """What `frankenjet bot` has shown."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def show(self, line: str) -> None:
        self.events.append(orjson.loads(line))

    @property
    def seen(self) -> list[tuple[int, UUID]]:
        return [(one["position"], UUID(one["id"])) for one in self.events]


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Screen]:
    """Let a bot listen from the first event on."""
    await declare(url)
    screen = Screen()
    async with beside(bot(url=url, after=0, json_output=True, show=screen.show, tell=lambda _line: None)):
        yield screen


def forwarder(nodes: Pair, url: str) -> Any:
    """Return the forwarder of one projector, to be run."""
    return forwarding(nodes.dsn, "test", CODEC, url, ProcessHealth())


async def test_bots_hear_of_every_event_once_across_a_clean_failover(nodes: Pair, broker_url: str) -> None:
    async with listening(broker_url) as screen, beside(forwarder(nodes, broker_url)):
        await store(nodes.dsn, LIVES[:10])
        await until(lambda: len(screen.events) == 10)
        await asyncio.to_thread(nodes.caught_up)
        await nodes.fails()
        await nodes.promote()
        await store(nodes.dsn, LIVES[10:20])
        await until(lambda: len(screen.events) == 20)
        assert await log_of(nodes) == screen.seen
    first, last = (screen.events[place]["epoch"] for place in (0, -1))
    assert first.replace(":00000001", ":00000002") == last


async def test_the_forwarder_of_another_machine_halts_where_the_stream_holds_what_the_log_does_not(
    nodes: Pair, broker_url: str
) -> None:
    dsn = nodes.standby.server.dsn
    async with listening(broker_url) as screen:
        first = asyncio.ensure_future(forwarder(nodes, broker_url))
        stored = await fall_back(nodes, lambda: len(screen.events), first.cancel)
        await asyncio.wait([first])
        with capture_logs() as said:
            async with beside(forwarder(nodes, broker_url)):
                await until(lambda: "reader.halted" in [one["event"] for one in said])
        assert "EPOCH_REWIND" in next(one["error"] for one in said if one["event"] == "reader.halted")
        assert 1 == await resync(dsn, dsn, forget=False)
        assert stored == screen.seen
        assert 0 == await resync(dsn, dsn, forget=True)
        async with beside(forwarder(nodes, broker_url)):
            await until(lambda: len(screen.events) == 15 + 12)
        assert (await log_of(nodes))[10:] == screen.seen[15:]
    assert 2 == len({one["logid"] for one in screen.events})


@pytest.mark.prove
async def test_a_forwarder_that_lives_on_halts_and_goes_on_after_a_resync(
    nodes: Pair, broker_url: str
) -> None:
    dsn = nodes.standby.server.dsn
    async with listening(broker_url) as screen:
        with capture_logs() as said:
            async with beside(forwarder(nodes, broker_url)):
                stored = await fall_back(nodes, lambda: len(screen.events))
                await until(lambda: "reader.halted" in [one["event"] for one in said])
                await asyncio.sleep(8)
                assert stored == screen.seen, "however often it looks"
                assert 0 == await resync(dsn, dsn, forget=True)
                await until(lambda: len(screen.events) == 15 + 12)
        assert (await log_of(nodes))[10:] == screen.seen[15:]
