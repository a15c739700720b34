"""Bench `forward`: our forwarder against aio-pika publishing one confirmed message after another."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import aio_pika

from events.base import Meta, Recorded
from events.kinds.article import ARTICLE
from events.reading import Item
from kit.broker.publisher import Publisher
from kit.broker.topology import declare, fence_of
from kit.ids import named_id, new_id
from projections.forwarding.forwarder import forward
from projections.forwarding.message import cloud_event
from scripts.bench.rig.report import result

ROUNDS = 3
PEER_SHARE = 10
"""The peer publishes one in so many of our events: it would take minutes for all."""

LOG_ID = named_id("log", "bench")
EPOCH = "1"


async def run(url: str, events: int = 20_000) -> dict[str, Any]:
    """Forward events from memory, persistent and mandatory, to a stream of the bench's own.

    Both sides build the same CloudEvents of about a kilobyte and take turns; the medians are compared. The
    latency is ours, from the reading of an event to its saved position, at full speed.

    Args:
        url: amqp:// or amqps:// address, with the right to configure.
        events: how many of them in each of the rounds.
    """
    log = [_event(position) for position in range(1, events + 1)]
    ours, peers, latencies = [], [], []
    for _ in range(ROUNDS):
        seconds, waited = await _on_a_stream(url, lambda exchange: _ours(url, exchange, log))
        ours.append(events / seconds)
        latencies += waited
        share = log[: max(1, events // PEER_SHARE)]
        peers.append(
            len(share) / await _on_a_stream(url, lambda exchange, few=share: _peer(url, exchange, few))
        )
    return result(
        "forward",
        median(ours),
        median(peers),
        unit="events/s",
        peer_name="aio-pika, one confirmed message after another",
        seconds=latencies,
    )


async def _on_a_stream(url: str, work: Any) -> Any:
    name = f"frankenjet.bench.{new_id()}"
    await declare(url, exchange=name, log=name)
    try:
        return await work(name)
    finally:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(name)
            await channel.queue_delete(fence_of(name))
            await channel.exchange_delete(name)


async def _ours(url: str, exchange: str, log: Sequence[Recorded[Any]]) -> tuple[float, list[float]]:
    memory = _Memory(log)
    began = time.perf_counter()
    running = asyncio.create_task(
        forward(memory, memory, lambda: Publisher.connect(url), log_id=LOG_ID, epoch=EPOCH, exchange=exchange)
    )
    finished = asyncio.create_task(memory.finished.wait())
    await asyncio.wait([running, finished], return_when=asyncio.FIRST_COMPLETED)
    seconds = time.perf_counter() - began
    running.cancel()
    await asyncio.gather(running, finished, return_exceptions=True)
    return seconds, memory.latencies


async def _peer(url: str, name: str, log: Sequence[Recorded[Any]]) -> float:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(name)
        began = time.perf_counter()
        for recorded in log:
            built = cloud_event(recorded, LOG_ID, EPOCH, exchange=name)
            message = aio_pika.Message(
                built.body,
                headers=dict(built.headers),
                content_type=built.content_type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=built.message_id,
                timestamp=built.timestamp,
            )
            await exchange.publish(message, built.routing_key, mandatory=True)
        return time.perf_counter() - began


class _Memory:
    """A log and a cursor in memory, which also keep time."""

    def __init__(self, log: Sequence[Recorded[Any]]) -> None:
        self.finished = asyncio.Event()
        self.latencies: list[float] = []
        self._log = log
        self._saved = 0
        self._read_at: dict[int, float] = {}

    async def read(self, after: int, limit: int) -> Sequence[Item]:
        page = self._log[after : after + limit]
        if page:
            self._read_at[page[-1].position] = time.perf_counter()
        return page

    async def wait(self, after: int, seconds: float) -> None:
        del after
        await asyncio.sleep(seconds)

    async def load(self) -> int:
        return self._saved

    async def save(self, position: int) -> None:
        at = time.perf_counter()
        for last in [known for known in self._read_at if known <= position]:
            self.latencies += [at - self._read_at.pop(last)] * (last - self._saved)
            self._saved = last
        if position >= len(self._log):
            self.finished.set()


def _event(position: int) -> Recorded[Any]:
    published = ARTICLE.life.published(
        revision=1 + position % 9,
        title=f"Самолёт № {position}",
        slug=f"plane-{position}",
        locale="ru",
        summary="Первый полёт " * 12,
    )
    meta = Meta(actor=named_id("account", "1"), command=named_id("command", str(position)), reason="bench")
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=position)
    stream = named_id("entry", str(position % 1_000))
    return Recorded(
        position, stream, 1 + position // 1_000, named_id("event", str(position)), at, meta, published
    )
