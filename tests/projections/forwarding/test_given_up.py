"""What the stream lacks is remembered, and what somebody gave up of it: neither more nor less."""

import asyncio

import pytest
from aio_pika.abc import AbstractChannel

from events.codec import CODEC
from kit.broker.publisher import LOG
from kit.broker.topology import declare
from projections.verify.verify import Build
from scripts.models.resend import resend
from scripts.models.verify import verify
from tests.given.lives import store
from tests.projections.forwarding.test_stream_watch import (
    LIVES,
    forwarded,
    is_,
    missing,
    positions,
    sent,
    until,
)

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


async def test_what_is_missing_is_still_known_by_the_next_forwarder(
    database: str, broker_url: str, broker_channel: AbstractChannel, capsys: pytest.CaptureFixture[str]
) -> None:
    await declare(broker_url)
    await store(database, LIVES[:20])
    async with forwarded(database, broker_url):
        await until(lambda: is_(sent(database), 20))
    await broker_channel.queue_delete(LOG)
    await declare(broker_url)
    async with forwarded(database, broker_url):
        await until(lambda: is_(missing(database), ((1, 20),)))
    assert 1 == await verify(database, as_json=False, build=Build(CODEC, ()))
    assert "WRONG  stream       the stream lacks 20 events; send them again" in capsys.readouterr().out
    async with forwarded(database, broker_url):
        await asyncio.sleep(2)
        assert ((1, 20),) == await missing(database)
        assert 0 == await resend(database, 11)  # what was before that is given up
        await until(lambda: is_(missing(database), ()))
    assert list(range(11, 21)) == await positions(broker_url, database)
    await broker_channel.queue_delete(LOG)
    await declare(broker_url)
    async with forwarded(database, broker_url):
        await until(lambda: is_(missing(database), ((11, 20),)))
        assert 0 == await resend(database, 1)
        await until(lambda: is_(missing(database), ()))
    assert list(range(1, 21)) == await positions(broker_url, database)


async def test_what_is_sent_again_gives_up_nothing_that_the_stream_has(
    database: str, broker_url: str, broker_channel: AbstractChannel
) -> None:
    await declare(broker_url)
    await store(database, LIVES[:20])
    async with forwarded(database, broker_url):
        await until(lambda: is_(sent(database), 20))
        assert 0 == await resend(database, 16)
        await until(lambda: is_(sent(database), 20))
    await broker_channel.queue_delete(LOG)
    await declare(broker_url)
    async with forwarded(database, broker_url):
        await until(lambda: is_(missing(database), ((1, 20),)))
