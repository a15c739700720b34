"""A process that was told to end does so once: signals that come while it ends change nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.running.processes import wait_until
from tests.scripts.test_serve import listens
from tests.servers.processes import Processes, processes
from tests.servers.running import settings_for

SLOW_END = """
import atexit, pathlib, time

def late():
    pathlib.Path({place!r}).touch()
    time.sleep(0.5)

atexit.register(late)
"""
"""What Python loads by itself in each process: it makes the end of the interpreter last."""


@pytest.fixture
def running(database: str, tmp_path: Path) -> Iterator[Processes]:
    (tmp_path / "sitecustomize.py").write_text(SLOW_END.format(place=str(tmp_path / "late")))
    state = str(tmp_path / "state")
    with processes(
        settings_for(database, tmp_path), tmp_path, executed=True,
        PYTHONPATH=str(tmp_path), FRANKENJET_STATE=state, SAMPLE="0",
    ) as found:  # fmt: skip
        yield found


def _wait_for(verb: str, running: Processes, folder: Path) -> None:
    """Return when a verb is at work."""
    log = folder / f"{verb}.log"

    def is_at_work() -> bool:
        return "projection.current" in log.read_text() if verb == "project" else listens(running.port)

    assert wait_until(is_at_work, 30), log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.prove)])
@pytest.mark.parametrize("verb", ["serve", "project", "up"])
def test_a_closed_terminal_ends_nothing_that_nohup_started_and_a_second_signal_at_its_end_changes_nothing(
    running: Processes, tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does it
    try:
        process = running.start(verb)
    finally:
        signal.signal(signal.SIGHUP, before)
    _wait_for(verb, running, tmp_path)
    process.send_signal(signal.SIGHUP)
    assert not wait_until(lambda: process.poll() is not None, 1)
    process.send_signal(number)
    assert wait_until((tmp_path / "late").exists, 30)
    process.send_signal(number)
    assert process.wait(30) == 0
