"""Assembles the projector: every read model, the forwarder and the notary, each led by one copy."""

import asyncio
import os
import socket
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from events.codec import Codec
from events.reading import reader_of
from kit.broker.publisher import LOG, Publisher
from kit.broker.stream import EventStream
from kit.broker.topology import PUBLIC, PUBLIC_LOG, Mismatch, declare_all
from kit.health.tasks import ProcessHealth
from kit.ids import new_id
from kit.log.cursor import LeaderCursor, Seen
from kit.log.leader import run_while_leading
from kit.log.lease import LEASE_SECONDS
from kit.log.line import Line
from kit.log.lineage import lineage_of
from kit.log.source import LogSource
from kit.log.spans import Spans
from kit.postgres.connect import PROJECTOR, connect, hang_up
from kit.running.ending import end
from projections.builds.fingerprint import fingerprint
from projections.engine.follower import Committed
from projections.engine.loop import Engine, tell_nobody
from projections.engine.needed_generations import keep_prepared, prepare_all
from projections.feed.numbers import Numbering
from projections.forwarding.forwarder import NO_BROKER, Connect, connector, forward
from projections.forwarding.journey import Forwarding
from projections.forwarding.missing import given_up, known, note
from projections.forwarding.public import READER as PUBLIC_READER
from projections.forwarding.public import PublicSource
from projections.forwarding.stream_watch import PAUSE_SECONDS, StreamWatch
from projections.health.waiting import keep_noted
from projections.notary.notary import notary
from projections.projection import Projection
from projections.rebuild.worker import BuildModule
from projections.webhooks.deliverer import Deliverer, WebhookSettings
from read_side.entry.kind import KindView
from read_side.entry.kinds import MODEL as ENTRIES
from read_side.entry.kinds import VIEWS
from read_side.feed.table import MODEL as FEED

_SELF = new_id().hex[-12:]
"""Containers may share a host name and each have the same process id."""


def holder() -> str:
    """Return a name for this process that no other one has."""
    return f"{socket.gethostname()}:{os.getpid()}:{_SELF}"


def broker(rabbitmq_url: str, stream: str = LOG) -> Connect | None:
    """Return what connects a publisher, with exchanges and streams declared; None without a broker."""
    if not rabbitmq_url:
        return None

    async def opened() -> Publisher:
        with suppress(ConnectionError, Mismatch):  # who may only write finds them declared
            await declare_all(rabbitmq_url)
        return await connector(rabbitmq_url, stream)()

    return opened


async def forwarding(
    dsn: str, codec: Codec, rabbitmq_url: str, vitals: ProcessHealth, *, every: float = PAUSE_SECONDS
) -> None:
    """Forward every event to RabbitMQ while this copy leads, and look whether it got there."""
    now = Forwarding()
    task = vitals.task("forwarder")
    task.waits = lambda: now.reason

    opened = broker(rabbitmq_url)

    async def work(cursor: LeaderCursor) -> None:
        connection = await connect(dsn, "frankenjet forwarder start", PROJECTOR)
        try:
            log_id, epoch = await connection.fetchrow("select id, log.epoch() from log.identity")
            missing, lost = await known(connection), await given_up(connection)
        finally:
            await hang_up(connection)
        now.position = await cursor.load()
        async with (
            LogSource(dsn, reader_of(codec), "frankenjet forwarder source") as source,
            EventStream(rabbitmq_url, log_id) as stream,
        ):
            watch = StreamWatch(
                stream, lambda: now.position, missing, partial(_noted, dsn), given_up=lost, every=every
            )
            task.unseen = lambda: watch.unseen
            sending = forward(
                source, cursor, opened and _compared(opened, watch, cursor, log_id),
                log_id=log_id, epoch=epoch,
                now=now, tally=vitals.tally("forwarder"),
            )  # fmt: skip
            noting = keep_noted(dsn, "forwarder", lambda: now.reason)
            await _until_one_ends(sending, watch.run(), noting)

    await run_while_leading(dsn, "forwarder", holder(), work, task)


async def forwarding_public(
    dsn: str,
    models: Mapping[str, str],
    views: Mapping[str, KindView],
    rabbitmq_url: str,
    vitals: ProcessHealth,
    grown: asyncio.Event | None = None,
) -> None:
    """Forward what readers may know to RabbitMQ, in the order of its numbers, while this copy leads.

    Args:
        dsn: address of the database.
        models: read model → fingerprint of this build.
        views: kind → what is shown of it.
        rabbitmq_url: address of the broker.
        vitals: where it notes how it does.
        grown: set when there are new numbers.
    """
    now = Forwarding()
    task = vitals.task(PUBLIC_READER)
    task.waits = lambda: now.reason

    async def work(cursor: LeaderCursor) -> None:
        connection = await connect(dsn, "frankenjet public start", PROJECTOR)
        try:
            lineage = await lineage_of(connection)
        finally:
            await hang_up(connection)
        async with PublicSource(dsn, models, views, lineage, grown) as source:
            sending = forward(
                source, cursor, broker(rabbitmq_url, PUBLIC_LOG),
                log_id=lineage.log, epoch=lineage.epoch, exchange=PUBLIC,
                now=now, tally=vitals.tally(PUBLIC_READER), form=source.form,
            )  # fmt: skip
            await _until_one_ends(sending, keep_noted(dsn, PUBLIC_READER, lambda: now.reason))

    await run_while_leading(dsn, PUBLIC_READER, holder(), work, task)


async def _until_one_ends(*running: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(one) for one in running]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        await end(*tasks)


async def _noted(dsn: str, missing: Spans) -> None:
    connection = await connect(dsn, "frankenjet stream watch", PROJECTOR)
    try:
        await note(connection, missing)
    finally:
        await hang_up(connection)


def _compared(opened: Connect, watch: StreamWatch, cursor: LeaderCursor, log_id: UUID) -> Connect:
    """Return what connects a publisher once the log is known to hold what stands in the stream.

    The stream lives on when the database falls back, and another machine may have sent what it holds.
    """
    same = False

    async def connected() -> Publisher:
        nonlocal same
        publisher = await opened()
        try:
            if not same and (last := await watch.begin(await cursor.load())):
                await cursor.compare(Seen(log_id, last.position or 0, UUID(last.id)))
        except BaseException:
            await publisher.close()
            raise
        same = True
        return publisher

    return connected


async def project(
    dsn: str,
    codec: Codec,
    projections: Sequence[Projection],
    made: BuildModule,
    *,
    rabbitmq_url: str = "",
    committed: Committed = tell_nobody,
    lease: float = LEASE_SECONDS,
    vitals: ProcessHealth | None = None,
    webhooks: WebhookSettings = WebhookSettings(),  # noqa: B008 - immutable
    line: Line | None = None,
    views: Mapping[str, KindView] = VIEWS,
) -> None:
    """Keep every read model of this build up to date, tell of every event and seal the log, without end.

    Args:
        dsn: address of the database.
        codec: reads stored events.
        projections: the read models of this build.
        made: where worker processes of a replay find them.
        rabbitmq_url: broker that every event goes to; empty: the forwarder waits.
        committed: told after each commit of a read model.
        lease: seconds that the lease of a read model holds without being renewed.
        vitals: where its tasks note how they do.
        webhooks: what is decided outside about those.
        line: a connection that another reader of this process uses as well, for the notary.
        views: kinds of which readers may know something.
    """
    vitals = vitals or ProcessHealth()
    models = {one.name: fingerprint(one) for one in projections}
    followers: dict[str, Coroutine[Any, Any, None]] = {}
    if models.keys() >= {FEED, ENTRIES}:
        numbers = Numbering(dsn, models[FEED], vitals.task("numbers"))
        deliverer = Deliverer(dsn, models, vitals.task("webhooks"), numbers.looked, webhooks)
        committed = numbers.after(committed)
        public = (
            forwarding_public(dsn, models, views, rabbitmq_url, vitals, numbers.given)
            if rabbitmq_url
            else keep_noted(dsn, PUBLIC_READER, lambda: NO_BROKER)
        )
        followers = {"numbers": numbers.run(), "webhooks": deliverer.run(), PUBLIC_READER: public}
    engine = Engine(dsn, codec, projections, holder(), committed, lease=lease, vitals=vitals)
    readers = {
        "forwarder": forwarding(dsn, codec, rabbitmq_url, vitals),
        "notary": notary(dsn, holder(), broker(rabbitmq_url), vitals, line),
        "engine": engine.run(),
    } | followers
    async with asyncio.TaskGroup() as group:
        group.create_task(vitals.beating(), name="beat")
        for name, running in readers.items():
            vitals.watch(group.create_task(running, name=name))
        prepare = partial(prepare_all, dsn, projections, made, prepared=engine.look)
        await keep_prepared(engine.dropped, prepare)
