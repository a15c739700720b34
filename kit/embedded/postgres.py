"""An embedded PostgreSQL: on a Unix socket only, durable as ever, started and stopped by us."""

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from kit.embedded.binaries import Programs, postgres_programs, reachable_postgres
from kit.embedded.cluster import (
    DATABASE,
    OWNER,
    PORT,
    SOCKET,
    environment,
    major_of,
    make_cluster,
    read_pidfile,
    remove_stale,
)
from kit.embedded.home import Home, home
from kit.embedded.sockets import socket_folder
from kit.embedded.state import EmbeddedError, State
from kit.processes import arguments, carries, end, marked, send, shorten, spawn, tail, wait_until

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
"""For one machine with two cores; fsync, full_page_writes and synchronous_commit stay as safe as they come."""

RECOVERY = 60.0
"""Seconds that a server may take until it is ready: after a crash it reads its write-ahead log."""

ORPHANS = 10.0
"""Seconds that a start is tried again while processes of a killed server still hold its memory."""


class Postgres:
    """The server of a state folder; whoever started it or found it running may use it until `stop`."""

    name = "postgres"

    def __init__(self, state: State) -> None:
        self.state = state
        self.outcome = ""
        """ "started" or "attached", after a start."""
        self._mark = state.mark("postgres")
        self._log = state.log("postgres")
        self._guard = state.lock("servers")
        self._in_use = state.lock("postgres")
        self._process: subprocess.Popen[bytes] | None = None
        self._data = Path()
        self._pid = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """Address of our database, complete: no PG* variable can bend it.

        Raises:
            EmbeddedError: when the server does not run.
        """
        facts = read_pidfile(self._data)
        if facts is None:
            raise EmbeddedError("the embedded PostgreSQL does not run")
        where = quote(str(facts.socket_folder), safe="/")
        return f"postgresql://{OWNER}@/{DATABASE}?host={where}&port={PORT}"

    @property
    def in_use(self) -> int:
        """Descriptor that tells other processes that the server is in use; children may inherit it."""
        return self._in_use.descriptor

    def start(self) -> str:
        """Start the server, or attach to the one that runs; return the address of our database.

        Raises:
            EmbeddedError: when it cannot run here; the message is one line for a person.
        """
        if not self._guard.take(wait=RECOVERY):
            raise EmbeddedError("another process has been starting or stopping PostgreSQL for a minute")
        try:
            self._in_use.take(shared=True, wait=1)
            place = home(self.state)
            self._data = place.room("postgres") / "data"
            self._reap()
            if self._running():
                self.outcome = "attached"
                if not wait_until(self._ready, RECOVERY):
                    raise EmbeddedError(f"PostgreSQL runs but does not get ready: see {self._log}")
            else:
                self.outcome = "started"
                self._start(place)
        except BaseException:
            self._in_use.release()
            raise
        finally:
            self._guard.release()
        return self.dsn

    def _running(self) -> bool:
        """Tell whether a server runs on our data, and remember its pid."""
        facts = read_pidfile(self._data)
        if facts is None:
            return False
        self._pid = facts.pid
        return carries(facts.pid, self._mark) or os.fsencode(self._data) in arguments(facts.pid)

    def _ready(self) -> bool:
        facts = read_pidfile(self._data)
        return facts is not None and facts.pid == self._pid and facts.status == "ready"

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._process = None

    def _start(self, place: Home) -> None:
        end(self.state.mark("initdb"), 1)
        programs = reachable_postgres(postgres_programs(major_of(self._data)), place)
        if not self._data.exists():
            make_cluster(programs, place, self._data, self._log, self.state.mark("initdb"))
        sockets = socket_folder(self.state, place, self._data, SOCKET)
        shorten(self._log)
        if not wait_until(lambda: self._launch(programs, place, sockets), ORPHANS / 3):
            send(marked(self._mark), signal.SIGKILL)  # their server is gone: whatever they do, it is lost
            if not wait_until(lambda: self._launch(programs, place, sockets), ORPHANS):
                raise EmbeddedError(f"PostgreSQL did not start: {tail(self._log, lines=2)}")

    def _launch(self, programs: Programs, place: Home, sockets: Path) -> bool:
        """Start the server once; False when processes of a killed one still hold its memory."""
        remove_stale(self._data, sockets)
        given = SETTINGS | {"unix_socket_directories": str(sockets), "cluster_name": self._mark}
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        since = self._log.stat().st_size if self._log.exists() else 0
        self._process = process = spawn(
            [programs.folder / "postgres", "-D", self._data, *options],
            log=self._log,
            env=environment(self._mark),
            cwd=Path("/"),
            user=place.user,
        )
        self._pid = process.pid
        ready = wait_until(lambda: process.poll() is not None or self._ready(), RECOVERY)
        if ready and process.poll() is None:
            return True
        said = tail(self._log, since)
        process.kill()
        process.wait()
        self._process = None
        if "is still in use" in said or "already exists" in said:
            return False
        raise EmbeddedError(f"PostgreSQL did not start: {said or 'it was not ready in time'}")

    def alive(self) -> bool:
        """Tell whether the server that was started or attached to still runs."""
        if self._process is not None:
            return self._process.poll() is None
        return carries(self._pid, self._mark)

    def stop(self, limit: float = RECOVERY, *, force: bool = False) -> bool:
        """Leave the server, and stop it unless somebody else uses it; return whether it is stopped.

        Args:
            limit: seconds that a clean shutdown may take; after that it is ended as by a power cut, which
                PostgreSQL survives by its write-ahead log.
            force: stop it even if others use it.
        """
        guarded = self._guard.take(wait=limit if not force else limit / 3)
        try:
            others = not self._in_use.take() if guarded else True
            if others and not force:
                return False
            self._reap()
            if self.alive():
                self._shut_down(limit)
            return True
        finally:
            self._in_use.release()
            self._guard.release()

    def _shut_down(self, limit: float) -> None:
        for what, seconds in ((signal.SIGINT, limit), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0)):
            send([self._pid], what)
            if wait_until(lambda: not self.alive(), seconds):
                break
        self._reap()
