"""An S3 on a port of its own: moto's server, in a process of its own."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from kit.ids import new_id
from kit.storage.place import S3Place
from tests.servers.processes import free_port


class S3InMemory:
    """A server at one address, running or not: moto. What is killed comes back with nothing in it.

    It proves that we speak S3: objects, ranges, multipart uploads, lists, forms. It looks at no signature and
    at no policy of a form: what a form allows is proved by what is signed in it.
    """

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait_for(f"{self.url}/moto-api/")

    def kill(self) -> None:
        """End it without a word, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def running_s3() -> Iterator[str]:
    """Yield the address of a server that was just started."""
    server = S3InMemory()
    try:
        server.start()
        yield server.url
    finally:
        server.kill()


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own address
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the S3 does not answer")


def fresh_bucket(endpoint: str) -> S3Place:
    """Return a bucket that nobody has, at an address that may hold key and secret; it is not made yet."""
    parts = urlsplit(endpoint)
    name = f"fjtest-{new_id().hex[-16:]}"
    return S3Place(
        bucket=name,
        endpoint=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        access_key=parts.username or "fjtest",
        secret_key=parts.password or "fjtest-secret",
    )
