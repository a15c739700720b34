"""A bot of somebody's own follows what editors do, through RabbitMQ alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import aio_pika
import asyncpg
import orjson
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from kit.broker.publisher import EXCHANGE, LOG
from kit.broker.topology import declare
from tests.given.messages import through
from tests.servers.proxy import Proxy
from tests.servers.running import Site, in_process

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]

DRAFT = {
    "locale": "ru", "title": "Ту-144", "summary": "Самолёт.", "body": "Первый.", "sources": [{"title": "Р"}],
}  # fmt: skip


class Told(NamedTuple):
    """What a bot needs of a message to keep its place."""

    position: int
    id: UUID
    type: str


@pytest_asyncio.fixture
async def bot(broker_url: str, broker_channel: AbstractChannel) -> AsyncIterator[AbstractQueue]:
    """Yield a durable queue of the bot's own, bound to everything that happens to articles and slugs."""
    await declare(broker_url)
    queue = await broker_channel.declare_queue("own", durable=True)
    for key in ("article.#", "slug.#"):
        await queue.bind(EXCHANGE, key)
    yield queue
    await broker_channel.queue_delete("own")


async def whole_life(site: Site) -> None:
    """Take an article through every step that there is."""
    editor, moderator = site.editor, site.moderator
    made = await editor.done("POST", "/articles", DRAFT)
    one = f"/articles/{made['id']}"
    for version, (who, method, place, body) in enumerate(
        [
            (editor, "PATCH", "", {"body": "Второй."}),
            (editor, "PUT", "/submission", None),
            (editor, "DELETE", "/submission", None),
            (editor, "PUT", "/submission", None),
            (moderator, "POST", "/return", {"comment": "Где источник?"}),
            (editor, "POST", "/revert", {"revision": 1}),
            (editor, "PUT", "/submission", None),
            (moderator, "PUT", "/publication", {"revision": 3}),
            (moderator, "PUT", "/slug", {"slug": "tu-144-sst"}),
            (moderator, "DELETE", "/publication", None),
            (moderator, "PUT", "/archive", None),
            (moderator, "DELETE", "/archive", None),
            (moderator, "DELETE", "/slugs/tu-144", None),
        ],
        start=1,
    ):
        await who.done(method, f"{one}{place}", body, version=version)


async def logged(dsn: str) -> list[Told]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select position, id, type from log.event order by position")
        return [Told(*row) for row in rows]
    finally:
        await connection.close()


def read(message: AbstractIncomingMessage) -> Told:
    """Return what a message says, after checking that its envelope says the same."""
    event: dict[str, Any] = orjson.loads(message.body)
    told = Told(event["position"], UUID(event["id"]), event["type"])
    assert (str(told.id), told.type, told.position) == (
        message.message_id, message.routing_key, message.headers["x-position"],
    )  # fmt: skip
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    return told


async def received(queue: AbstractQueue, count: int, seconds: float = 30) -> list[Told]:
    """Take messages until there are so many, and whatever comes within another moment."""
    found: list[Told] = []
    async with asyncio.timeout(seconds):
        while len(found) < count:
            message = await queue.get(no_ack=True, fail=False)
            if message is None:
                await asyncio.sleep(0.02)
            else:
                found.append(read(message))
    await asyncio.sleep(0.3)
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        found.append(read(message))
    return found


async def replayed(url: str, count: int) -> list[Told]:
    """Read the stream of everything from its beginning, as one who comes late does."""
    found: list[Told] = []
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(100)
        stream = await channel.get_queue(LOG)
        async with stream.iterator(arguments={"x-stream-offset": "first"}, timeout=10) as messages:
            async for message in messages:
                await message.ack()
                if message.routing_key != "log.sealed":
                    found.append(read(message))
                if len(found) == count:
                    return found
    return found


async def test_a_bot_receives_each_event_of_a_life_once_in_order_and_a_late_one_replays_them(
    database: str, tmp_path: Path, broker_url: str, bot: AbstractQueue
) -> None:
    async with in_process(database, tmp_path, rabbitmq_url=broker_url) as site:
        await whole_life(site)
        events = await logged(database)
        assert len({event.type for event in events}) == 12
        assert events == await received(bot, len(events))
    assert events == await replayed(broker_url, len(events))


async def test_a_broker_that_is_away_is_noticed_by_nobody_but_the_bots_and_then_they_miss_nothing(
    database: str, tmp_path: Path, broker_url: str, bot: AbstractQueue, broker_proxy: Proxy
) -> None:
    url = through(broker_proxy, broker_url)
    async with in_process(database, tmp_path, rabbitmq_url=url) as site:
        await site.editor.done("POST", "/articles", DRAFT | {"slug": "before"})
        assert 2 == len(await received(bot, 2))
        await broker_proxy.refuse()
        broker_proxy.reset()
        await whole_life(site)
        made = await site.editor.done("POST", "/articles", DRAFT | {"slug": "meanwhile"})
        one = f"/articles/{made['id']}"
        await site.editor.done("PUT", f"{one}/submission", version=1)
        shown = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
        answer = await site.client.get("/v1/articles/meanwhile", params={"after": shown["position"]})
        assert answer.status_code == 200
        assert 200 == (await site.client.get("/readyz")).status_code
        await broker_proxy.accept()
        events = (await logged(database))[2:]
        found = await received(bot, len(events))
    assert events == list(dict.fromkeys(found))


async def test_a_broker_that_hangs_holds_up_nobody_else(
    database: str, tmp_path: Path, broker_url: str, bot: AbstractQueue, broker_proxy: Proxy
) -> None:
    url = through(broker_proxy, broker_url)
    async with in_process(database, tmp_path, rabbitmq_url=url) as site:
        await site.editor.done("POST", "/articles", DRAFT | {"slug": "before"})
        assert 2 == len(await received(bot, 2))
        broker_proxy.pause()
        async with asyncio.timeout(20):
            await whole_life(site)
        broker_proxy.resume()
        events = (await logged(database))[2:]
        found = await received(bot, len(events))
    assert events == list(dict.fromkeys(found))
