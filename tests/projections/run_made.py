"""Runs the projector of the tests' build as a process: `python -m tests.projections.run_made DSN LEASE`."""

import asyncio
import signal
import sys
from contextlib import suppress

from kit.log.line import Line
from kit.logging import configure
from projections.engine.shared_cache import Copies
from projections.main import project
from projections.rebuild.worker import BuildModule
from read_side.entry.kinds import VIEWS
from tests.projections.made import CODEC, PROJECTIONS


async def run(dsn: str, lease: float, redis_url: str = "", prefix: str = "") -> None:
    """Project until SIGTERM; with an address of Redis, put documents there after each commit."""
    made = BuildModule("tests.projections.made")
    async with Copies(dsn, redis_url, prefix, VIEWS) as copies, Line(dsn, "notary") as line:
        running = asyncio.create_task(
            project(dsn, CODEC, PROJECTIONS, made, line, committed=copies.committed, lease=lease)
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        with suppress(asyncio.CancelledError):
            await running


if __name__ == "__main__":
    configure("info", "json")
    asyncio.run(run(sys.argv[1], float(sys.argv[2]), *sys.argv[3:]))
