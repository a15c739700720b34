"""Keys, ports and servers that are not as a verb needs them: one line that names the setting and the mend."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from kit.auth.keys import ensure_signing_key
from kit.checkout import ROOT
from kit.embedded.postgres import Postgres
from kit.embedded.state import open_state
from scripts.cli.stoppable import ENDING
from tests.scripts.verbs import Said, speaking
from tests.servers.databases import fresh_database
from tests.servers.processes import free_port
from tests.servers.servers import postgres_url

pytest_plugins = ["tests.servers.broker"]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Said:
    speak = speaking(monkeypatch, capsys)
    own = {"FRANKENJET_STATE": str(tmp_path / "state"), "PORT": str(free_port())}
    return lambda verb, *more, **settings: speak(verb, *more, **own | settings)


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "key.pem"
    ensure_signing_key(path)
    return str(path)


def test_nobody_serves_or_signs_without_a_key(said: Said, database: str, tmp_path: Path) -> None:
    for verb in ("serve", "token"):
        code, lines = said(verb, DATABASE_URL=database)
        assert (2, 1) == (code, len(lines)), lines
        assert lines[0].startswith("frankenjet: FRANKENJET_SIGNING_KEY_FILE: not set, and `up`")
    assert not (tmp_path / "state").exists()


def test_a_verb_that_ends_leaves_the_signals_as_they_were(said: Said) -> None:
    before = [signal.getsignal(number) for number in ENDING]
    for verb in ("serve", "up", "verify", "rebuild"):
        code, lines = said(verb, DATABASE_URL=f"postgresql://a@127.0.0.1:{free_port()}/a")
        assert (2, 1) == (code, len(lines)), lines
        assert before == [signal.getsignal(number) for number in ENDING]


def test_a_key_that_cannot_be_used_is_said_with_its_setting_and_its_file(
    said: Said, database: str, tmp_path: Path, key: str
) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no key")
    bad.chmod(0o600)
    missing = tmp_path / "missing.pem"
    for verb in ("serve", "up"):
        for setting in ("FRANKENJET_SIGNING_KEY_FILE", "FRANKENJET_VERIFY_KEY_FILES"):
            for file in (bad, missing):
                both = {"FRANKENJET_SIGNING_KEY_FILE": key} | {setting: str(file)}
                code, lines = said(verb, DATABASE_URL=database, **both)
                assert (2, 1) == (code, len(lines)), lines
                assert lines[0].startswith(f"frankenjet: {setting}: {file}: ")


def test_a_port_that_is_taken_is_said_by_the_verb_that_needs_it(said: Said, database: str, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for verb, setting in (("serve", "PORT"), ("up", "PORT"), ("project", "FRANKENJET_PROJECTOR_PORT")):
            code, lines = said(
                verb, DATABASE_URL=database, FRANKENJET_SIGNING_KEY_FILE=key, **{setting: port}
            )
            assert (2, 1) == (code, len(lines)), lines
            assert f"port {port} is taken or not open to us on 127.0.0.1" in lines[0]
            assert setting in lines[0]


def test_a_login_for_reading_that_is_turned_away_is_said(said: Said, database: str, key: str) -> None:
    away = f"postgresql://fj:hunter2@127.0.0.1:{free_port()}/fj"
    for verb in ("serve", "up"):
        code, lines = said(
            verb, DATABASE_URL=database, FRANKENJET_READ_URL=away, FRANKENJET_SIGNING_KEY_FILE=key
        )
        assert (2, 1) == (code, len(lines)), lines
        assert lines[0].startswith("frankenjet: FRANKENJET_READ_URL: PostgreSQL at 127.0.0.1:")


def test_a_login_for_reading_that_leads_to_another_log_is_turned_away(
    said: Said, database: str, key: str
) -> None:
    with fresh_database(postgres_url(), urlsplit(database).path[1:]) as copy:
        code, lines = said(
            "serve", DATABASE_URL=database, FRANKENJET_READ_URL=copy, FRANKENJET_SIGNING_KEY_FILE=key
        )
    assert (2, 1) == (code, len(lines)), lines
    assert lines[0].startswith("frankenjet: FRANKENJET_READ_URL: PostgreSQL at 127.0.0.1:")
    assert "another log than the one of DATABASE_URL" in lines[0]


def test_a_log_that_could_be_changed_is_not_served(said: Said, database: str, key: str) -> None:
    with psycopg.connect(database) as owner:
        owner.execute("grant update on log.event to frankenjet_write")
    code, lines = said("serve", DATABASE_URL=database, FRANKENJET_SIGNING_KEY_FILE=key)
    assert (2, 1) == (code, len(lines)), lines
    assert "revoke UPDATE on log.event from frankenjet_write" in lines[0]


def test_an_owner_who_may_not_make_the_roles_is_told_which_right_is_missing(
    said: Said, open_folder: Path
) -> None:
    with Postgres(open_state(open_folder / "state"), final=True) as server:
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            admin.execute("create role weak login")
            admin.execute("create database weaks owner weak")
        parts = urlsplit(server.dsn)
        weak = parts._replace(netloc="weak@", path="/weaks").geturl()
        code, lines = said("migrate", DATABASE_URL=weak)
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            admin.execute("alter role weak createrole")
        assert (0, []) == said("migrate", DATABASE_URL=weak), "what it says is enough"
    assert (2, 1) == (code, len(lines)), lines
    assert lines[0].endswith(
        '`alter role "weak" createrole`, or make them and grant them to it with admin option'
    )


def test_a_broker_is_asked_for_by_who_needs_one_and_said_when_it_is_away(said: Said, database: str) -> None:
    for verb in ("bot", "migrate --broker"):
        code, lines = said(verb, DATABASE_URL=database)
        assert (2, 1) == (code, len(lines)), lines
        assert lines[0].startswith("frankenjet: RABBITMQ_URL: it is not set")
    away = f"amqp://guest:hunter2@127.0.0.1:{free_port()}"
    code, lines = said("migrate --broker", DATABASE_URL=database, RABBITMQ_URL=away)
    assert (2, 1) == (code, len(lines)), lines
    assert lines[0].endswith("nobody answers there: start it, or mend the address")


def test_a_bot_waits_for_a_broker_that_is_away_and_says_so_once() -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "scripts.main", "bot", "--url", f"amqp://guest:hunter2@{address}"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as bot:
        assert bot.stderr is not None
        first = bot.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            bot.wait(2)
        bot.terminate()
        try:
            bot.wait(30)
            rest = bot.stderr.read()
        finally:
            bot.kill()
    where = f"waiting for RabbitMQ at {address}"
    assert (f"{where}: nobody answers there: start it, or mend the address\n", "") == (first, rest)


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"netloc": "guest:hunter2@"}, "it refuses the login or its password: mend them in the address"),
        ({"path": "/fjtest_nothing"}, "it has no such virtual host"),
    ],
    ids=["password", "virtual host"],
)
def test_a_broker_that_turns_us_away_is_said_and_not_waited_for(
    wrong: dict[str, str], mend: str, said: Said, database: str, virtual_host: str
) -> None:
    parts = urlsplit(virtual_host)
    if "netloc" in wrong:
        wrong = {"netloc": wrong["netloc"] + parts.netloc.rpartition("@")[2]}
    url = parts._replace(**wrong).geturl()
    for verb in ("bot", "migrate --broker"):
        code, lines = said(verb, DATABASE_URL=database, RABBITMQ_URL=url)
        assert (2, 1) == (code, len(lines)), lines
        assert mend in lines[0]
        assert "hunter2" not in lines[0]


@pytest.mark.prove
@pytest.mark.parametrize("setting", ["PORT", "REDIS_URL", "DATABASE_URL"])
def test_the_processes_themselves_say_it_in_one_line(setting: str, tmp_path: Path) -> None:
    from tests.scripts.verbs import WITHOUT_DATABASE, verbs, words_of

    wrong = {"PORT": "abc", "REDIS_URL": "foo", "DATABASE_URL": f"postgresql://fj@127.0.0.1:{free_port()}/fj"}
    environment = {"PATH": os.environ["PATH"], setting: wrong[setting], "FRANKENJET_STATE": str(tmp_path)}  # noqa: TID251 - for the children
    for verb in set(verbs()) - (WITHOUT_DATABASE if setting == "DATABASE_URL" else set()):
        done = subprocess.run(
            [sys.executable, "-m", "scripts.main", *words_of(verb)], cwd=ROOT, env=environment,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert (2, 1) == (done.returncode, done.stderr.count("\n")), (verb, done.stderr)
        assert done.stderr.startswith(f"frankenjet: {setting}: ")
