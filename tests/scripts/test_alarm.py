"""Somebody is told of a projector that died or froze, by the mail of another process, within 35 seconds."""

import os
import signal
import time
from pathlib import Path

import pytest

from kit.running.processes import wait_until
from tests.given.lives import random_lives, store
from tests.servers.processes import processes
from tests.servers.running import settings_for

WITHIN = 35.0
"""Seconds: thirty of standing still, and five more."""


@pytest.mark.prove
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_operators_are_told_of_a_projector_that_stands_still(
    database: str, tmp_path: Path, how: signal.Signals
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with processes(
        settings_for(database, tmp_path), tmp_path,
        FRANKENJET_STATE=str(state), FRANKENJET_ALARM_MAIL="operators@example.org",
    ) as running:  # fmt: skip
        projector = running.start("project")
        assert wait_until(lambda: "projection.current" in (tmp_path / "project.log").read_text(), 30)
        running.start("alarm")
        assert not wait_until(lambda: any((state / "mail").glob("*.eml")), 5), "all is well"
        os.kill(projector.pid, how)
        began = time.monotonic()
        await store(database, random_lives(1, articles=1, steps=2))

        def told() -> bool:
            return any("To: operators@" in one.read_text() for one in (state / "mail").glob("*.eml"))

        assert wait_until(told, WITHIN + 10), (tmp_path / "alarm.log").read_text()
        assert time.monotonic() - began <= WITHIN
        if how == signal.SIGSTOP:
            os.kill(projector.pid, signal.SIGCONT)
