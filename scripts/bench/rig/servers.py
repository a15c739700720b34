"""Server processes of a measurement: the product as it is shipped, and the floors beside it."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LIMITS = "1000000"
"""Everything is counted as ever, and nothing is too often."""


def free_port() -> int:
    """Return a port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(*arguments: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python process in a session of its own, and end it."""
    given: Mapping[str, str] = os.environ  # noqa: TID251 - handed on to the child
    with log.open("ab") as output:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *arguments],
            env={**given, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(8)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def product(
    dsn: str, key: Path, folder: Path, *, redis_url: str = "", rabbitmq_url: str = "", projector: bool = True,
    per_address: int = 256,
) -> Iterator[int]:  # fmt: skip
    """Serve the product on a database; yields the port. Its access log goes to a file, as in production."""
    port = free_port()
    environment = {
        "DATABASE_URL": dsn,
        "REDIS_URL": redis_url,
        "RABBITMQ_URL": rabbitmq_url,
        "PORT": str(port),
        "FRANKENJET_SIGNING_KEY_FILE": str(key),
        "FRANKENJET_LIMITS": LIMITS,
        "FRANKENJET_CONNECTIONS_PER_ADDRESS": str(per_address),
    }
    with process("-m", "scripts.main", "serve", log=folder / "serve.log", **environment):
        if projector:
            with process("-m", "scripts.main", "project", log=folder / "project.log", **environment):
                answers(port)
                yield port
        else:
            answers(port)
            yield port


@contextmanager
def process_of_product(dsn: str, key: Path, folder: Path, **environment: str) -> Iterator[tuple[int, int]]:
    """Serve the product by one process; yields its pid and the port."""
    port = free_port()
    given = {
        "DATABASE_URL": dsn,
        "REDIS_URL": "",
        "RABBITMQ_URL": "",
        "PORT": str(port),
        "FRANKENJET_SIGNING_KEY_FILE": str(key),
    }
    with process("-m", "scripts.main", "serve", log=folder / "serve.log", **given, **environment) as running:
        answers(port)
        yield running.pid, port


@contextmanager
def floor(name: str, folder: Path, body: bytes = b"") -> Iterator[int]:
    """Serve a floor of scripts.bench.rig.bare by the same server as the product; yields the port."""
    port = free_port()
    encoded = base64.b64encode(body).decode()
    with process(
        "-m",
        "scripts.bench.rig.bare",
        name,
        str(port),
        log=folder / "floor.log",
        FRANKENJET_BENCH_BODY=encoded,
    ):
        answers(port)
        yield port


def answers(port: int, seconds: float = 20) -> None:
    """Wait until something listens on a port; TimeoutError when nothing does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")
