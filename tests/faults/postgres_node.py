"""A PostgreSQL of a test's own, stopped as by a power cut and started again."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.embedded.cluster import read_pidfile
from kit.embedded.home import home
from kit.embedded.postgres import Postgres
from kit.embedded.state import State, open_state
from kit.processes import send, wait_until
from scripts.migrate import migrate


class Node:
    """One embedded server."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.server = Postgres(state)

    @property
    def pid(self) -> int:
        """Process id of its postmaster."""
        facts = read_pidfile(home(self._state).room("postgres") / "data")
        assert facts is not None
        return facts.pid

    def stop(self, what: signal.Signals) -> None:
        """End it: SIGQUIT is an immediate shutdown, SIGKILL what the kernel does when memory runs out."""
        send([self.pid], what)
        assert wait_until(lambda: not self.server.alive(), 10)

    def start(self) -> None:
        self.server.start()


@contextmanager
def own_postgres() -> Iterator[Node]:
    """Yield a migrated server whose folder every user may pass, so that root's can live in it."""
    with tempfile.TemporaryDirectory(prefix="fjtest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        node = Node(open_state(folder / "state"))
        with node.server:
            migrate(node.server.dsn)
            yield node
