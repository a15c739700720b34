"""Assembles the projector: every read model, the forwarder and the notary, each led by one copy."""

import asyncio
import os
import socket
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from events.codec import Codec
from kit.health.tasks import ProcessHealth
from kit.ids import new_id
from kit.log.lease import LEASE_SECONDS
from kit.log.line import Line
from kit.log.waiting import keep_noted
from projections.builds.fingerprint import fingerprint
from projections.engine.follower import Committed
from projections.engine.loop import Engine, tell_nobody
from projections.engine.needed_generations import keep_prepared, prepare_all
from projections.feed.numbers import Numbering
from projections.forwarding.forwarder import NO_BROKER
from projections.forwarding.leading import broker, forwarding, forwarding_public
from projections.forwarding.missing import PUBLIC as PUBLIC_READER
from projections.forwarding.public import PublicFeed
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


async def project(
    dsn: str,
    codec: Codec,
    projections: Sequence[Projection],
    made: BuildModule,
    line: Line,
    *,
    rabbitmq_url: str = "",
    committed: Committed = tell_nobody,
    lease: float = LEASE_SECONDS,
    vitals: ProcessHealth | None = None,
    webhooks: WebhookSettings = WebhookSettings(),  # noqa: B008 - immutable
    views: Mapping[str, KindView] = VIEWS,
) -> None:
    """Keep every read model of this build up to date, tell of every event and seal the log, without end.

    Args:
        dsn: address of the database.
        codec: reads stored events.
        projections: the read models of this build.
        made: where worker processes of a replay find them.
        line: a connection that other readers of this process may use as well, for the notary and short looks.
        rabbitmq_url: broker that every event goes to; empty: the forwarder waits.
        committed: told after each commit of a read model.
        lease: seconds that the lease of a read model holds without being renewed.
        vitals: where its tasks note how they do.
        webhooks: what is decided outside about those.
        views: kinds of which readers may know something.
    """
    vitals = vitals or ProcessHealth()
    models = {one.name: fingerprint(one) for one in projections}
    followers: dict[str, Coroutine[Any, Any, None]] = {}
    if models.keys() >= {FEED, ENTRIES}:
        numbers = Numbering(dsn, models[FEED], line, vitals.task("numbers"))
        deliverer = Deliverer(dsn, models, vitals.task("webhooks"), line, numbers.looked, webhooks, views)
        vitals.figures.append(deliverer.figures)
        committed = numbers.after(committed)
        public = (
            forwarding_public(dsn, holder(), PublicFeed(models, views, numbers.given), rabbitmq_url, vitals)
            if rabbitmq_url
            else keep_noted(dsn, PUBLIC_READER, lambda: NO_BROKER)
        )
        followers = {"numbers": numbers.run(), "webhooks": deliverer.run(), PUBLIC_READER: public}
    engine = Engine(dsn, codec, projections, holder(), committed, lease=lease, vitals=vitals)
    readers = {
        "forwarder": forwarding(dsn, holder(), codec, rabbitmq_url, vitals),
        "notary": notary(dsn, holder(), broker(rabbitmq_url), vitals, line),
        "engine": engine.run(),
    } | followers
    async with asyncio.TaskGroup() as group:
        group.create_task(vitals.beating(), name="beat")
        for name, running in readers.items():
            vitals.watch(group.create_task(running, name=name))
        prepare = partial(prepare_all, dsn, projections, made, prepared=engine.look)
        await keep_prepared(engine.dropped, prepare)
