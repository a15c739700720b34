"""The small application behind a real server, and a socket to say anything to it."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers.copies.starting import Process, start

HEADERS_MS = 2_000


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """A process that serves the small application."""

    def __init__(self, port: int, log: Path, process: Process) -> None:
        self.port = port
        self.log = log
        self.process = process

    def say(
        self, sent: bytes, *, wait: float = 5.0, linger: float = 0.5, source: str = "127.0.0.1"
    ) -> tuple[int, bytes, bool]:
        """Send bytes; return the status and all bytes of what came back, and whether the server hung up.

        Args:
            sent: one request, or something else.
            wait: seconds to wait for an answer.
            linger: seconds to wait after it for the end of the connection; 0: do not look.
            source: the client's address.
        """
        with socket.create_connection(("127.0.0.1", self.port), wait, (source, 0)) as connection:
            with suppress(OSError):  # it may have answered and hung up already
                connection.sendall(sent)
            came, closed = b"", False
            try:
                while not _complete(came):
                    piece = connection.recv(65_536)
                    if not piece:
                        closed = True
                        break
                    came += piece
                if linger and not closed:
                    connection.settimeout(linger)
                    closed = connection.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionResetError:
                closed = True
        return int(came[9:12] or b"0"), came, closed


def _complete(came: bytes) -> bool:
    head, found, body = came.partition(b"\r\n\r\n")
    if not found:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].partition(b":")[2])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the small application as it is served in earnest, with short time-outs."""
    with served(tmp_path_factory.mktemp("served") / "log", "--head-seconds", str(HEADERS_MS / 1000)) as found:
        yield found


@contextmanager
def served(log: Path, *options: str) -> Iterator[Server]:
    """Serve the small application in a process of its own, and end it."""
    port = free_port()
    with log.open("wb") as output:
        process = start("tests.kit.http.served", [str(port), *options], {"PATH": os.defpath}, output)
        try:
            _wait_for(port, process, log)
            yield Server(port, log, process)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: Process, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"it did not start: {log.read_text()}")
