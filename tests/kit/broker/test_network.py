"""The publisher on bad networks and at closed doors: cut, silent, slow, refused, encrypted."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest
from aio_pika.abc import AbstractQueue

from kit.broker.amqp.address import parse
from kit.broker.amqp.channel import Rejected
from kit.broker.publisher import Lost, Publisher, TimedOut
from tests.given.messages import message, numbers_in, through
from tests.servers.nodes.certificate import certificate_of_this_machine
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest.mark.parametrize("cut", [1_000, 40_000, 150_000])
async def test_a_connection_cut_inside_a_window_leaves_a_count_that_is_never_too_high(
    broker_url: str, broker_queue: AbstractQueue, broker_proxy: Proxy, cut: int
) -> None:
    async with await Publisher.connect(through(broker_proxy, broker_url)) as publisher:
        broker_proxy.cut_after(cut)
        with pytest.raises(Lost) as caught:
            await publisher.publish(
                [message(n, key=broker_queue.name, body=b"x" * 400) for n in range(1, 1_001)]
            )
    arrived = await numbers_in(broker_queue)
    assert arrived == list(range(1, len(arrived) + 1))
    assert 0 <= caught.value.confirmed <= len(arrived) < 1_000


@pytest.mark.parametrize("whole", [True, False])
async def test_a_broker_that_falls_silent_is_given_up_in_time(
    broker_url: str, broker_queue: AbstractQueue, broker_proxy: Proxy, *, whole: bool
) -> None:
    async with await Publisher.connect(through(broker_proxy, broker_url), patience=0.5) as publisher:
        await publisher.publish([message(1, key=broker_queue.name)])
        size = 1 if whole else 3_000
        broker_proxy.pause()
        began = time.monotonic()
        with pytest.raises(TimedOut, match="nothing was confirmed for 0") as caught:
            await publisher.publish(
                [message(n, key=broker_queue.name, body=b"x" * 4_000) for n in range(2, size + 2)]
            )
        assert 0.4 < time.monotonic() - began < 10
        assert caught.value.confirmed == 1


async def test_a_slow_network_is_no_silence(
    broker_url: str, broker_queue: AbstractQueue, broker_proxy: Proxy
) -> None:
    async with await Publisher.connect(through(broker_proxy, broker_url), patience=3.0) as publisher:
        broker_proxy.delay = 0.12
        await publisher.publish([message(n, key=broker_queue.name, body=b"x" * 4_000) for n in range(1, 501)])
        assert publisher.confirmed == 500
    assert broker_proxy.upstream > 2_000_000


async def test_a_dead_network_is_noticed_without_anything_to_publish(
    broker_url: str, broker_proxy: Proxy
) -> None:
    async with await Publisher.connect(f"{through(broker_proxy, broker_url)}?heartbeat=1") as publisher:
        await asyncio.sleep(2.5)
        publisher.send([])
        broker_proxy.pause()
        began = time.monotonic()
        with pytest.raises(Lost, match="no sign of life"):
            await _until_it_fails(publisher, seconds=15)
        assert time.monotonic() - began < 15


async def test_waiting_can_be_cancelled_and_taken_up_again(
    broker_url: str, broker_queue: AbstractQueue, broker_proxy: Proxy
) -> None:
    async with await Publisher.connect(through(broker_proxy, broker_url)) as publisher:
        broker_proxy.pause()
        number = publisher.send([message(1, key=broker_queue.name)])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(publisher.settled(number), 0.1)
        broker_proxy.resume()
        await publisher.settled(number)
    assert await numbers_in(broker_queue) == [1]


async def test_closing_ends_those_who_wait(
    broker_url: str, broker_queue: AbstractQueue, broker_proxy: Proxy
) -> None:
    publisher = await Publisher.connect(through(broker_proxy, broker_url))
    broker_proxy.pause()
    waiting = asyncio.create_task(publisher.publish([message(1, key=broker_queue.name)]))
    await asyncio.sleep(0.05)
    await publisher.close()
    with pytest.raises(Lost, match="was closed"):
        await waiting


async def test_wrong_credentials_and_a_missing_virtual_host_are_named(broker_url: str) -> None:
    address = parse(broker_url)
    with pytest.raises(Rejected, match="403 ACCESS_REFUSED"):
        await Publisher.connect(f"amqp://nobody:hush@{address.host}:{address.port}/{address.vhost}")
    with pytest.raises(Rejected, match="530 NOT_ALLOWED"):
        await Publisher.connect(
            f"amqp://{address.user}:{address.password}@{address.host}:{address.port}/nope"
        )


async def test_no_broker_no_answer_and_no_amqp_are_errors_of_the_network(
    broker_url: str, broker_proxy: Proxy
) -> None:
    broker_proxy.pause()
    with pytest.raises(TimeoutError, match="no connection within"):
        await Publisher.connect(through(broker_proxy, broker_url), patience=0.2)
    await broker_proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await Publisher.connect(through(broker_proxy, broker_url))


async def test_a_connection_over_tls_demands_a_certificate_it_can_trust(
    broker_url: str, broker_queue: AbstractQueue, tmp_path: Path
) -> None:
    certificate = certificate_of_this_machine(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    address = parse(broker_url)
    async with Proxy(address.host, address.port, tls=server) as proxy:
        url = through(proxy, broker_url, "amqps")
        with pytest.raises(ssl.SSLCertVerificationError):
            await Publisher.connect(url)
        trusting = ssl.create_default_context(cafile=str(certificate))
        async with await Publisher.connect(url, tls=trusting) as publisher:
            await publisher.publish([message(n, key=broker_queue.name) for n in range(1, 301)])
    assert len(await numbers_in(broker_queue)) == 300


async def _until_it_fails(publisher: Publisher, *, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            publisher.send([])
            await asyncio.sleep(0.05)
