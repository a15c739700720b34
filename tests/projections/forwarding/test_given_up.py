"""What a stream lacks is remembered, and what somebody gave up of it: neither more nor less."""

import asyncio

import pytest
from aio_pika.abc import AbstractChannel

from events.codec import CODEC
from kit.broker.topology import declare_all
from projections.verify.verify import Build
from scripts.models.resend import resend
from scripts.models.verify import verify
from tests.projections.forwarding.ways import WAYS, Going, Way, is_, until

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.parametrize("way", WAYS, ids=[one.reader for one in WAYS]),
]
pytest_plugins = ["tests.servers.broker"]


async def made_again(going: Going, url: str, channel: AbstractChannel) -> None:
    """Let the stream be another one, with nothing in it."""
    await channel.queue_delete(going.way.log)
    await declare_all(url)


async def test_what_is_missing_is_still_known_by_the_next_forwarder(
    database: str,
    broker_url: str,
    broker_channel: AbstractChannel,
    way: Way,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await declare_all(broker_url)
    going, public = Going(way, database, broker_url), way.reader == "public"
    await going.happens(0, 20)
    async with going.forwarded():
        await until(lambda: is_(going.sent(), 20))
    await made_again(going, broker_url, broker_channel)
    async with going.forwarded():
        await until(lambda: is_(going.missing(), ((1, 20),)))
    assert 1 == await verify(database, as_json=False, build=Build(CODEC, ()))
    assert "WRONG  stream       the stream lacks 20 events; send them again" in capsys.readouterr().out
    async with going.forwarded():
        await asyncio.sleep(2)
        assert ((1, 20),) == await going.missing()
        assert 0 == await resend(database, 11, public=public)  # what was before that is given up
        await until(lambda: is_(going.missing(), ()))
    assert list(range(11, 21)) == await going.places()
    await made_again(going, broker_url, broker_channel)
    async with going.forwarded():
        await until(lambda: is_(going.missing(), ((11, 20),)))
        assert 0 == await resend(database, 1, public=public)
        await until(lambda: is_(going.missing(), ()))
    assert list(range(1, 21)) == await going.places()


async def test_what_is_sent_again_gives_up_nothing_that_the_stream_has(
    database: str, broker_url: str, broker_channel: AbstractChannel, way: Way
) -> None:
    await declare_all(broker_url)
    going, public = Going(way, database, broker_url), way.reader == "public"
    await going.happens(0, 20)
    async with going.forwarded():
        await until(lambda: is_(going.sent(), 20))
        assert 0 == await resend(database, 16, public=public)
        await until(lambda: is_(going.sent(), 20))
    await made_again(going, broker_url, broker_channel)
    async with going.forwarded():
        await until(lambda: is_(going.missing(), ((1, 20),)))
