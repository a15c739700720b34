"""An S3 that keeps what it has on disk, so that it can be killed and come back: s3rver, of the npm registry.

It checks signatures, and takes forms by their policies. Two who write one key at once may be mixed by it, and
it holds no object whose name another one has as its folder: there moto proves more.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.storage.place import S3Place
from tests.journeys.test_generated_clients import installed, missing
from tests.servers.nodes.s3_server import fresh_bucket
from tests.servers.processes import free_port

PACKAGE = "@20minutes/s3rver@4.0.4"
KEY = "S3RVER"

_PROGRAM = """
const S3rver = require("@20minutes/s3rver");
const [port, directory] = process.argv.slice(2);
new S3rver({address: "127.0.0.1", port: +port, directory, silent: true}).run()
  .then(() => console.log("ready"));
"""


class S3OnDisk:
    """A server at one address, running or not.

    Args:
        folder: of its program and of what it keeps.
    """

    def __init__(self, folder: Path) -> None:
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            missing("npm and node are not installed")
        folder.mkdir()
        installed(npm, "install", "--silent", "--no-audit", "--no-fund", PACKAGE, folder=folder)
        (folder / "run.js").write_text(_PROGRAM)
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None

    def place(self) -> S3Place:
        """Return a bucket of it that nobody has."""
        return fresh_bucket(f"http://{KEY}:{KEY}@127.0.0.1:{self._port}")

    def start(self) -> None:
        """Start it, and return when it answers."""
        words = ("node", "run.js", str(self._port), str(self._folder / "data"))
        self._process = subprocess.Popen(words, cwd=self._folder, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert "ready\n" == self._process.stdout.readline()

    def kill(self) -> None:
        """End it without a word, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        """Let it say nothing from now on; the system goes on taking connections for it."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def running_s3_on_disk(folder: Path) -> Iterator[S3OnDisk]:
    """Yield a server that was just started, with a folder of its own in this one; it is ended afterwards."""
    server = S3OnDisk(folder / "s3")
    server.start()
    try:
        yield server
    finally:
        server.kill()
