"""`frankenjet up` with all that it has on one small disk, and ways to look at it from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kit.checkout import ROOT
from kit.embedded.cluster import OWNER, PORT, read_pidfile
from kit.embedded.state import StateFolder
from kit.running.processes import marked, send, wait_until
from tests.servers.nodes.small_disk import Disk
from tests.servers.processes import free_port


class Up:
    """The command, run where the disk is mounted, so that its state folder is one like any other.

    Args:
        disk: for the state folder and for its output.
        rabbitmq_url: broker that it forwards to.
    """

    def __init__(self, disk: Disk, rabbitmq_url: str) -> None:
        self._disk = disk
        self._state = StateFolder(disk.place / "state")
        self._log = disk.folder / "up.log"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for the children
            "PORT": str(port),
            "RABBITMQ_URL": rabbitmq_url,
            "FRANKENJET_STATE": str(self._state.folder),
        }
        self._command = [*disk.inside, sys.executable, "-m", "scripts.main"]

    @property
    def dsn(self) -> str:
        """Address of its database for those who are not where the disk is mounted."""
        facts = read_pidfile(self._disk.folder / "state" / "postgres" / "data")
        assert facts is not None
        socket = self._disk.folder / facts.socket_folder.relative_to(self._disk.place)
        return f"postgresql://{OWNER}@/{OWNER}?host={socket}&port={PORT}"

    @property
    def said(self) -> str:
        """What it has written for the one who started it."""
        return self._log.read_text()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Yield it; end it afterwards, and all that it started."""
        with self._log.open("ab") as out:
            process = subprocess.Popen(
                [*self._command, "up"],
                cwd=ROOT, env=self._environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        with process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: process.poll() is not None, 30)
                send([*marked(self._state.mark("")), process.pid], signal.SIGKILL)

    def called(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another verb there, to its end."""
        command = [*self._command, *words]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )

    def ours(self) -> list[int]:
        """Return the processes of ours that run under it."""
        return sorted(pid for name in ("serve", "project") for pid in marked(self._state.mark(name)))
