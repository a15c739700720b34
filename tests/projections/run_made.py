"""Runs the projector of the tests' build as a process: `python -m tests.projections.run_made DSN LEASE`."""

import asyncio
import signal
import sys

from kit.logging import configure
from projections.main import project
from projections.rebuild import Made
from tests.projections.made import CODEC, PROJECTIONS


async def run(dsn: str, lease: float) -> None:
    """Project until SIGTERM."""
    made = Made("tests.projections.made")
    running = asyncio.create_task(project(dsn, CODEC, PROJECTIONS, made, lease=lease))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.gather(running, return_exceptions=True)


if __name__ == "__main__":
    configure("info", "json")
    asyncio.run(run(sys.argv[1], float(sys.argv[2])))
