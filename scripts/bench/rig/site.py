"""A site of a measurement's own: `frankenjet up` with servers of its own in a folder of its own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2

from scripts.bench.rig.servers import free_port
from scripts.bench.rig.usage import PROC, ProgramUsage

NOT_OURS = ("database", "cache", "ended", "others")
"""Parts of a site that are other people's programs, or nobody's."""


class Site(NamedTuple):
    """A site of its own, with all its parts."""

    watched: ProgramUsage
    port: int
    state: Path
    start: dict[str, float]
    """Seconds of processor time from the beginning until it was ready."""


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a state folder that is gone afterwards."""
    if not (PROC / "self" / "smaps_rollup").exists():
        raise SystemExit("frankenjet: this bench reads Linux's /proc, which is not here")
    with tempfile.TemporaryDirectory(prefix="fjbench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "state"


@contextmanager
def up(state: Path) -> Iterator[Site]:
    """Run `frankenjet up` with servers of its own, without the sample, until it is ready."""
    port = free_port()
    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "scripts.main", "up", "--state", str(state)],
        env=environment() | {"PORT": str(port), "SAMPLE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    watched = ProgramUsage(running.pid)
    try:
        _until_ready(port)
        yield Site(watched, port, state, watched.seconds())
    finally:
        running.terminate()
        running.wait(15)


def environment() -> dict[str, str]:
    """Return our own environment without the servers and settings of somebody else's site.

    Bytecode is kept, as on every machine that starts more than once.
    """
    foreign = ("DATABASE_URL", "REDIS_URL", "RABBITMQ_URL", "FRANKENJET_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}  # noqa: TID251 - handed on


def _until_ready(port: int) -> None:
    for _ in range(600):
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:  # noqa: PLR2004
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the site did not become ready")
