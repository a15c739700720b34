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
give_way(7)
of_session = Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), of_session.read_text().split()[-1] if of_session.exists() else "")
"""
OF_SESSION = Path("/proc/self/autogroup")


@pytest.mark.parametrize("leads", [True, False])
def test_where_cores_are_shared_among_sessions_its_own_gives_way_if_it_leads_it(*, leads: bool) -> None:
    before = _of_this_session()
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True,
        start_new_session=leads,
    )  # fmt: skip
    assert ["7", *(before and ["7" if leads else before])] == ran.stdout.split()
    assert before == _of_this_session()


def _of_this_session() -> str:
    """Return its niceness; empty: this system does not share cores among sessions."""
    return OF_SESSION.read_text("ascii").split()[-1] if OF_SESSION.exists() else ""
