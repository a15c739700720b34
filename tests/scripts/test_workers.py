"""`serve --workers` as processes: one port, one log; who dies is replaced, and nobody outlives the parent."""

import asyncio
import json
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from kit.running.processes import wait_until
from scripts.workers import Workers
from tests.servers.processes import Processes, free_port, processes
from tests.servers.running import settings_for

COUNT = 2


@pytest.fixture
def internal() -> int:
    """The first of two neighbouring ports that are free."""
    while True:
        found = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", found + 1))
            except OSError:
                continue
        return found


@pytest.fixture
def running(database: str, tmp_path: Path, internal: int) -> Iterator[Processes]:
    settings = settings_for(database, tmp_path, redis_url="")
    with processes(settings, tmp_path, FRANKENJET_INTERNAL_PORT=str(internal)) as found:
        yield found


def answers(port: int, path: str = "/livez") -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code in {200, 503}
    except httpx2.HTTPError:
        return False


def all_answer(internal: int) -> bool:
    return all(answers(internal + number) for number in range(COUNT))


def workers(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.prove)])
def test_each_of_them_serves_is_ready_and_tells_its_figures_and_all_end_in_order_with_their_parent(
    running: Processes, internal: int, tmp_path: Path, number: signal.Signals
) -> None:
    process = running.start("serve", "--workers", str(COUNT))
    assert wait_until(lambda: all_answer(internal), 40)
    for one in range(COUNT):
        assert answers(internal + one, "/readyz")
        assert answers(internal + one, "/metrics")
    for _ in range(40):  # each on a connection of its own, so that both get some
        assert answers(running.port)
    family = workers(process.pid)
    process.send_signal(number)
    assert process.wait(30) == 0
    assert [] == [one for one in family if one.is_running()]
    said = [json.loads(line) for line in (tmp_path / "serve.log").read_text().splitlines()]
    assert len([one for one in said if one["event"] == "request" and one["path"] == "/livez"]) >= 40


def test_one_that_dies_is_replaced_while_the_port_stays_open_and_all_end_when_their_parent_is_killed(
    running: Processes, internal: int
) -> None:
    process = running.start("serve", "--workers", str(COUNT))
    assert wait_until(lambda: all_answer(internal), 40)
    first, second = workers(process.pid)
    first.kill()
    assert wait_until(lambda: answers(running.port), 30)
    assert wait_until(lambda: first.pid not in {one.pid for one in workers(process.pid)}, 30)
    assert wait_until(lambda: all_answer(internal), 40)
    assert second.is_running()
    family = workers(process.pid)
    process.kill()
    process.wait(30)
    assert wait_until(lambda: not any(one.is_running() for one in family), 30)
    assert not answers(running.port)


def test_what_none_of_them_can_begin_with_ends_the_parent(
    database: str, tmp_path: Path, internal: int
) -> None:
    settings = settings_for(database, tmp_path, redis_url="")
    with processes(settings, tmp_path) as found:
        found.start("serve", "--workers", str(COUNT))
        assert found.wait("serve", 20) == 2
    assert "FRANKENJET_INTERNAL_PORT" in (tmp_path / "serve.log").read_text()
    with (
        socket.create_server(("127.0.0.1", internal + 1)),
        processes(settings, tmp_path, FRANKENJET_INTERNAL_PORT=str(internal)) as found,
    ):
        found.start("serve", "--workers", str(COUNT))
        assert found.wait("serve", 20) == 2


@pytest.mark.prove
def test_one_that_cannot_be_started_is_started_once_the_machine_has_room(
    running: Processes, internal: int, tmp_path: Path
) -> None:
    process = running.start("serve", "--workers", str(COUNT))
    assert wait_until(lambda: all_answer(internal), 40)
    parent = psutil.Process(process.pid)
    before = parent.rlimit(psutil.RLIMIT_NOFILE)
    parent.rlimit(psutil.RLIMIT_NOFILE, (3, before[1]))
    workers(process.pid)[0].kill()
    log = tmp_path / "serve.log"
    assert wait_until(lambda: "Too many open files" in log.read_text(), 30)
    parent.rlimit(psutil.RLIMIT_NOFILE, before)
    assert wait_until(lambda: all_answer(internal), 40)


def test_what_nobody_expected_ends_the_parent_with_an_error(
    database: str, tmp_path: Path, internal: int
) -> None:
    class Broken(Workers):
        async def _start(self, number: int) -> Process:
            raise RuntimeError(f"of {number}")

    async def run() -> None:
        settings = settings_for(database, tmp_path, port=free_port(), internal_port=internal)
        async with asyncio.timeout(20):
            await Broken(settings, COUNT).run()

    with pytest.raises(RuntimeError, match="of 0"):
        asyncio.run(run())
