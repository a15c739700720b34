"""A bot that keeps its place misses nothing while it is away, and repeats nothing when it comes back."""

from pathlib import Path

import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel

from kit.broker.publisher import LOG, Publisher
from kit.broker.topology import declare
from kit.errors import Refused
from projections.forwarding.message import cloud_event
from scripts.bot.bot import bot
from scripts.bot.kept import kept
from tests.projections.forwarding.given import LOG_ID, event
from tests.scripts.bot.test_bot import listening, publish, publish_until_shown

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest_asyncio.fixture
async def broker(broker_url: str) -> str:
    await declare(broker_url)
    return broker_url


async def test_a_bot_that_was_away_goes_on_where_it_was_and_knows_copies_again(
    broker: str, tmp_path: Path
) -> None:
    file = tmp_path / "bot" / "place"
    await publish(broker, 1, 2, 3)
    async with listening(broker, after=0, state=file) as screen:
        await screen.shows(1, 2, 3)
    await publish(broker, 2, 3, *range(4, 300), 1, 2, 3)
    async with listening(broker, after=0, state=file) as screen:
        await screen.shows(*range(4, 300))
        await publish(broker, 300)
        await screen.shows(*range(4, 301))
    assert [] == screen.told


async def test_a_bot_that_met_nothing_yet_misses_nothing_that_came_while_it_was_away(
    broker: str, tmp_path: Path
) -> None:
    await publish(broker, 1)
    with kept(tmp_path / "place") as database:
        assert 0 == database.execute("select count(*) from place").fetchone()[0]
    async with listening(broker, state=tmp_path / "place") as screen:
        await publish_until_shown(broker, screen, 2)
    assert [2] == screen.positions
    await publish(broker, 3)
    async with listening(broker, state=tmp_path / "place") as screen:
        await screen.shows(3)


async def test_copies_of_another_epoch_are_known_after_a_restart(broker: str, tmp_path: Path) -> None:
    await publish(broker, 1, 2)
    async with listening(broker, after=0, state=tmp_path / "place") as screen:
        await screen.shows(1, 2)
    async with await Publisher.connect(broker) as publisher:
        await publisher.publish([cloud_event(event(position), LOG_ID, "9.9") for position in (1, 2, 3)])
    async with listening(broker, state=tmp_path / "place") as screen:
        await screen.shows(3)


async def test_a_stream_that_was_made_again_is_looked_through_for_the_place(
    broker: str, broker_channel: AbstractChannel, tmp_path: Path
) -> None:
    await publish(broker, *range(1, 11))
    async with listening(broker, after=0, state=tmp_path / "place") as screen:
        await screen.shows(*range(1, 11))
    await broker_channel.queue_delete(LOG)
    await declare(broker)
    await publish(broker, *range(8, 15))
    async with listening(broker, state=tmp_path / "place") as screen:
        await screen.shows(*range(11, 15))
    assert [] == screen.told


async def test_a_hole_is_told(broker: str, tmp_path: Path) -> None:
    await publish(broker, 1)
    async with listening(broker, after=0, state=tmp_path / "place") as screen:
        await screen.shows(1)
    await publish(broker, 4)
    async with listening(broker, state=tmp_path / "place") as screen:
        await screen.shows(4)
    assert ["what was between positions 1 and 4 is not there any more"] == screen.told


async def test_two_bots_do_not_share_a_place(tmp_path: Path) -> None:
    with kept(tmp_path / "place"), pytest.raises(Refused, match="another bot"):
        await bot(url="amqp://", state=tmp_path / "place")
