"""Processes of our own: they are known by their mark, and nothing of them stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit.running.processes import MARK, Child, carries, end, marked, send, shorten, spawn, tail, wait_until

ENV = dict(os.environ)  # noqa: TID251 - this Python may need some of it to start

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True); time.sleep(60)"
)
WITH_HEIR = "import os, time; print('up', flush=True); os.fork(); time.sleep(60)"


@pytest.fixture
def mark(tmp_path: Path) -> str:
    return f"frankenjet-test-{os.getpid()}-{tmp_path.name}"


def _child(mark: str, log: Path, program: str) -> Child:
    return Child("part", [sys.executable, "-X", f"frankenjet={mark}", "-c", program], log, mark, ENV)


def _started(child: Child) -> Child:
    child.start()
    assert wait_until(lambda: "up" in tail(child.log), 30)
    return child


def test_a_process_is_found_by_its_mark_until_it_dies(mark: str, tmp_path: Path) -> None:
    child = _started(_child(mark, tmp_path / "log", "import time; print('up', flush=True); time.sleep(60)"))
    assert child.process is not None
    assert marked(mark) == [child.process.pid]
    assert not carries(os.getpid(), mark)
    send(marked(mark), signal.SIGKILL)
    assert wait_until(lambda: not marked(mark), 30)
    os.kill(child.process.pid, 0)  # a zombie answers still
    assert not child.alive()


def test_it_lives_in_a_session_of_its_own_and_writes_to_its_log(mark: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn(
        [sys.executable, "-c", "import os; print(os.getsid(0), flush=True)"], log=log, env={**ENV, MARK: mark}
    )
    process.wait()
    assert tail(log) == str(process.pid)
    assert log.stat().st_mode & 0o777 == 0o600


def test_one_that_will_not_end_is_killed(mark: str, tmp_path: Path) -> None:
    child = _started(_child(mark, tmp_path / "log", STUBBORN))
    began = time.monotonic()
    child.stop(0.2)
    assert time.monotonic() - began < 10
    assert not child.alive()
    assert marked(mark) == []


def test_what_a_child_leaves_behind_goes_with_it(mark: str, tmp_path: Path) -> None:
    child = _started(_child(mark, tmp_path / "log", WITH_HEIR))
    assert wait_until(lambda: len(marked(mark)) == 2, 30)
    child.stop(1)
    assert wait_until(lambda: marked(mark) == [], 30)


def test_a_new_start_clears_what_a_killed_one_left(mark: str, tmp_path: Path) -> None:
    child = _started(_child(mark, tmp_path / "log", WITH_HEIR))
    assert wait_until(lambda: len(marked(mark)) == 2, 30)
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    (heir,) = marked(mark)
    child.start()
    assert wait_until(lambda: not carries(heir, mark), 30)
    child.stop(1)


def test_orphans_are_ended_and_strangers_left_alone(mark: str, tmp_path: Path) -> None:
    orphan = _started(_child(mark, tmp_path / "log", STUBBORN))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", mark]) as stranger:
        assert orphan.process is not None
        assert end(mark, 0.2) == [orphan.process.pid]
        assert orphan.process.wait(30) == -signal.SIGKILL
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_log_begins_again_and_keeps_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("line\n" * 40_000 + "the last one\n")
    shorten(log, limit=100_000)
    assert log.stat().st_size == 0
    assert (tmp_path / "log.old").read_text().endswith("the last one\n")
    log.write_text("short\n")
    shorten(log, limit=100_000)
    assert tail(log) == "short"
