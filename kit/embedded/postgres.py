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
    let_in_ourselves,
    major_of,
    make_cluster,
    pid_in,
    read_pidfile,
    remove_stale,
)
from kit.embedded.home import Home, home
from kit.embedded.sockets import leave, socket_folder, takes_connections
from kit.embedded.state import EmbeddedError, StateFolder
from kit.running.processes import arguments, carries, marked, send, shorten, spawn, tail, wait_until

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "bgwriter_delay": "1s",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
"""For a machine with two cores; fsync, full_page_writes and synchronous_commit stay as safe as they come."""

RECOVERY = 60.0
"""Seconds that a server may take until it is ready: after a crash it reads its write-ahead log."""

LEFT_OVER_SECONDS = 1.0
"""Seconds given to the processes of a killed server to notice; they hold its memory until then."""

GONE = 10.0
"""Seconds that a start is tried again once they were killed in their turn."""


class Postgres:
    """The server of a state folder; who started it or found it running may use it until `stop`."""

    name = "postgres"

    def __init__(self, state: StateFolder, *, final: bool = False) -> None:
        """Prepare a server of a state folder; with `final`, its stop is a stop even if others use it."""
        self.state = state
        self._final = final
        self.outcome = ""
        """ "started" or "attached", after a start."""
        self._mark = state.mark("postgres")
        self.log = state.log("postgres")
        self._guard = state.lock("servers")
        self._in_use = state.lock("postgres")
        self._process: subprocess.Popen[bytes] | None = None
        self._data = self._sockets = Path()
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
        held = self.in_use >= 0
        try:
            self._in_use.take(shared=True)
            place = home(self.state)
            self._data = place.room("postgres") / "data"
            self._reap()
            if not self._attached():
                self._start(place)
        except BaseException:
            if not held:
                self._in_use.release()
            raise
        finally:
            self._guard.release()
        return self.dsn

    def _lives(self, pid: int) -> bool:
        return carries(pid, self._mark) or os.fsencode(self._data) in arguments(pid)

    def _found(self) -> bool:
        """Remember the pid of the server that runs on our data; False when none does."""
        pid = pid_in(self._data / "postmaster.pid")
        if pid is None or not self._lives(pid):
            return False
        self._pid = pid
        return True

    def _ready(self) -> bool:
        facts = read_pidfile(self._data)
        if facts is None or facts.pid != self._pid or facts.status != "ready":
            return False
        return takes_connections(facts.socket_folder / SOCKET, OWNER, DATABASE)

    def _attached(self) -> bool:
        """Attach to a server that runs on our data; False when none does."""
        if not self._found():
            return False
        if not wait_until(lambda: self._ready() or not self._lives(self._pid), RECOVERY):
            raise EmbeddedError(f"PostgreSQL runs but does not get ready: see {self.log}")
        facts = read_pidfile(self._data)
        if facts is None:
            return False
        self.outcome, self._sockets = "attached", facts.socket_folder
        return self._lives(self._pid)

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._process = None

    def _start(self, place: Home) -> None:
        programs = reachable_postgres(postgres_programs(major_of(self._data)), place)
        if not self._data.exists():
            make_cluster(programs, place, self._data, self.log, self.state.mark("initdb"))
        for folder in (self._data.parent, self._data):
            place.give(folder)
        let_in_ourselves(self._data, place, programs.major)
        self._sockets = socket_folder(self.state, place, self._data, SOCKET)
        shorten(self.log)
        if wait_until(lambda: self._launch(programs, place), LEFT_OVER_SECONDS):
            return
        send(marked(self._mark), signal.SIGKILL)  # their server is gone: whatever they do, it is lost
        if not wait_until(lambda: self._launch(programs, place), GONE):
            raise EmbeddedError(f"PostgreSQL did not start: {tail(self.log, lines=2)}")

    def _launch(self, programs: Programs, place: Home) -> bool:
        """Start the server once; False when processes of a killed one still hold its memory."""
        if self._attached():
            return True
        remove_stale(self._data, self._sockets)
        given = SETTINGS | {"unix_socket_directories": str(self._sockets), "cluster_name": self._mark}
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        since = self.log.stat().st_size if self.log.exists() else 0
        process = spawn(
            [programs.folder / "postgres", "-D", self._data, *options],
            log=self.log,
            env=environment(self._mark),
            cwd=Path("/"),
            user=place.user,
        )
        self._process, self._pid, self.outcome = process, process.pid, "started"
        wait_until(lambda: process.poll() is not None or self._ready(), RECOVERY)
        if process.poll() is None and self._ready():
            return True
        process.kill()
        process.wait()
        self._process = None
        said = tail(self.log, since)
        if "is still in use" in said or "already exists" in said:
            return False
        raise EmbeddedError(f"PostgreSQL did not start: {said or 'it was not ready in time'}")

    def gone(self) -> bool:
        """Tell whether the files of the server were removed under it."""
        return not (self._data / "PG_VERSION").exists()

    def alive(self) -> bool:
        """Tell whether the server that was started or attached to still runs."""
        if self._process is not None:
            return self._process.poll() is None
        return self._pid > 0 and self._lives(self._pid)

    def stop(self, limit: float = RECOVERY) -> bool:
        """Leave the server, and stop it unless somebody else uses it; return whether it is stopped.

        Args:
            limit: seconds that a clean shutdown may take; after that it is ended as by a power cut, which
                PostgreSQL survives by its write-ahead log.
        """
        guarded = self._guard.take(wait=limit / 3)
        try:
            if not self._final and not self.gone() and not (guarded and self._in_use.take()):
                return False
            self._reap()
            if self.alive() or self._found():
                self._shut_down(limit)
            leave(self._sockets)
            return True
        finally:
            self._in_use.release()
            self._guard.release()

    def _shut_down(self, limit: float) -> None:
        for what, seconds in ((signal.SIGINT, limit), (signal.SIGQUIT, 0.5), (signal.SIGKILL, 0.5)):
            send([self._pid], what)
            if wait_until(lambda: not self.alive(), seconds):
                break
        self._reap()
