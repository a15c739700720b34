"""`frankenjet project`: keeps the read models up to date, forwards every event, seals the log."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import uvloop

from events.codec import CODEC
from kit.collector import collect_seldom
from kit.errors import Refused
from kit.health.port import HealthPort
from kit.health.tasks import ProcessHealth
from kit.logging import adopt_libraries, configure
from kit.postgres.connect import PROJECTOR
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
from read_side.entry.kinds import VIEWS
from scripts.cli.database import database
from scripts.cli.stoppable import told_to_end


def project(settings: Settings) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP."""
    configure(settings.log_level, "json")
    adopt_libraries()
    collect_seldom()
    take_short_turns()
    with database(settings, PROJECTOR) as dsn:
        uvloop.run(_until_stopped(settings, dsn))


async def _until_stopped(settings: Settings, dsn: str) -> None:
    running = asyncio.create_task(_run(settings, dsn))
    loop = asyncio.get_running_loop()
    with told_to_end(loop, lambda _: running.cancel()), suppress(asyncio.CancelledError):
        await running


async def _run(settings: Settings, dsn: str) -> None:
    vitals = ProcessHealth()
    with _health_port(settings, dsn, vitals):
        async with Copies(dsn, settings.redis_url, settings.redis_prefix, VIEWS) as copies:
            await run(
                dsn, CODEC, PROJECTIONS, THIS_BUILD,
                rabbitmq_url=settings.rabbitmq_url, committed=copies.committed, vitals=vitals,
            )  # fmt: skip


@contextmanager
def _health_port(settings: Settings, dsn: str, vitals: ProcessHealth) -> Iterator[None]:
    """Answer what machines ask about this process, where a port is given for it."""
    with ExitStack() as stack:
        if settings.projector_port is not None:
            lookout = Observer(dsn, {one.name: fingerprint(one) for one in PROJECTIONS})
            answers = Health(vitals, lookout, holder()).answers
            try:
                stack.enter_context(HealthPort(settings.host, settings.projector_port, answers))
            except OSError as error:
                taken = f"port {settings.projector_port} is taken or not open to us on {settings.host}"
                raise Refused([f"FRANKENJET_PROJECTOR_PORT: {taken}: free it, or name another"]) from error
        yield
