"""The bot against a real broker: order, replay, restarts, copies, names."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel

from kit.broker.publisher import LOG, Publisher
from kit.broker.topology import declare
from kit.errors import Refused
from projections.forwarding.message import cloud_event
from scripts.bot.bot import bot
from tests.given.messages import through
from tests.projections.forwarding.given import EPOCH, LOG_ID, event, until
from tests.projections.lives import EDITOR
from tests.servers.beside import beside
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


class Screen:
    """What a running bot has printed, and what it has said about itself."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.told: list[str] = []

    @property
    def positions(self) -> list[int]:
        return [int(line.partition("№ ")[2].partition("»")[0]) for line in self.lines]

    async def shows(self, *positions: int) -> None:
        await until(lambda: self.positions[-1:] == [positions[-1]])
        assert self.positions == list(positions)


@asynccontextmanager
async def listening(url: str, **options: Any) -> AsyncIterator[Screen]:
    screen = Screen()
    async with beside(bot(url=url, show=screen.lines.append, tell=screen.told.append, **options)):
        yield screen


@pytest_asyncio.fixture
async def broker(broker_url: str) -> str:
    await declare(broker_url)
    return broker_url


async def publish(url: str, *positions: int) -> None:
    async with await Publisher.connect(url) as publisher:
        await publisher.publish([cloud_event(event(position), LOG_ID, EPOCH) for position in positions])


async def publish_until_shown(url: str, screen: Screen, position: int) -> None:
    """Publish events until the bot, which begins with whatever comes next, has begun."""
    while not screen.lines:
        await publish(url, position)
        await asyncio.sleep(0.2)


async def test_a_bot_replays_in_order_what_came_after_a_position_and_goes_on(broker: str) -> None:
    await publish(broker, *range(1, 1_501))
    async with listening(broker, after=1_000) as screen:
        await until(lambda: len(screen.lines) == 500)
        await publish(broker, 1_501)
        await screen.shows(*range(1_001, 1_502))
    assert screen.lines[0] == f"«№ 1001» was published, revision 1, by {str(EDITOR)[-4:]}"
    assert screen.told == []


async def test_copies_are_shown_once(broker: str) -> None:
    await publish(broker, 1, 2, 3, 2, 3, 4, 1, 2, 3, 4, 5)
    async with listening(broker, after=0) as screen:
        await screen.shows(1, 2, 3, 4, 5)
    async with listening(broker, after=3) as screen:
        await screen.shows(4, 5)


async def test_a_stream_that_was_made_late_is_taken_up_at_the_right_place(broker: str) -> None:
    await publish(broker, *range(501, 601), *range(590, 651))
    async with listening(broker, after=570) as screen:
        await screen.shows(*range(571, 651))
    async with listening(broker, after=400) as screen:
        await screen.shows(*range(501, 651))
    assert screen.told == ["what was between positions 400 and 501 is not there any more"]


async def test_a_bot_begins_with_what_comes_next_and_misses_nothing_over_an_outage(
    broker: str, broker_proxy: Proxy
) -> None:
    await publish(broker, 1, 2)
    async with listening(through(broker_proxy, broker)) as screen:
        await publish_until_shown(broker, screen, 3)
        await broker_proxy.refuse()
        broker_proxy.reset()
        await publish(broker, 4, 5, 6)
        await until(lambda: "nobody answers there" in "".join(screen.told))
        await broker_proxy.accept()
        await publish(broker, 7)
        await screen.shows(3, 4, 5, 6, 7)
    assert len(screen.told) == len(set(screen.told))


async def test_a_bot_that_saw_nothing_yet_misses_nothing_over_an_outage(
    broker: str, broker_proxy: Proxy
) -> None:
    async with listening(through(broker_proxy, broker)) as screen:
        await until(lambda: broker_proxy.upstream > 500)
        await asyncio.sleep(1)
        await broker_proxy.refuse()
        broker_proxy.reset()
        await publish(broker, 1, 2)
        await broker_proxy.accept()
        await screen.shows(1, 2)


async def test_a_queue_of_its_own_keeps_what_comes_while_the_bot_is_away(
    broker: str, broker_channel: AbstractChannel
) -> None:
    async with listening(broker, queue="a bot") as screen:
        await publish_until_shown(broker, screen, 1)
    await publish(broker, 2, 3, 3)
    async with listening(broker, queue="a bot") as screen:
        await publish(broker, 4)
        await screen.shows(2, 3, 4)
    await broker_channel.queue_delete("a bot")


async def test_a_stream_that_is_not_there_is_waited_for(broker_url: str) -> None:
    async with listening(broker_url, after=0) as screen:
        await until(lambda: any("it has no stream of events yet" in line for line in screen.told))
        await declare(broker_url)
        await publish(broker_url, 1)
        await screen.shows(1)


async def test_a_stream_that_was_made_again_is_read_from_its_beginning(
    broker: str, broker_channel: AbstractChannel
) -> None:
    await publish(broker, *range(1, 11))
    async with listening(broker, after=0) as screen:
        await until(lambda: len(screen.lines) == 10)
        await broker_channel.queue_delete(LOG)
        await declare(broker)
        await publish(broker, *range(11, 15))
        await until(lambda: len(screen.lines) == 14, 30)
        assert screen.positions == list(range(1, 15))


async def test_what_is_no_event_is_passed_over(broker: str, broker_channel: AbstractChannel) -> None:
    exchange = await broker_channel.get_exchange("frankenjet.events")
    for body in (b"hello", b"[]", b'{"id": 1}', b'{"id": 1, "position": "x"}'):
        await exchange.publish(aio_pika.Message(body), "a.b")
    await publish(broker, 1)
    async with listening(broker, after=0) as screen:
        await screen.shows(1)
    assert screen.told == ["a message that is no event of a log was passed over"] * 4


async def test_events_can_be_had_as_they_are(broker: str) -> None:
    await publish(broker, 1)
    async with listening(broker, after=0, json_output=True) as screen:
        await until(lambda: bool(screen.lines))
    assert json.loads(screen.lines[0])["data"]["title"] == "№ 1"


@pytest.fixture
def accounts() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of an API that knows one account, and what it was asked."""
    asked: list[str] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['Authorization']}")
            body = json.dumps({"id": str(EDITOR), "name": "Анна"}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


async def test_names_are_asked_for_once(broker: str, accounts: tuple[str, list[str]]) -> None:
    address, asked = accounts
    await publish(broker, 1, 2, 3)
    async with listening(broker, after=0, names_from=address, token="secret") as screen:  # noqa: S106
        await screen.shows(1, 2, 3)
    assert screen.lines[-1] == "«№ 3» was published, revision 1, by Анна"
    assert asked == [f"/v1/accounts/{EDITOR} Bearer secret"]


async def test_without_an_answer_the_id_has_to_do(broker: str) -> None:
    await publish(broker, 1)
    async with listening(broker, after=0, names_from="http://127.0.0.1:1") as screen:
        await screen.shows(1)
    assert screen.lines[0].endswith(str(EDITOR)[-4:])


@pytest.mark.parametrize("options", [{"url": ""}, {"url": "amqp://", "queue": "q", "after": 3}])
async def test_contradictions_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await bot(**options)
