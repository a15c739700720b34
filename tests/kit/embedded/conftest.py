"""State folders of the tests' own, which leave neither a process nor a folder behind."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kit.embedded.home import ELSEWHERE
from kit.embedded.state import StateFolder, open_state
from kit.running.processes import marked, send

SHORT = Path("/tmp")  # noqa: S108 - where paths are short and folders open

type MakeState = Callable[[Path], StateFolder]


def _clear(state: StateFolder) -> None:
    send(marked(state.mark("")), signal.SIGKILL)
    pointer = state.folder / "elsewhere"
    if pointer.exists():
        shutil.rmtree(pointer.read_text().strip())
    for run in SHORT.glob(f"frankenjet-run-*-{state.key}"):
        shutil.rmtree(run)
    shutil.rmtree(state.folder, ignore_errors=True)  # it may have been opened twice
    with suppress(OSError):  # absent, or not empty: somebody else's
        ELSEWHERE.rmdir()


@pytest.fixture(scope="module")
def make_state(open_folder: Path) -> Iterator[MakeState]:  # noqa: ARG001 - cleared before that is
    """Open state folders that are cleared away when the module is done."""
    made: list[StateFolder] = []

    def make(folder: Path) -> StateFolder:
        made.append(open_state(folder))
        return made[-1]

    yield make
    for state in made:
        _clear(state)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """Make a folder that every user of the machine may pass through."""
    with tempfile.TemporaryDirectory(prefix="fjtest-", dir=SHORT) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def state(make_state: MakeState, open_folder: Path) -> StateFolder:
    """One state folder for the tests of a module that leave its servers stopped."""
    return make_state(open_folder / "state")
