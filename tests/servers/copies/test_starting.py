"""A copy bears what a process bears that is started the usual way, also after its end."""

import os
import signal

import psutil
import pytest

from kit.running.processes import wait_until
from tests.servers.copies.starting import send_to_session, start


@pytest.mark.parametrize("executed", [False, True])
def test_what_has_ended_by_itself_can_still_be_sent_a_signal(*, executed: bool) -> None:
    process = start("scripts.main", ["--version"], {"PATH": os.defpath}, executed=executed)
    assert wait_until(lambda: _has_ended(process.pid), 30)
    for _ in range(2):
        send_to_session(process, signal.SIGKILL)
        process.send_signal(signal.SIGKILL)
        assert 0 == process.wait(30)


def _has_ended(pid: int) -> bool:
    """Say so also while nobody has asked how."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("executed", [False, True])
def test_what_has_just_been_started_can_be_sent_a_signal(*, executed: bool) -> None:
    for _ in range(3 if executed else 30):
        process = start("scripts.main", ["--version"], {"PATH": os.defpath}, executed=executed)
        send_to_session(process, signal.SIGKILL)
        assert -signal.SIGKILL == process.wait(30)
