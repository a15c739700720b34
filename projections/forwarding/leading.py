"""Leads what goes to RabbitMQ: every event, and what readers may know; looks whether it got there."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from events.codec import Codec
from events.reading import reader_of
from kit.broker.publisher import EXCHANGE, LOG, Publisher
from kit.broker.stream import PLACE, PLACE_AMONG_PUBLIC, EventStream
from kit.broker.topology import PUBLIC, PUBLIC_LOG, Mismatch, declare_all, fence_of
from kit.health.tasks import ProcessHealth
from kit.log.cursor import LeaderCursor, Seen
from kit.log.leader import run_while_leading
from kit.log.lineage import Lineage, lineage_of
from kit.log.source import LogSource
from kit.log.spans import Spans
from kit.log.waiting import keep_noted
from kit.postgres.server_watch import watched_connection
from kit.running.ending import end
from projections.forwarding.fence import FencedConnect
from projections.forwarding.forwarder import PATIENCE, Connect, connector, forward
from projections.forwarding.journey import EventSource, Forwarding, ForwardingForm
from projections.forwarding.missing import EVERYTHING, given_up, known, note, place_of
from projections.forwarding.missing import PUBLIC as PUBLIC_READER
from projections.forwarding.public import PublicFeed, PublicSource
from projections.forwarding.stream_watch import PAUSE_SECONDS, StreamWatch


class _Way(NamedTuple):
    """Where a reader sends what it reads."""

    reader: str
    exchange: str
    stream: str
    place: str
    """The header that says the place of an event among all that go this way."""


_EVERYTHING = _Way(EVERYTHING, EXCHANGE, LOG, PLACE)
_PUBLIC = _Way(PUBLIC_READER, PUBLIC, PUBLIC_LOG, PLACE_AMONG_PUBLIC)


class _Begun(NamedTuple):
    """What is known when a copy begins to lead."""

    lineage: Lineage
    position: int
    place: int
    """How many events were sent up to that position."""
    missing: Spans
    given_up: Spans


class _Leading:
    """One reader on its way to the broker, while this copy leads it.

    Args:
        dsn: address of the database.
        way: where to.
        rabbitmq_url: address of the broker.
        vitals: where it notes how it does.
        every: seconds between two looks into the stream.
    """

    def __init__(self, dsn: str, way: _Way, rabbitmq_url: str, vitals: ProcessHealth, every: float) -> None:
        self.dsn = dsn
        self.way = way
        self.url = rabbitmq_url
        self.every = every
        self.now = Forwarding()
        self.task = vitals.task(way.reader)
        self.task.waits = lambda: self.now.reason
        self._tally = vitals.tally(way.reader)

    async def begun(self, cursor: LeaderCursor) -> _Begun:
        """Ask the database where to begin."""
        self.now.position = position = await cursor.load()
        async with watched_connection(self.dsn, f"frankenjet {self.way.reader} start") as connection:
            return _Begun(
                await lineage_of(connection),
                position,
                await place_of(connection, self.way.reader, position),
                await known(connection, self.way.reader),
                await given_up(connection, self.way.reader),
            )

    async def send(
        self,
        cursor: LeaderCursor,
        begun: _Begun,
        source: EventSource,
        sent: Callable[[], int],
        form: ForwardingForm | None = None,
    ) -> None:
        """Send, and look whether it got there, until one of both ends."""
        way, (log, epoch) = self.way, begun.lineage
        fenced = FencedConnect(self.url, expects=way.stream, fence=fence_of(way.exchange), patience=PATIENCE)
        opened = declared(self.url, fenced) if self.url else None
        async with EventStream(
            self.url, log, stream=way.stream, exchange=way.exchange, place=way.place
        ) as stream:
            watch = StreamWatch(
                stream, sent, begun.missing, self._note, given_up=begun.given_up, every=self.every,
                reader=way.reader,
            )  # fmt: skip
            self.task.unseen = lambda: "; ".join(one for one in (watch.unseen, fenced.unfenced) if one)
            sending = forward(
                source, cursor, opened and _compared(opened, watch, cursor, begun),
                log_id=log, epoch=epoch, exchange=way.exchange, now=self.now, tally=self._tally, form=form,
            )  # fmt: skip
            noting = keep_noted(self.dsn, way.reader, lambda: self.now.reason)
            await _until_one_ends(sending, watch.run(), noting)

    async def _note(self, missing: Spans) -> None:
        async with watched_connection(self.dsn, "frankenjet stream watch") as connection:
            await note(connection, missing, self.way.reader)


async def forwarding(
    dsn: str,
    holder: str,
    codec: Codec,
    rabbitmq_url: str,
    vitals: ProcessHealth,
    *,
    every: float = PAUSE_SECONDS,
) -> None:
    """Forward every event to RabbitMQ while this copy leads, and look whether it got there.

    Args:
        dsn: address of the database.
        holder: this process.
        codec: reads stored events.
        rabbitmq_url: address of the broker; empty: it waits for one.
        vitals: where it notes how it does.
        every: seconds between two looks into the stream.
    """
    leading = _Leading(dsn, _EVERYTHING, rabbitmq_url, vitals, every)

    async def work(cursor: LeaderCursor) -> None:
        begun = await leading.begun(cursor)
        async with LogSource(dsn, reader_of(codec), "frankenjet forwarder source") as source:
            await leading.send(cursor, begun, source, lambda: leading.now.position)

    await run_while_leading(dsn, EVERYTHING, holder, work, leading.task)


async def forwarding_public(
    dsn: str,
    holder: str,
    feed: PublicFeed,
    rabbitmq_url: str,
    vitals: ProcessHealth,
    *,
    every: float = PAUSE_SECONDS,
) -> None:
    """Forward what readers may know, in the order of its numbers, as `forwarding` does every event.

    It takes the same, and `feed`: where they are read.
    """
    leading = _Leading(dsn, _PUBLIC, rabbitmq_url, vitals, every)

    async def work(cursor: LeaderCursor) -> None:
        begun = await leading.begun(cursor)
        async with PublicSource(dsn, feed, begun.lineage, begun.place) as source:
            sent = partial(_number, source, leading.now)
            await leading.send(cursor, begun, source, sent, source.form)

    await run_while_leading(dsn, PUBLIC_READER, holder, work, leading.task)


def _number(source: PublicSource, now: Forwarding) -> int:
    return source.number_at(now.position)


def broker(rabbitmq_url: str, stream: str = LOG) -> Connect | None:
    """Return what connects a publisher, with exchanges and streams declared; None without a broker."""
    return declared(rabbitmq_url, connector(rabbitmq_url, stream)) if rabbitmq_url else None


def declared(rabbitmq_url: str, connect: Connect) -> Connect:
    """Return what connects once exchanges and queues are declared, where that is allowed."""

    async def opened() -> Publisher:
        with suppress(ConnectionError, Mismatch):  # who may only write finds them declared
            await declare_all(rabbitmq_url)
        return await connect()

    return opened


def _compared(opened: Connect, watch: StreamWatch, cursor: LeaderCursor, begun: _Begun) -> Connect:
    """Return what connects a publisher once the log is known to hold what stands in the stream.

    The stream lives on when the database falls back, and another machine may have sent what it holds.
    """
    same = False

    async def connected() -> Publisher:
        nonlocal same
        publisher = await opened()
        try:
            if not same and (last := await watch.begin(begun.place)):
                await cursor.compare(Seen(begun.lineage.log, last.recorded or 0, UUID(last.id)))
        except BaseException:
            await publisher.close()
            raise
        same = True
        return publisher

    return connected


async def _until_one_ends(*running: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(one) for one in running]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        await end(*tasks)
