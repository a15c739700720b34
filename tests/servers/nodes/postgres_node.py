"""A PostgreSQL of a test's own, stopped as by a power cut and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.embedded.cluster import read_pidfile
from kit.embedded.home import home
from kit.embedded.postgres import Postgres
from kit.embedded.state import StateFolder, open_state
from kit.running.processes import send, wait_until
from scripts.migrate import migrate
from tests.servers.nodes.small_disk import SERVERS


class Node:
    """One embedded server."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self.server = Postgres(state)

    @property
    def _data(self) -> Path:
        return home(self._state).room("postgres") / "data"

    @property
    def pid(self) -> int:
        """Process id of its postmaster."""
        facts = read_pidfile(self._data)
        assert facts is not None
        return facts.pid

    def stop(self, what: signal.Signals) -> None:
        """End it: SIGQUIT is an immediate shutdown, SIGKILL what the kernel does when memory runs out."""
        send([self.pid], what)
        assert wait_until(lambda: not self.server.alive(), 30)

    def start(self) -> None:
        self.server.start()

    def keep_wal_in(self, folder: Path) -> None:
        """Move its write-ahead log to another disk as PostgreSQL's manual says: stopped, and by a link."""
        self.stop(signal.SIGINT)
        wal = self._data / "pg_wal"
        owner = wal.stat()
        there = Path(shutil.move(wal, folder / "pg_wal"))
        for path in (there, *there.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        wal.symlink_to(there)
        self.start()


@contextmanager
def own_postgres(data: Path | None = None) -> Iterator[Node]:
    """Yield a migrated server whose folder every user may pass, so that root's can live in it.

    Args:
        data: folder for its data; None: in its state folder.
    """
    with tempfile.TemporaryDirectory(prefix="fjtest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        state = open_state(folder / "state")
        node = Node(state)
        if data is not None:
            _move(node, state, data)
        with node.server:
            migrate(node.server.dsn)
            yield node


def _move(node: Node, state: StateFolder, data: Path) -> None:
    """Put the data on a disk that only their server can come to, which who makes them could not."""
    if os.geteuid() == 0:
        (state.folder / "runs-as").write_text(f"{SERVERS}\n")
    with node.server:
        room = home(state).room("postgres")
    subprocess.run(["cp", "-a", f"{room}/.", data], check=True)
    shutil.rmtree(room)
    room.symlink_to(data)
