"""An embedded Valkey: a second-level cache in memory, on a Unix socket only, nothing kept on disk."""

import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from kit.embedded.binaries import valkey_program
from kit.embedded.home import home
from kit.embedded.sockets import leave, socket_folder
from kit.embedded.state import EmbeddedError, StateFolder
from kit.running.processes import MARK, end, marked, send, shorten, spawn, tail, wait_until

SOCKET = "valkey.sock"
READY = 10.0
"""Seconds that it may take to answer; a twentieth of one is usual."""


class Valkey:
    """The cache server of a state folder."""

    name = "valkey"

    def __init__(self, state: StateFolder) -> None:
        self.state = state
        self.outcome = ""
        """ "started" or "attached", after a start; "absent" when the machine has no such server."""
        self.log = state.log("valkey")
        self._mark = state.mark("valkey")
        self._guard = state.lock("servers")
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = Path()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server, or attach to the one that runs; return its address, empty when there is none.

        Raises:
            EmbeddedError: when it cannot run here; the message is one line for a person.
        """
        if not self._guard.take(wait=READY):
            raise EmbeddedError("another process has been starting or stopping the servers for long")
        try:
            place = home(self.state)
            room = place.room("valkey")
            program = valkey_program(place)
            if program is None:
                self.outcome = "absent"
                return ""
            self._socket = socket_folder(self.state, place, room, SOCKET) / SOCKET
            if self._answers() and marked(self._mark):
                self.outcome = "attached"
            else:
                place.give(room)
                self._start(program, room, place.user)
            return f"unix://{self._socket}"
        finally:
            self._guard.release()

    def _start(self, program: Path, room: Path, user: tuple[int, int] | None) -> None:
        end(self._mark, 1)
        self._socket.unlink(missing_ok=True)
        shorten(self.log)
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory": "64mb",
            "maxmemory-policy": "allkeys-lru",
            "dir": str(room),
            "hz": "1",
            "daemonize": "no",
            "proc-title-template": f"{{title}} frankenjet={self._mark}",
        }
        self._process = process = spawn(
            [program, *(word for name, value in options.items() for word in (f"--{name}", value))],
            log=self.log,
            env={"LC_ALL": "C", "TZ": "UTC", MARK: self._mark},
            cwd=Path("/"),
            user=user,
        )
        wait_until(lambda: process.poll() is not None or self._answers(), READY)
        if process.poll() is not None or not self._answers():
            process.kill()
            process.wait()
            self._process = None
            raise EmbeddedError(f"Valkey did not start: {tail(self.log, lines=2)}")
        self.outcome = "started"

    def _answers(self) -> bool:
        """Tell whether somebody at the socket says PONG."""
        if not self._socket.exists():
            return False
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def alive(self) -> bool:
        """Tell whether the server that was started or attached to still runs; an absent one needs nobody."""
        if self._process is not None:
            return self._process.poll() is None
        return self.outcome == "absent" or bool(marked(self._mark))

    def stop(self, limit: float = 5.0) -> None:
        """Stop the server: SIGTERM, and SIGKILL after `limit` seconds; there is nothing in it to lose."""
        if self._process is not None:
            self._process.terminate()
            process = self._process
            if not wait_until(lambda: process.poll() is not None, limit):
                process.kill()
                process.wait()
            self._process = None
        elif self.outcome == "attached":
            end(self._mark, limit)
        send(marked(self._mark), signal.SIGKILL)
        if self._socket.name:
            self._socket.unlink(missing_ok=True)
            leave(self._socket.parent)
