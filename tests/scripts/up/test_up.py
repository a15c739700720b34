"""`frankenjet up` on a machine without any service: one command, one lock, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from kit.embedded.postgres import Postgres
from kit.embedded.state import StateFolder, open_state
from kit.running.processes import carries, end, marked, send, tail, wait_until
from scripts.sample import lives
from scripts.up.logins import LOGINS

OURS = ("DATABASE_URL", "REDIS_URL", "RABBITMQ_URL", "PORT", "FRANKENJET_")

type Run = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def state() -> Iterator[StateFolder]:
    """A state folder that the first run fills and the next ones find."""
    with tempfile.TemporaryDirectory(prefix="fjtest-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        state = open_state(Path(name) / "state")
        yield state
        send(marked(state.mark("")), signal.SIGKILL)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def _up(state: StateFolder, port: int) -> Run:
    env = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}  # noqa: TID251 - a person's environment
    with state.log("up").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "scripts.main", "up", "--state", str(state.folder)],
            cwd=ROOT,
            env=env | {"PORT": str(port)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _said(state: StateFolder) -> str:
    return tail(state.log("up"), lines=40)


class Living:
    """What runs on the folder: tests that need it running share it, since a start costs seconds."""

    def __init__(self, state: StateFolder, port: int) -> None:
        self._state = state
        self._port = port
        self._run: Run | None = None

    def run(self) -> Run:
        """Return it once it is up; start it when it is not."""
        if self._run is None or self._run.poll() is not None:
            self._run = _up(self._state, self._port)
        run = self._run
        assert wait_until(lambda: "is up" in _said(self._state) or run.poll() is not None, 60)
        assert run.poll() is None, _said(self._state)
        return run

    def stop(self) -> None:
        if self._run is not None:
            self._run.send_signal(signal.SIGINT)
            self._run.wait(30)


@pytest.fixture(scope="module")
def living(state: StateFolder, port: int) -> Iterator[Living]:
    found = Living(state, port)
    yield found
    found.stop()


def _get(port: int, path: str) -> tuple[int, bytes]:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def test_one_that_is_killed_while_it_loads_the_sample_is_finished_by_the_next(
    state: StateFolder, port: int, living: Living
) -> None:
    with _up(state, port) as run:
        assert wait_until(lambda: marked(state.mark("seed")) != [], 30)
        run.kill()
    living.run()
    status, body = _get(port, "/v1/articles?limit=100")
    assert (status, len(json.loads(body)["items"])) == (200, len(lives()))


def test_a_second_up_on_a_live_folder_says_so_and_stops(
    state: StateFolder, port: int, living: Living
) -> None:
    living.run()
    argv = [sys.executable, "-m", "scripts.main", "up", "--state", str(state.folder)]
    second = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert second.stderr == f"frankenjet: already up on {state.folder} (http://127.0.0.1:{port})\n"
    assert _get(port, "/readyz")[0] == 200


def test_no_process_is_a_superuser_of_the_database(state: StateFolder, port: int, living: Living) -> None:
    living.run()
    assert _get(port, "/metrics")[0] == 200
    with Postgres(state) as server, psycopg.connect(server.dsn) as owner:
        found = owner.execute(
            "select distinct r.rolname::text, r.rolsuper from pg_stat_activity s"
            " join pg_roles r on r.oid = s.usesysid"
            " where s.backend_type = 'client backend' and s.pid <> pg_backend_pid()"
        ).fetchall()
    assert {(login, False) for login in LOGINS.values()} == set(found)


def test_a_process_that_is_killed_is_replaced(state: StateFolder, living: Living) -> None:
    living.run()
    before = marked(state.mark("project"))
    send(before, signal.SIGKILL)
    assert wait_until(lambda: "project runs again." in _said(state), 30)
    assert wait_until(lambda: marked(state.mark("project")) not in ([], before), 30)


def test_after_its_own_kill_a_new_one_takes_over_with_everything(
    state: StateFolder, port: int, living: Living
) -> None:
    run = living.run()
    articles = _get(port, "/v1/articles")
    orphan = marked(state.mark("serve"))[0]
    run.kill()
    run.wait()
    assert carries(orphan, state.mark("serve"))
    living.run()
    assert "Ended `serve`" in _said(state)
    assert "PostgreSQL attached." in _said(state)
    assert not carries(orphan, state.mark("serve"))
    assert _get(port, "/v1/articles") == articles


def test_ctrl_c_stops_all_of_it_within_seconds_and_leaves_no_process(
    state: StateFolder, port: int, living: Living
) -> None:
    run = living.run()
    assert _get(port, "/readyz")[0] == 200
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=30) == 0
    assert time.monotonic() - began < 20
    assert marked(state.mark("")) == []


def test_a_port_that_is_asked_for_and_taken_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    new = open_state(tmp_path / "state")
    with socket.create_server(("127.0.0.1", 0)) as door, _up(new, int(door.getsockname()[1])) as run:
        assert run.wait(timeout=30) == 2
        assert "is taken" in _said(new)
    assert sorted(path.name for path in new.folder.iterdir()) == ["logs", "up.lock"]
    assert end(new.mark(""), 0) == []
