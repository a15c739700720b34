"""The real processes that an operator starts, each killed and started again at will."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from kit.checkout import ROOT
from kit.settings import Settings
from tests.servers.copies.starting import Process, send_to_session, start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Processes:
    """The real processes, each killed and started at will."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        root: Path = ROOT,
        *,
        executed: bool = False,
        **environment: str,
    ) -> None:
        self.port = free_port()
        self._root = root
        self._executed = executed
        self._folder = folder
        self._running: dict[str, Process] = {}
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for the children
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "RABBITMQ_URL": settings.rabbitmq_url,
            "PORT": str(self.port),
            "FRANKENJET_REDIS_PREFIX": settings.redis_prefix,
            "FRANKENJET_SIGNING_KEY_FILE": str(settings.signing_key_file),
            "FRANKENJET_STATE": str(settings.state),
            "FRANKENJET_LIMITS": "1000",  # who strains them is one account, at one address
            **environment,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def know(self, variable: str, value: str) -> None:
        """Tell processes that are started from now on one thing more."""
        self._environment[variable] = value

    def start(self, *verb: str) -> Process:
        """Start a verb of the command in a session of its own; its output goes to a file of its name."""
        with (self._folder / f"{verb[0]}.log").open("ab") as log:
            process = start(
                "scripts.main", verb, self._environment, log, root=self._root, executed=self._executed
            )
        self._running[verb[0]] = process
        return process

    def kill(self, verb: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to the whole session of a verb that goes on or has ended well; wait for its end."""
        process = self._running.pop(verb)
        send_to_session(process, number)
        code = process.wait(30)
        if number == signal.SIGKILL:
            said = (self._folder / f"{verb}.log").read_text()[-2000:]
            assert code in {0, -number}, f"{verb} had ended with {code}: {said}"

    def wait(self, verb: str, seconds: float = 30) -> int:
        """Return the exit code of a verb that ends by itself."""
        return self._running.pop(verb).wait(seconds)

    def stop(self) -> None:
        for verb in list(self._running):
            if self._running[verb].poll() is None:
                self.kill(verb)

    async def ready(self, seconds: float = 240) -> None:
        """Wait until the API says that it is ready."""
        end = time.monotonic() + seconds
        async with httpx2.AsyncClient(base_url=self.url) as client:
            while time.monotonic() < end:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        logs = {file.name: file.read_text()[-2000:] for file in self._folder.glob("*.log")}
        raise AssertionError(f"not ready: {logs}")


@contextmanager
def processes(
    settings: Settings, folder: Path, root: Path = ROOT, *, executed: bool = False, **environment: str
) -> Iterator[Processes]:
    """Yield processes that are all ended afterwards.

    Args:
        settings: what they are told.
        folder: for their output.
        root: the build that they run.
        executed: whether each is a new Python, because how it begins or ends is what the test is about.
        environment: what else they are told.
    """
    running = Processes(settings, folder, root, executed=executed, **environment)
    try:
        yield running
    finally:
        running.stop()
