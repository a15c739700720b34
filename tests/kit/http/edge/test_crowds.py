"""Many connections that take room and give nothing: who is not one of them is served all the same."""

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from kit.running.processes import wait_until
from tests.kit.http.application import LARGE
from tests.kit.http.conftest import Server, served

HOST = b"Host: test\r\n"
ASKED = b"GET /v1/things/large HTTP/1.1\r\n" + HOST + b"\r\n"
SIMPLE = b"GET /v1/things HTTP/1.1\r\n" + HOST + b"\r\n"
CROWD = 300


@contextmanager
def crowd(server: Server, sent: bytes, size: int = CROWD) -> Iterator[list[socket.socket]]:
    """Connect often, send the same, and never read."""
    with ExitStack() as stack:
        everybody = []
        for _ in range(size):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(5)
            one.connect(("127.0.0.1", server.port))
            one.sendall(sent)
            everybody.append(one)
        yield everybody


def memory(server: Server) -> float:
    """Return the megabytes that the server has in memory."""
    return float(psutil.Process(server.process.pid).memory_info().rss) / 1e6


def held(server: Server) -> int:
    """Return how many connections it holds."""
    return sum(one.status == "ESTABLISHED" for one in psutil.Process(server.process.pid).net_connections())


def is_answered(server: Server, source: str = "127.0.0.1") -> bool:
    try:
        return server.say(SIMPLE, wait=1, linger=0, source=source)[0] == 200
    except OSError:
        return False


@contextmanager
def trickling(port: int, size: int = 800) -> Iterator[None]:
    """Hold as many connections as there are, send a byte on each again and again, and come back when cut."""
    ended = threading.Event()

    def again() -> socket.socket:
        one = socket.socket()
        one.setblocking(False)  # noqa: FBT003 - as it is called
        with suppress(BlockingIOError):
            one.connect(("127.0.0.1", port))
        return one

    def trickle() -> None:
        everybody = [again() for _ in range(size)]
        begun: set[socket.socket] = set()
        while not ended.wait(0.2):
            for number, one in enumerate(everybody):
                try:
                    one.send(b"a" if one in begun else b"GET /v1/things HTTP/1.1\r\nHost: te")
                    begun.add(one)
                except BlockingIOError:
                    continue
                except OSError as error:
                    if error.errno != errno.ENOTCONN:
                        begun.discard(one)
                        one.close()
                        everybody[number] = again()
        for one in everybody:
            one.close()

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("sent", [b"", b"GET /v1/things HTTP/1.1\r\nHost: te", ASKED * 4])
def test_a_crowd_that_would_fill_the_server_gives_way_to_others(tmp_path: Path, sent: bytes) -> None:
    options = ("--connections", "256", "--per-address", "100", "--head-seconds", "60")
    with served(tmp_path / "log", *options) as server, crowd(server, sent):
        began = time.monotonic()
        assert wait_until(lambda: is_answered(server), 30)
        assert time.monotonic() - began < 20


def test_a_crowd_that_moves_all_the_time_gives_way_as_well(tmp_path: Path) -> None:
    options = ("--connections", "256", "--per-address", "100", "--head-seconds", "60")
    with served(tmp_path / "log", *options) as server, trickling(server.port):
        time.sleep(1)
        answered = [is_answered(server, "127.0.0.2") for _ in range(8)]
    assert sum(answered) >= 6


def test_who_never_reads_is_cut_when_nothing_has_moved_for_long(tmp_path: Path) -> None:
    options = ("--still", "2", "--per-address", "30")
    with served(tmp_path / "log", *options) as server, crowd(server, ASKED, 20):
        assert wait_until(lambda: held(server) == 20, 30)
        began = time.monotonic()
        assert wait_until(lambda: held(server) == 0, 30)
        assert time.monotonic() - began > 1


def test_large_answers_that_nobody_reads_are_not_kept_whole(tmp_path: Path) -> None:
    with served(tmp_path / "log") as server:
        assert server.say(ASKED)[0] == 200
        before = memory(server)
        with crowd(server, ASKED * 4):
            assert is_answered(server)
            grown = memory(server) - before
    assert grown < CROWD * 0.2


def test_a_large_answer_comes_whole(server: Server) -> None:
    status, came, closed = server.say(ASKED)
    assert (status, closed) == (200, False)
    assert came.partition(b"\r\n\r\n")[2] == LARGE
