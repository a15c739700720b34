"""`frankenjet up` in a folder of a test's own: started, awaited, and ended whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.checkout import ROOT
from kit.embedded.state import StateFolder
from kit.running.processes import marked, send, wait_until
from tests.servers.processes import free_port

type Run = subprocess.Popen[bytes]


class Up:
    """The command, with nothing of the caller's environment.

    Args:
        folder: for the state folder and for what it writes.
        environment: what else it is told.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.state = StateFolder(folder / "state")
        self.port = free_port()
        self.log = folder / "up.log"
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for the children
            "PORT": str(self.port),
            "FRANKENJET_STATE": str(self.state.folder),
            **environment,
        }

    @property
    def said(self) -> str:
        """What it has written for the one who started it."""
        return self.log.read_text()

    @contextmanager
    def running(self) -> Iterator[Run]:
        """Yield it at once; end it afterwards, and all that it started."""
        with self.log.open("wb") as out:
            run = subprocess.Popen(
                [sys.executable, "-m", "scripts.main", "up"],
                cwd=ROOT, env=self._environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        with run:
            try:
                yield run
            finally:
                run.send_signal(signal.SIGINT)
                wait_until(lambda: run.poll() is not None, 30)
                send([*marked(self.state.mark("")), run.pid], signal.SIGKILL)

    @contextmanager
    def ready(self) -> Iterator[Run]:
        """Yield it once it has said that it is up."""
        with self.running() as run:
            assert wait_until(lambda: "is up" in self.said or run.poll() is not None, 60)
            assert run.poll() is None, self.said
            yield run
