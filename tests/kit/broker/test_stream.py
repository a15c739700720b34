"""What stands at the end of the stream of all events: asked of a real broker."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from msgspec.structs import replace

from kit.broker.publisher import LOG, Message, Publisher
from kit.broker.stream import BACK, QUIET, EventStream, NoStream
from kit.broker.topology import declare
from kit.ids import named_id
from kit.log.chain import Seal
from projections.forwarding.message import cloud_event
from projections.notary.seals import message
from tests.given.messages import through
from tests.projections.forwarding.given import EPOCH, LOG_ID, event
from tests.projections.lives import DAWN
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

PATIENCE = 30.0
"""Seconds within which a look at the end is over."""

SEAL = message(LOG_ID, Seal(99, bytes(32)), DAWN)


OURS = cloud_event(event(9), LOG_ID, EPOCH)
LIKE_OURS = [
    replace(OURS, message_id="nobody's"),
    replace(OURS, headers={**OURS.headers, "x-position": "9th"}),
    replace(OURS, headers={**OURS.headers, "x-position": -9}),
    replace(OURS, headers={name: OURS.headers[name] for name in ("x-logid", "x-epoch")}),
]


def events(*positions: int, log: UUID = LOG_ID) -> list[Message]:
    return [cloud_event(event(position), log, EPOCH) for position in positions]


async def highest(url: str, log: UUID = LOG_ID) -> tuple[int, UUID] | None:
    """Return position and id of the event of a log with the highest position near the end of the stream."""
    async with EventStream(url, log) as stream:
        newest = await stream.newest()
    return max(((one.position, UUID(one.id)) for one in newest if one.position is not None), default=None)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ([], None),
        ([SEAL], None),
        (events(*range(1, 30)), 29),
        ([*events(1, 2, 3), SEAL, SEAL], 3),
        (events(1, 2, 3, 4, 2), 4),
        ([*events(1, 2), *events(1, 2, 3, log=named_id("log", "another"))], 2),
        ([*events(1, 2), *LIKE_OURS], 2),
    ],
    ids=[
        "nothing",
        "a seal",
        "events",
        "events and seals",
        "a copy last",
        "another log",
        "what looks like one",
    ],
)
async def test_the_event_of_a_log_with_the_highest_position_is_found(
    broker_url: str, sent: list[Message], found: int | None
) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish(sent)
    expected = None if found is None else (found, event(found).id)
    assert expected == await highest(broker_url)


async def test_events_are_found_behind_more_seals_than_one_look_shows(broker_url: str) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish(events(1, 2, 3))
        for _ in range(2):
            await publisher.publish([SEAL] * BACK)
    assert (3, event(3).id) == await highest(broker_url)


async def test_a_stream_that_is_written_to_all_the_time_is_looked_at_in_time(broker_url: str) -> None:
    await declare(broker_url)
    async with await Publisher.connect(broker_url) as publisher:
        await publisher.publish(events(1, 2, 3))

        async def seals() -> None:
            while True:
                await publisher.publish([SEAL])
                await asyncio.sleep(QUIET / 10)

        sealing = asyncio.create_task(seals())
        await asyncio.sleep(QUIET)
        try:
            async with asyncio.timeout(PATIENCE):
                assert (3, event(3).id) == await highest(broker_url)
        finally:
            sealing.cancel()
            await asyncio.gather(sealing, return_exceptions=True)


async def test_without_a_stream_that_is_what_is_said(broker_url: str) -> None:
    async with EventStream(broker_url, LOG_ID, stream=f"{LOG}.none") as stream:
        with pytest.raises(NoStream):
            await stream.newest()


async def test_a_broker_that_is_away_is_a_connection_error() -> None:
    async with EventStream("amqp://guest:guest@127.0.0.1:9", LOG_ID) as stream:
        with pytest.raises(ConnectionError):
            await stream.newest()


async def test_a_connection_that_was_reset_is_away_whatever_is_asked_next(
    broker_url: str, broker_proxy: Proxy
) -> None:
    """The client says so in errors of several kinds, depending on the step that it has come to."""
    await declare(broker_url)
    ends = []
    async with EventStream(through(broker_proxy, broker_url), LOG_ID) as stream:
        for steps in range(12):
            with suppress(ConnectionError):  # it may not have noticed the last one yet
                assert 0 == await stream.mended()
            broker_proxy.reset()
            for _ in range(steps):
                await asyncio.sleep(0)
            try:
                await asyncio.wait_for(stream.mended(), PATIENCE)
            except (ConnectionError, TimeoutError) as away:
                ends.append(away)
    assert ends
