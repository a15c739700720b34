"""A state folder that is removed under `up`: said at once, everything is stopped, and nothing lives on."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from kit.running.processes import marked, wait_until
from tests.servers.up import Up


def remove(folder: Path) -> None:
    """Remove a folder whose servers go on writing into it, as `rm -rf` does when it is asked again."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def data_of(up: Up) -> Path:
    """Return the folder of the database: root's servers may have theirs elsewhere."""
    pointer = up.state.folder / "elsewhere"
    return Path(pointer.read_text().strip()) if pointer.exists() else up.state.folder


@pytest.mark.parametrize("part", ["all of it", pytest.param("the data", marks=pytest.mark.prove)])
def test_a_state_folder_that_is_removed_stops_everything_and_is_said_in_one_line(
    part: str, open_folder: Path
) -> None:
    up = Up(open_folder, SAMPLE="0")
    with up.ready() as run:
        before = up.said
        data = data_of(up) / "postgres" / "data"
        remove(up.state.folder if part == "all of it" else data)
        began = time.monotonic()
        assert wait_until(lambda: "removed while" in up.said or run.poll() is not None, 30)
        assert time.monotonic() - began < 15, up.said
        assert 2 == run.wait(timeout=30)
        lines = up.said.removeprefix(before).splitlines()
        assert ["frankenjet: the "] == [line[:16] for line in lines], lines
    assert [] == marked(up.state.mark(""))


@pytest.mark.prove
def test_ctrl_c_stops_everything_also_when_the_state_folder_is_gone(open_folder: Path) -> None:
    up = Up(open_folder, SAMPLE="0")
    with up.ready() as run:
        run.send_signal(signal.SIGSTOP)  # so that it notices both at the same time
        remove(up.state.folder)
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGCONT)
        assert run.wait(timeout=30) in {0, 2}
        assert "Traceback" not in up.said
    assert [] == marked(up.state.mark(""))
