"""The forwarder: every event, in order, at least once, whatever the broker does."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from uuid import UUID

import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractQueue
from structlog.testing import capture_logs

from kit.broker.amqp.channel import Rejected
from kit.broker.publisher import EXCHANGE, LOG, Publisher
from kit.broker.topology import declare
from kit.ids import named_id
from projections.forwarding.forwarder import connector, forward
from projections.forwarding.journey import WINDOW, WINDOW_BYTES, next_size
from projections.forwarding.message import cloud_event
from tests.given.messages import through
from tests.projections.forwarding.given import (
    EPOCH,
    LOG_ID,
    Kept,
    Listed,
    drained,
    event,
    forwarding,
    unreadable,
    until,
)
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


@pytest_asyncio.fixture
async def bot(broker_url: str, broker_channel: AbstractChannel) -> AsyncIterator[AbstractQueue]:
    """Yield a durable queue that receives every event."""
    await declare(broker_url)
    queue = await broker_channel.declare_queue("bot", durable=True)
    await queue.bind(EXCHANGE, "#")
    yield queue
    await broker_channel.queue_delete("bot")


def events(last: int) -> list[tuple[int, UUID]]:
    return [(position, named_id("event", str(position))) for position in range(1, last + 1)]


async def test_every_event_arrives_once_and_in_order(broker_url: str, bot: AbstractQueue) -> None:
    source, cursor = Listed([event(n) for n in range(1, 2_501)]), Kept()
    async with forwarding(source, cursor, broker_url) as now:
        await until(lambda: cursor.position == 2_500)
        source.add(event(2_501), event(2_502))
        await until(lambda: cursor.position == 2_502)
        assert (now.state, now.position) == ("forwarding", 2_502)
    assert events(2_502) == await drained(bot)


async def test_it_begins_after_the_cursor(broker_url: str, bot: AbstractQueue) -> None:
    source, cursor = Listed([event(n) for n in range(1, 301)]), Kept(120)
    async with forwarding(source, cursor, broker_url):
        await until(lambda: cursor.position == 300)
    assert events(300)[120:] == await drained(bot)


@pytest.mark.usefixtures("bot")
async def test_one_who_comes_later_replays_from_the_stream(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    source, cursor = Listed([event(n) for n in range(1, 301)]), Kept()
    async with forwarding(source, cursor, broker_url):
        await until(lambda: cursor.position == 300)
    await broker_channel.set_qos(prefetch_count=100)
    stream = await broker_channel.declare_queue(LOG, passive=True)
    seen: list[int] = []
    async with asyncio.timeout(30), stream.iterator(arguments={"x-stream-offset": "first"}) as replay:
        async for message in replay:
            await message.ack()
            seen.append(int(str(message.headers["x-position"])))
            if len(seen) == 300:
                break
    assert list(range(1, 301)) == seen


async def test_an_event_that_nobody_would_receive_holds_the_cursor_right_before_it(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await broker_channel.declare_exchange(EXCHANGE, "topic", durable=True)
    queue = await broker_channel.declare_queue("bot", durable=True)
    source, cursor = Listed([event(n) for n in range(1, 401)]), Kept()
    await queue.bind(EXCHANGE, "article.published")
    async with forwarding(source, cursor, broker_url) as now:
        await until(lambda: cursor.position == 400)
        await queue.unbind(EXCHANGE, "article.published")
        source.add(*[event(n) for n in range(401, 601)])
        await until(lambda: "NO_ROUTE" in now.reason, 30)
        assert (now.state, now.position, cursor.position) == ("waiting", 400, 400)
        await queue.bind(EXCHANGE, "article.published")
        await until(lambda: cursor.position == 600)
        assert now.state == "forwarding"
    assert events(600) == await drained(queue)
    await queue.delete()


@pytest.mark.usefixtures("bot")
async def test_without_the_stream_nothing_goes_out_even_if_others_would_take_it(
    broker_url: str, broker_channel: AbstractChannel
) -> None:
    await broker_channel.queue_delete(LOG)
    with pytest.raises(Rejected, match=rf"404 NOT_FOUND.*{LOG}"):
        await connector(broker_url)()
    await declare(broker_url)
    async with await connector(broker_url)() as publisher:
        await publisher.publish([cloud_event(event(1), LOG_ID, EPOCH)])


async def test_cut_connections_lose_nothing_and_repeat_only_under_the_same_id(
    broker_url: str, bot: AbstractQueue, broker_proxy: Proxy
) -> None:
    source, cursor = Listed(), Kept()
    arrived: list[tuple[int, UUID]] = []
    async with forwarding(source, cursor, through(broker_proxy, broker_url)) as now:
        for cut in (700, 9_000, 200_000, 450_000):
            await until(lambda: now.state == "forwarding")
            broker_proxy.cut_after(cut)
            source.add(*[event(len(source.items) + n) for n in range(1, 1_001)])
            await until(lambda: now.state == "waiting")
            saved = cursor.position
            arrived += await drained(bot)
            assert {position for position, _ in arrived} >= set(range(1, saved + 1))
        await until(lambda: cursor.position == 4_000, 30)
    arrived += await drained(bot)
    assert events(4_000) == list(dict.fromkeys(arrived))
    assert len(runs_of(arrived)) > 1


def runs_of(arrived: list[tuple[int, UUID]]) -> list[int]:
    """Return where each unbroken run of positions begins: each begins at or before what was seen."""
    starts = [arrived[0][0]]
    for (before, _), (position, _) in pairwise(arrived):
        if position != before + 1:
            assert position <= before
            starts.append(position)
    return starts


async def test_a_silent_broker_is_given_up_and_taken_up_again(
    broker_url: str, bot: AbstractQueue, broker_proxy: Proxy
) -> None:
    source, cursor = Listed([event(n) for n in range(1, 101)]), Kept()
    async with forwarding(source, cursor, through(broker_proxy, broker_url), patience=0.3) as now:
        await until(lambda: cursor.position == 100)
        broker_proxy.pause()
        source.add(*[event(n) for n in range(101, 201)])
        await until(lambda: now.state == "waiting", 30)
        assert cursor.position == 100
        broker_proxy.resume()
        await until(lambda: cursor.position == 200)
    assert events(200) == list(dict.fromkeys(await drained(bot)))


async def test_a_broker_that_is_away_is_waited_for_and_that_is_said_once(
    broker_url: str, bot: AbstractQueue, broker_proxy: Proxy
) -> None:
    await broker_proxy.refuse()
    source, cursor = Listed([event(n) for n in range(1, 51)]), Kept()
    with capture_logs() as said:
        async with forwarding(source, cursor, through(broker_proxy, broker_url)) as now:
            await asyncio.sleep(1)
            assert now.state == "waiting"
            await broker_proxy.accept()
            await until(lambda: cursor.position == 50)
    assert [line["event"] for line in said] == ["forwarder.waits", "forwarder.forwards"]
    assert events(50) == await drained(bot)


async def test_without_a_broker_it_says_so_once_and_reads_nothing() -> None:
    cursor = Kept()
    with capture_logs() as said:
        async with forwarding(Listed([event(1)]), cursor, None) as now:
            await asyncio.sleep(0.3)
            assert (now.state, now.reason) == ("waiting", "no RABBITMQ_URL is set")
    assert [(line["event"], line["reason"]) for line in said] == [
        ("forwarder.waits", "no RABBITMQ_URL is set")
    ]
    assert cursor.saved == [0]


@pytest.mark.usefixtures("bot")
async def test_a_copy_that_no_longer_leads_stops(broker_url: str) -> None:
    source, cursor = Listed([event(n) for n in range(1, 11)]), Kept()
    cursor.fenced = True

    async def connect() -> Publisher:
        return await Publisher.connect(broker_url)

    with pytest.raises(PermissionError, match="another copy leads"):
        await asyncio.wait_for(forward(source, cursor, connect, log_id=LOG_ID, epoch=EPOCH), 30)
    assert cursor.saved == [0]


async def test_an_event_that_cannot_be_read_holds_back_what_is_behind_it(
    broker_url: str, bot: AbstractQueue
) -> None:
    source, cursor = Listed([event(1), event(2), unreadable(3), event(4)]), Kept()
    async with forwarding(source, cursor, broker_url) as now:
        await until(lambda: "event 3 cannot be read" in now.reason)
        assert cursor.position == 2
        source.items[2] = event(3)
        await until(lambda: cursor.position == 4)
    assert events(4) == await drained(bot)


@pytest.mark.usefixtures("bot")
async def test_a_gap_in_the_log_is_never_passed_over(broker_url: str) -> None:
    async def connect() -> Publisher:
        return await Publisher.connect(broker_url)

    with pytest.raises(ValueError, match="no event at position 2"):
        await forward(Listed([event(1), event(3)]), Kept(), connect, log_id=LOG_ID, epoch=EPOCH)


async def test_a_clean_stop_leaves_nothing_to_repeat(broker_url: str, bot: AbstractQueue) -> None:
    source, cursor = Listed([event(n) for n in range(1, 20_001)]), Kept()
    for _ in range(3):
        async with forwarding(source, cursor, broker_url):
            await asyncio.sleep(0.08)
    assert 0 < cursor.position < 20_000
    assert events(cursor.position) == await drained(bot)


def test_windows_grow_with_confidence_and_shrink_with_weight() -> None:
    light = [cloud_event(event(1), LOG_ID, EPOCH)]
    heavy = [cloud_event(event(1, summary="x" * 200_000), LOG_ID, EPOCH)]
    assert next_size(1, light) == 4
    assert next_size(400, light) == WINDOW
    assert next_size(400, heavy) == WINDOW_BYTES // (len(heavy[0].body) + 1)
