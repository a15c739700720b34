"""`frankenjet project`: keeps the read models up to date, forwards every event, seals the log."""

import asyncio
import signal

import uvloop

from events.codec import CODEC
from kit.collector import collect_seldom
from kit.logging import configure
from kit.settings import Settings
from projections.catalog import KINDS, PROJECTIONS
from projections.copies import Copies
from projections.main import project as run
from projections.rebuild import Made
from scripts.database import database

MADE = Made("projections.made")
"""Where worker processes find this build's codec and projections."""


def project(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    configure(settings.log_level, "json")
    collect_seldom()
    with database(settings) as dsn:
        uvloop.run(_until_stopped(settings, dsn))


async def _until_stopped(settings: Settings, dsn: str) -> None:
    running = asyncio.create_task(_run(settings, dsn))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return


async def _run(settings: Settings, dsn: str) -> None:
    async with Copies(dsn, settings.redis_url, settings.redis_prefix, KINDS) as copies:
        await run(
            dsn, CODEC, PROJECTIONS, MADE, rabbitmq_url=settings.rabbitmq_url, committed=copies.committed
        )
