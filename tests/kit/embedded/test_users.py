"""As whom the embedded servers run, and what they leave alone on the machine."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from kit.embedded.home import ELSEWHERE, NUMBERS, Home, bring, home
from kit.embedded.postgres import Postgres
from kit.embedded.sockets import socket_folder
from kit.embedded.state import EmbeddedError, StateFolder, open_state
from kit.embedded.valkey import Valkey
from kit.running.processes import marked
from tests.kit.embedded.conftest import SHORT, MakeState

PROGRAM = (
    "import sys; from pathlib import Path\n"
    "from kit.embedded.state import EmbeddedError, open_state; from kit.embedded.postgres import Postgres\n"
    "try:\n"
    "    with Postgres(open_state(Path(sys.argv[1]))) as server: print(server.outcome, server.dsn)\n"
    "except EmbeddedError as refusal: sys.exit(str(refusal))\n"
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
user_only = pytest.mark.skipif(os.geteuid() == 0, reason="root's servers do not run as root")


def _python_of(uid: int) -> str:
    """Return a Python that this user can run; our own may stand in a closed home."""
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            if _as(uid, [python, "-c", "import kit"]).returncode == 0:
                return python
    return pytest.skip("no Python here can be run by an ordinary user, or it cannot read the checkout")


def _as(uid: int, argv: list[str], packages: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": f"{ROOT}:{packages}", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def _folder_of(uid: int, open_folder: Path) -> Path:
    folder = open_folder / f"of-{uid}"
    folder.mkdir(mode=0o700)
    os.chown(folder, uid, uid)
    return folder


@root_only
def test_an_ordinary_user_can_run_it(open_folder: Path) -> None:
    uid = pwd.getpwnam("games").pw_uid
    folder = _folder_of(uid, open_folder)
    ran = _as(uid, [_python_of(uid), "-c", PROGRAM, str(folder / "state")], sysconfig.get_path("purelib"))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"started postgresql://frankenjet@/frankenjet?host={folder}")
    assert (folder / "state" / "postgres" / "data").stat().st_uid == uid


@root_only
def test_without_the_wheel_the_machines_own_postgresql_serves(open_folder: Path) -> None:
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("this machine has no PostgreSQL of its own")
    uid = pwd.getpwnam("man").pw_uid
    folder = _folder_of(uid, open_folder)
    python = _python_of(uid)
    if python == sys.executable:
        pytest.skip("the wheel is installed beside every Python here")
    ran = _as(uid, [python, "-c", PROGRAM, str(folder / "state")])
    assert ran.returncode == 0, ran.stderr
    assert (folder / "state" / "postgres" / "data" / "PG_VERSION").exists()


@root_only
def test_a_user_without_a_name_is_told_why_it_cannot_be(open_folder: Path) -> None:
    uid = 54321
    folder = _folder_of(uid, open_folder)
    ran = _as(uid, [_python_of(uid), "-c", PROGRAM, str(folder / "state")], sysconfig.get_path("purelib"))
    assert ran.returncode == 1
    assert "uid 54321 is not" in ran.stderr


@root_only
def test_a_folder_of_root_is_refused_to_a_user_in_one_line(state: StateFolder) -> None:
    uid = pwd.getpwnam("games").pw_uid
    ran = _as(uid, [_python_of(uid), "-c", PROGRAM, str(state.folder)])
    assert ran.returncode == 1
    assert ran.stderr.startswith("the state folder")
    assert ran.stderr.count("\n") == 1


@root_only
def test_root_keeps_data_that_others_could_not_reach_in_a_folder_named_in_the_state(
    make_state: MakeState, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    state = make_state(tmp_path / "state")
    with Postgres(state):
        place = Path((state.folder / "elsewhere").read_text().strip())
        assert place.parent == ELSEWHERE
        assert (place / "postgres" / "data").stat().st_uid in NUMBERS
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert home(state).folder == place
    shutil.move(state.folder, tmp_path / "moved")
    again = make_state(tmp_path / "state")
    assert home(again).folder != place
    assert home(make_state(tmp_path / "moved")).folder == place


@root_only
def test_programs_that_the_lesser_user_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    target = tmp_path / "home"
    target.mkdir()
    place = Home(target, (nobody.pw_uid, nobody.pw_gid))
    assert not place.reaches(program)
    copy = bring(place, "programs", {"program": program}) / "program"
    assert copy.stat().st_mode & 0o777 == 0o755
    first = copy.stat().st_ino
    assert (bring(place, "programs", {"program": program}) / "program").stat().st_ino == first
    program.write_text("#!/bin/sh\nexit 0\n")
    assert (bring(place, "programs", {"program": program}) / "program").read_text().endswith("exit 0\n")


def test_a_path_too_long_for_a_socket_gives_way_to_the_logins_own_folder(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = open_state(open_folder / "short")
    place = Home(state.folder, None)
    far = state.folder / ("x" * 120)
    assert socket_folder(state, place, state.folder, "socket") == state.folder
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_folder))
    assert socket_folder(state, place, far, "socket").parent == open_folder
    for unfit in ("", "relative", str(far), str(open_folder / "absent")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", unfit)
        run = socket_folder(state, place, state.folder / "a,b", "socket")
        assert run.parent == SHORT
        run.rmdir()


def test_a_socket_folder_that_somebody_else_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = open_state(tmp_path / "state")
    place = home(state) if os.geteuid() else Home(state.folder, None)
    far = tmp_path / ("x" * 120)
    run = SHORT / f"frankenjet-run-{os.geteuid()}-{state.key}"
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    run.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedError, match="somebody else"):
            socket_folder(state, place, far, "socket")
        run.unlink()
        run.mkdir(mode=0o755)
        with pytest.raises(EmbeddedError, match="somebody else"):
            socket_folder(state, place, far, "socket")
        run.chmod(0o700)
        assert socket_folder(state, place, far, "socket") == run
        if os.geteuid() == 0:
            os.chown(run, 12345, 12345)
            with pytest.raises(EmbeddedError, match="somebody else"):
                socket_folder(state, place, far, "socket")
    finally:
        run.unlink() if run.is_symlink() else run.rmdir()


@root_only
def test_roots_servers_run_under_a_number_that_no_other_program_has(state: StateFolder) -> None:
    with Postgres(state), Valkey(state) as valkey:
        number = home(state).uid
        assert number in NUMBERS
        assert valkey.outcome == "started"
        for part in ("postgres", "valkey"):
            assert {number} == {Path(f"/proc/{pid}").stat().st_uid for pid in marked(state.mark(part))}
    with pytest.raises(KeyError):
        pwd.getpwuid(number)
    with Postgres(state):
        assert home(state).uid == number


@root_only
def test_nobody_but_ourselves_gets_in_not_even_who_may_come_to_the_socket(state: StateFolder) -> None:
    program = "import psycopg, sys; psycopg.connect(sys.argv[1])"
    packages = sysconfig.get_path("purelib")
    with Postgres(state) as server:
        psycopg.connect(server.dsn).close()
        for uid in (pwd.getpwnam("nobody").pw_uid, home(state).uid):
            ran = _as(uid, [_python_of(uid), "-c", program, server.dsn], packages)
            assert "OperationalError" in ran.stderr
    assert "Peer authentication failed" in ran.stderr


@root_only
def test_data_of_an_earlier_version_which_ran_as_nobody_and_let_in_everybody_are_taken_over(
    state: StateFolder,
) -> None:
    with Postgres(state) as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("create table earlier as select 1 as n")
    room = home(state).room("postgres")
    shutil.chown(room, "nobody")
    for path in room.rglob("*"):
        shutil.chown(path, "nobody")
    room.chmod(0o700)
    (room / "data" / "pg_hba.conf").write_text("local all all trust\n")
    (state.folder / "runs-as").unlink()
    with Postgres(state) as server:
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("select n from earlier").fetchall() == [(1,)]
            rules = connection.execute("select auth_method from pg_hba_file_rules").fetchall()
        assert rules == [("peer",)]
        assert {home(state).uid} == {path.stat().st_uid for path in (room, *room.rglob("*"))}


@user_only
def test_a_user_keeps_everything_in_the_state_folder(state: StateFolder) -> None:
    with Postgres(state):
        assert home(state) == Home(state.folder, None)
        assert (state.folder / "postgres" / "data").stat().st_uid == os.geteuid()
