"""A RabbitMQ node of a test's own, in its own folder and on its own ports, that may be killed and starved."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from kit.broker.publisher import Publisher

STARTUP_SECONDS = 120

_KEEPER = b"rabbit_stream_coordinator"
"""What RabbitMQ calls the part of it that knows where each stream is kept."""


def installed() -> Path | None:
    """Return the folder of the broker's scripts, or None: the packaged wrappers insist on a system user."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    return found[-1] if found and shutil.which("epmd") else None


class Node:
    """One node, started by `async with` and gone afterwards.

    Args:
        scripts: folder of rabbitmq-server and rabbitmqctl.
        folder: empty folder for data, logs and the cookie.
    """

    def __init__(self, scripts: Path, folder: Path) -> None:
        self._scripts = scripts
        self._folder = folder
        self.port, dist, epmd = free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        self._environment = {
            **os.environ,  # noqa: TID251 - PATH and locale for the child
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"fjtest{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(dist),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        (self._folder / "plugins").write_text("[].")
        self._epmd = self._run("epmd", "-port", self._environment["ERL_EPMD_PORT"])
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()

    async def start(self) -> None:
        """Start the node, on the data that it has, and wait until it takes connections."""
        self._server = self._run(str(self._scripts / "rabbitmq-server"))
        async with asyncio.timeout(STARTUP_SECONDS):
            while True:
                assert self._server.poll() is None, "the node ended while it was starting"
                try:
                    publisher = await Publisher.connect(self.url, patience=2)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    await publisher.close()
                    return

    async def kill(self) -> None:
        """End the node as kill -9 does."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            await asyncio.to_thread(self._server.wait)
            self._server = None

    async def registered(self) -> None:
        """Wait until the node has written down that it has streams.

        It does so about a second after it made its first one, later on a busy machine. A node that is killed
        before has forgotten its streams when it starts again.
        """
        async with asyncio.timeout(STARTUP_SECONDS):
            while not any(_KEEPER in one.read_bytes() for one in self._written_down()):  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.1)

    def forget_streams(self) -> None:
        """Let a node that was killed know as little of its streams as one that was killed before that."""
        for one in self._written_down():
            one.unlink()

    def _written_down(self) -> list[Path]:
        return list(self._folder.glob("data/*/coordination/*/names.dets"))

    async def control(self, *words: str) -> None:
        """Run rabbitmqctl on the node."""
        command = [str(self._scripts / "rabbitmqctl"), "-q", *words]
        running = await asyncio.create_subprocess_exec(
            *command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, said = await running.communicate()
        assert running.returncode == 0, said.decode()

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "output").open("ab") as output:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on at present."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
