"""Something takes our connections and hangs up, as what stands before a broker that is down may do."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing

import pytest
import uvloop

from kit.broker.publisher import Publisher
from kit.broker.stream import EventStream
from kit.broker.topology import declare_all
from kit.ids import named_id
from projections.forwarding.leading import broker
from projections.notary.notary import notary
from scripts.bot.deliveries import TROUBLE, deliveries, newest, of_stream
from tests.given.lives import random_lives, store
from tests.projections.forwarding.ways import is_, until
from tests.servers.beside import beside

TRIES = 30
"""How the end is seen depends on how far the client has come."""


class Nobody:
    """One who hangs up, at once or at the first word: in a thread, so that it is sooner than who called."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.url = f"amqp://guest:guest@127.0.0.1:{listening.getsockname()[1]}/"
        self.count = 0

    def run(self) -> None:
        """Hang up on all who call, until nobody listens any more."""
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self.count += 1
            if self.count % 4 == 0:
                caller.recv(8)
            caller.close()

    async def hangs_up_more_than(self, times: int) -> bool:
        """Tell whether it has done so."""
        return self.count > times


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = Nobody(listening)
        thread = threading.Thread(target=there.run)
        thread.start()
        yield there
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


async def _stream(url: str) -> None:
    async with EventStream(url, named_id("log")) as stream:
        await stream.newest()


async def _publisher(url: str) -> None:
    await Publisher.connect(url)


async def _bot(url: str) -> None:
    async with aclosing(deliveries(url, of_stream("first"))) as messages:
        try:
            await anext(messages)
        except TROUBLE as trouble:
            raise ConnectionError from trouble


async def _all_tries(asks: Callable[[str], Awaitable[object]], url: str) -> None:
    for _ in range(TRIES):
        with pytest.raises(ConnectionError):
            await asks(url)


@pytest.mark.parametrize("asks", [declare_all, _stream, _publisher, newest, _bot])
def test_each_who_asks_is_told_of_a_broker_that_is_away(
    nobody: Nobody, asks: Callable[[str], Awaitable[object]]
) -> None:
    """In the loop of the product, which sees such an end sooner than that of Python."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_all_tries(asks, nobody.url))


async def test_the_notary_goes_on_without_its_broker(database: str, nobody: Nobody) -> None:
    await store(database, random_lives(1, articles=1, steps=2))
    async with beside(notary(database, "one", broker(nobody.url))) as (running,):
        await until(lambda: is_(nobody.hangs_up_more_than(5), expected=True))
        assert not running.done()
