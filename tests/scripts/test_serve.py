"""`serve` as a process: it ends when it is told to, leaves nothing behind, and says everything in JSON."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kit.running.processes import wait_until
from tests.adversaries.prove import rounds
from tests.servers.processes import Processes, processes
from tests.servers.running import settings_for


@pytest.fixture
def running(database: str, tmp_path: Path) -> Iterator[Processes]:
    with processes(settings_for(database, tmp_path, redis_url=""), tmp_path) as found:
        yield found


@pytest.fixture
def executed(database: str, tmp_path: Path) -> Iterator[Processes]:
    """Processes that are told to end as a new Python is, which begins by loading the product."""
    settings = settings_for(database, tmp_path, redis_url="")
    with processes(settings, tmp_path, executed=True) as found:
        yield found


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def lines(folder: Path) -> list[str]:
    return (folder / "serve.log").read_text().splitlines()


def test_nothing_of_it_outlives_its_kill(running: Processes) -> None:
    process = running.start("serve")
    assert wait_until(lambda: listens(running.port), 30)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait(30)
    assert wait_until(lambda: not listens(running.port), 30)
    assert [] == [one for one in family if one.is_running()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_in_order_when_it_is_told_to(
    executed: Processes, tmp_path: Path, number: signal.Signals
) -> None:
    process = executed.start("serve")
    assert wait_until(lambda: listens(executed.port), 30)
    process.send_signal(number)
    assert process.wait(30) == 0
    assert [json.loads(line) for line in lines(tmp_path)] == []


def test_many_signals_at_once_end_it_as_one_does(running: Processes) -> None:
    process = running.start("serve")
    assert wait_until(lambda: listens(running.port), 30)
    for _ in range(50):
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_a_hundred_stops_at_any_moment_end_every_time(executed: Processes) -> None:
    for attempt in range(rounds(100)):
        process = executed.start("serve")
        if attempt % 4:
            assert wait_until(lambda: listens(executed.port), 30)
        time.sleep((attempt * 37 % 50) / 100 if attempt % 2 else 0)
        for _ in range((1, 2, 20)[attempt % 3]):
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) in ({0} if attempt % 4 else {0, -signal.SIGTERM})


def test_it_ends_although_somebody_never_reads(running: Processes) -> None:
    process = running.start("serve")
    assert wait_until(lambda: listens(running.port), 30)
    with socket.create_connection(("127.0.0.1", running.port)) as one:
        one.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: test\r\n\r\n" * 4)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_port_that_is_taken_is_one_line(running: Processes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", running.port)):
        running.start("serve")
        assert running.wait("serve", 20) == 2
    said = lines(tmp_path)
    assert len(said) == 1
    assert said[0].startswith(f"frankenjet: port {running.port} is taken or not open to us on 127.0.0.1")


def test_every_line_that_it_writes_is_json(running: Processes, tmp_path: Path) -> None:
    process = running.start("serve")
    assert wait_until(lambda: listens(running.port), 30)
    with socket.create_connection(("127.0.0.1", running.port)) as one:
        one.sendall(b"GET /nothing HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 404"
    process.terminate()
    assert process.wait(30) == 0
    assert [json.loads(line)["event"] for line in lines(tmp_path)] == ["request"]
