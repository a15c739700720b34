"""`frankenjet project`: keeps the read models up to date, forwards every event, seals the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvloop

from events.codec import CODEC
from kit.collector import collect_seldom
from kit.health.tasks import ProcessHealth
from kit.log.line import Line
from kit.log.waiting import keep_noted
from kit.logging import adopt_libraries, configure
from kit.postgres.connect import PROJECTOR
from kit.running.ending import end
from kit.running.turns import take_short_turns
from kit.settings import Settings
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.engine.shared_cache import Copies
from projections.health.observer import Observer
from projections.health.projector import Health
from projections.main import holder
from projections.main import project as run
from projections.this_build import THIS_BUILD
from projections.webhooks.deliverer import WebhookSettings
from read_side.entry.kinds import VIEWS
from scripts.cli.database import database
from scripts.cli.health import health_port
from scripts.cli.stoppable import until_told
from scripts.storage import storage_in
from write_side.media.variants.follower import READER, follow_media


def project(settings: Settings) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP."""
    configure(settings.log_level, "json")
    adopt_libraries()
    collect_seldom()
    take_short_turns()
    with database(settings, PROJECTOR) as dsn:
        uvloop.run(until_told(_run(settings, dsn)))


async def _run(settings: Settings, dsn: str) -> None:
    vitals = ProcessHealth()
    lookout = Observer(dsn, {one.name: fingerprint(one) for one in PROJECTIONS})
    answers = Health(vitals, lookout, holder()).answers
    with health_port(settings.host, settings.projector_port, "FRANKENJET_PROJECTOR_PORT", answers):
        async with (
            Copies(dsn, settings.redis_url, settings.redis_prefix, VIEWS) as copies,
            Line(dsn, "notary") as line,
            variants(settings, dsn, vitals, line),
        ):
            await run(
                dsn, CODEC, PROJECTIONS, THIS_BUILD, line,
                rabbitmq_url=settings.rabbitmq_url, committed=copies.committed, vitals=vitals,
                webhooks=WebhookSettings(
                    loopback=settings.webhooks_loopback,
                    second_factor=settings.second_factor == "publishers",
                ),
            )  # fmt: skip


@asynccontextmanager
async def variants(settings: Settings, dsn: str, vitals: ProcessHealth, line: Line) -> AsyncIterator[None]:
    """Make variants of pictures meanwhile.

    Args:
        settings: say where files are.
        dsn: address of the database, for the projector.
        vitals: where it notes how it does.
        line: a connection of the projector's.
    """
    async with storage_in(settings, settings.s3_bucket) as storage:
        noting = partial(keep_noted, dsn, READER)
        making = asyncio.create_task(
            follow_media(dsn, holder(), CODEC, storage, vitals, line, noting), name="variants"
        )
        vitals.watch(making)
        try:
            yield
        finally:
            await end(making)
