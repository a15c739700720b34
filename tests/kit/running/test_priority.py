"""A process of ours that gives way does so to every session of the machine, not to its own alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from kit.checkout import ROOT

PROGRAM = """
import os
from pathlib import Path
from kit.running.priority import give_way
of_session = Path("/proc/self/autogroup")
def told():
    # nothing: no such thing, or this session is one that the system began with
    return of_session.read_text().split()[-1:] if of_session.exists() else []
before = told()
give_way(7)
print(os.getpriority(os.PRIO_PROCESS, 0), *before, *told())
"""
OF_SESSION = Path("/proc/self/autogroup")


@pytest.mark.parametrize("leads", [True, False])
def test_where_cores_are_shared_among_sessions_its_own_gives_way_if_it_leads_it(*, leads: bool) -> None:
    before = _of_this_session()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True,
        start_new_session=leads,
    )  # fmt: skip
    own, *of_session = ran.stdout.split()
    assert "7" == own
    if of_session:
        assert ["0", "7"] == of_session if leads else [before.split()[-1]] * 2 == of_session
    assert before == _of_this_session()


def _of_this_session() -> str:
    """Return what is said of it; empty where cores are not shared among sessions, or not with this one."""
    return OF_SESSION.read_text("ascii") if OF_SESSION.exists() else ""
