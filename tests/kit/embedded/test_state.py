"""The state folder: whose it is, and what its locks say."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kit.checkout import ROOT
from kit.embedded.state import EmbeddedError, open_state


def test_a_new_state_folder_is_closed_to_others(tmp_path: Path) -> None:
    state = open_state(tmp_path / "deep" / "state")
    assert state.folder.stat().st_mode & 0o777 == (0o700 if os.geteuid() else 0o711)
    assert open_state(tmp_path / "deep" / "state") == state


def test_a_folder_of_somebody_else_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 12345, 12345)
    else:
        folder = Path("/usr")
    with pytest.raises(EmbeddedError, match="belongs to") as refusal:
        open_state(folder)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(EmbeddedError, match="chmod go-w"):
        open_state(folder)


def test_a_file_is_no_state_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="not a folder"):
        open_state(tmp_path / "file")
    with pytest.raises(EmbeddedError, match="cannot be used"):
        open_state(tmp_path / "file" / "below")


def test_a_lock_is_held_by_one_or_shared_by_many(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state")
    first, second = state.lock("up"), state.lock("up")
    assert first.take(shared=True)
    assert second.take(shared=True)
    assert not second.take()
    assert first.take()
    first.note("http://127.0.0.1:8000")
    assert not second.take(wait=0.05)
    assert second.read_note() == "http://127.0.0.1:8000"
    first.release()
    assert second.take()
    second.release()


def test_a_lock_ends_with_its_holder_however_that_dies(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state")
    program = (
        "import sys; from pathlib import Path; from kit.embedded.state import open_state\n"
        "lock = open_state(Path(sys.argv[1])).lock('up'); print(lock.take(), flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", program, str(state.folder)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        lock = state.lock("up")
        assert not lock.take()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert lock.take()
        lock.release()


def test_two_folders_never_share_a_mark(tmp_path: Path) -> None:
    one, other = open_state(tmp_path / "one"), open_state(tmp_path / "другая")
    assert one.mark("serve") != other.mark("serve")
    assert other.mark("serve").isascii()
