"""What a stream lacked is shown once it is sent again; a stream that was made again is shown whole."""

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel

from kit.broker.publisher import LOG
from kit.broker.topology import declare
from tests.scripts.bot.test_bot import listening, publish

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

GONE = "what was between positions 2 and 5 is not there any more"
COMES = "what was missing comes now, from position 3 on"
WHOLE = "nothing is missing any more"


@pytest_asyncio.fixture
async def broker(broker_url: str) -> str:
    await declare(broker_url)
    return broker_url


async def test_what_was_missing_is_shown_once_when_it_is_sent_again(broker: str) -> None:
    await publish(broker, 1, 2, 5, 6)
    async with listening(broker, after=0) as screen:
        await screen.shows(1, 2, 5, 6)
        await publish(broker, *range(1, 7), *range(1, 8))
        await screen.shows(1, 2, 5, 6, 3, 4, 7)
        assert screen.told == [GONE, COMES, WHOLE]


async def test_a_bot_remembers_what_is_missing_while_it_is_away(broker: str, tmp_path: Path) -> None:
    await publish(broker, 1, 2, 5)
    async with listening(broker, after=0, state=tmp_path / "place") as screen:
        await screen.shows(1, 2, 5)
    await publish(broker, 3)
    async with listening(broker, state=tmp_path / "place") as screen:
        await screen.shows(3)
    await publish(broker, *range(1, 6))
    async with listening(broker, state=tmp_path / "place") as screen:
        await publish(broker, 6)
        await screen.shows(4, 6)
    assert screen.told == ["what was missing comes now, from position 4 on", WHOLE]


async def test_a_queue_of_ones_own_shows_what_was_missing_as_well(
    broker: str, broker_channel: AbstractChannel
) -> None:
    queue = await broker_channel.declare_queue("a bot", durable=True)
    await queue.bind("frankenjet.events", "#")
    await publish(broker, 1, 2, 5, 3, 4, 5, 6)
    async with listening(broker, queue="a bot") as screen:
        await screen.shows(1, 2, 5, 3, 4, 6)
    assert screen.told == [GONE, COMES, WHOLE]
    await broker_channel.queue_delete("a bot")


async def test_of_a_stream_that_was_made_again_the_first_event_is_shown_at_once(
    broker: str, broker_channel: AbstractChannel, tmp_path: Path
) -> None:
    """The place that was kept is far beyond the end of the new stream, which is empty at first."""
    await publish(broker, *range(1, 2_001))
    async with listening(broker, after=1_990, state=tmp_path / "place") as screen:
        await screen.shows(*range(1_991, 2_001))
    await broker_channel.queue_delete(LOG)
    await declare(broker)
    async with listening(broker, state=tmp_path / "place") as screen:
        await asyncio.sleep(6)  # longer than a bot looks for the end of the stream
        async with asyncio.timeout(60):
            while not screen.lines:
                await publish(broker, 2_001)
                await asyncio.sleep(0.2)
        assert screen.positions == [2_001]
    assert screen.told == []


async def test_a_place_beyond_what_the_stream_has_leaves_nothing_out_that_comes(broker: str) -> None:
    await publish(broker, *range(1, 11))
    async with listening(broker, after=2_000) as screen:
        await asyncio.sleep(3)  # so that it has looked for its place before something comes
        async with asyncio.timeout(60):
            while not screen.lines:
                await publish(broker, 2_001)
                await asyncio.sleep(0.2)
        assert screen.positions == [2_001]
