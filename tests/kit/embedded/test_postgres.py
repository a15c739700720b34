"""The embedded PostgreSQL: what it keeps, who shares it, and what kills it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from kit.embedded.cluster import read_pidfile
from kit.embedded.home import home
from kit.embedded.postgres import Postgres
from kit.embedded.state import EmbeddedError, StateFolder
from kit.running.processes import arguments, carries, marked, send, wait_until
from tests.kit.embedded.conftest import SHORT, MakeState


def _ask(dsn: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchall() if answer.description else []


def _running(state: StateFolder) -> list[bytes]:
    return [arguments(pid) for pid in marked(state.mark("postgres"))]


def test_what_was_stored_is_there_after_a_restart(state: StateFolder) -> None:
    with Postgres(state) as server:
        assert server.outcome == "started"
        _ask(server.dsn, "create table kept as select 144 as number")
    assert _running(state) == []
    with Postgres(state) as server:
        assert _ask(server.dsn, "select number from kept") == [(144,)]


def test_it_is_durable_and_listens_on_its_socket_only(state: StateFolder) -> None:
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
    }
    with Postgres(state) as server:
        found = {name: _ask(server.dsn, f"show {name}")[0][0] for name in wanted}
        rules = _ask(server.dsn, "select type, auth_method from pg_hba_file_rules")
        facts = read_pidfile(home(state).room("postgres") / "data")
        assert facts is not None
        assert facts.socket_folder.stat().st_mode & 0o077 == 0
    assert found == wanted
    assert rules == [("local", "peer")]


def test_cyrillic_is_folded_and_stemmed(state: StateFolder) -> None:
    with Postgres(state) as server:
        assert _ask(server.dsn, "select lower('САМОЛЁТ')") == [("самолёт",)]
        assert _ask(server.dsn, "select to_tsvector('russian', 'самолётов')::text") == [("'самолет':1",)]


def test_a_killed_server_comes_back_with_everything_acknowledged(state: StateFolder) -> None:
    first = Postgres(state)
    dsn = first.start()
    _ask(dsn, "create table acknowledged as select generate_series(1, 1000) as n")
    with psycopg.connect(dsn) as idle:
        facts = read_pidfile(home(state).room("postgres") / "data")
        assert facts is not None
        send([facts.pid], signal.SIGKILL)
        # Its parent, this process, does not reap it: its pid still answers to signals.
        assert wait_until(lambda: not carries(facts.pid, state.mark("postgres")), 30)
        os.kill(facts.pid, 0)
        began = time.monotonic()
        with Postgres(state) as second:
            assert second.outcome == "started"
            assert time.monotonic() - began < 20
            assert _ask(second.dsn, "select count(*) from acknowledged") == [(1000,)]
            assert not first.alive()
            assert not first.stop()
        with pytest.raises(psycopg.OperationalError):
            idle.execute("select 1")
    assert _running(state) == []


def test_who_finds_it_running_attaches_and_the_last_to_leave_stops_it(state: StateFolder) -> None:
    first, second = Postgres(state), Postgres(state)
    assert first.start() == second.start()
    assert (first.outcome, second.outcome) == ("started", "attached")
    assert not first.stop()
    assert _ask(second.dsn, "select 1") == [(1,)]
    assert second.stop()
    assert not first.alive()
    assert _running(state) == []


def test_who_attaches_to_a_server_that_recovers_waits_until_it_takes_connections(state: StateFolder) -> None:
    with Postgres(state) as server:
        for _ in range(5):
            with (
                psycopg.connect(server.dsn, autocommit=True) as killed,
                psycopg.connect(server.dsn, autocommit=True) as other,
            ):
                send([killed.info.backend_pid], signal.SIGKILL)
                # The server ends the others once it has noticed, and from then on it recovers.
                assert wait_until(lambda: not _lives(other), 30)
            with Postgres(state) as second:
                assert second.outcome == "attached"
                assert _ask(second.dsn, "select 1") == [(1,)]


def _lives(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def test_a_final_stop_waits_for_nobody(state: StateFolder) -> None:
    owner, guest = Postgres(state, final=True), Postgres(state)
    owner.start()
    guest.start()
    assert owner.stop()
    assert not guest.alive()
    assert guest.stop()


def test_a_pid_that_now_names_another_program_is_not_believed(state: StateFolder) -> None:
    with Postgres(state) as server:
        pidfile = home(state).room("postgres") / "data" / "postmaster.pid"
        lines = pidfile.read_text().splitlines()
        assert server.alive()
    user = home(state).user
    with subprocess.Popen(["sleep", "60"], user=None if user is None else user[0]) as other:
        pidfile.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        with Postgres(state) as server:
            assert server.outcome == "started"
        assert other.poll() is None
        other.kill()


def test_two_folders_live_side_by_side(state: StateFolder, make_state: MakeState, tmp_path: Path) -> None:
    """The second lies below a folder that is closed to others, as a home folder is, and stays so."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    other = make_state(closed / "state")
    with Postgres(state) as one, Postgres(other) as two:
        assert one.dsn != two.dsn
        _ask(two.dsn, "create table only_here (n int)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            _ask(one.dsn, "select * from only_here")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert _running(state) == []
    assert _running(other) == []


def test_two_starts_of_one_folder_make_one_server(make_state: MakeState, open_folder: Path) -> None:
    new = make_state(open_folder / "twice")
    program = (
        "import sys; from pathlib import Path\n"
        "from kit.embedded.state import open_state; from kit.embedded.postgres import Postgres\n"
        "with Postgres(open_state(Path(sys.argv[1]))) as server:\n"
        "    print(server.outcome, flush=True); sys.stdin.readline()"
    )
    argv = [sys.executable, "-c", program, str(new.folder)]
    starts = [
        subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = []
    for start in starts:
        assert start.stdout is not None
        said.append(start.stdout.readline().strip())
    for start in starts:
        start.communicate("\n", timeout=240)
    assert sorted(said) == ["attached", "started"]
    assert _running(new) == []


def test_a_long_path_with_spaces_and_cyrillic_is_fine(make_state: MakeState, open_folder: Path) -> None:
    folder = open_folder / ("очень длинный путь, " * 5) / "state"
    assert len(os.fsencode(folder)) > 150
    far = make_state(folder)
    with Postgres(far) as server:
        assert _ask(server.dsn, "select 1") == [(1,)]
    assert list(SHORT.glob(f"frankenjet-run-*-{far.key}")) == []


def test_a_start_that_was_killed_half_way_leaves_no_half_database(
    make_state: MakeState, open_folder: Path
) -> None:
    new = make_state(open_folder / "half")
    half = home(new).room("postgres") / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with Postgres(new) as server:
        assert _ask(server.dsn, "select current_database()") == [("frankenjet",)]
    assert not half.exists()


def test_data_of_a_version_that_is_not_here_are_refused_in_words(state: StateFolder) -> None:
    version = home(state).room("postgres") / "data" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(EmbeddedError, match="PostgreSQL 9"):
            Postgres(state).start()
    finally:
        version.write_text(kept)
