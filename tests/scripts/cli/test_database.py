"""The database of a verb."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from kit.embedded.postgres import Postgres
from kit.embedded.state import EmbeddedError, open_state
from kit.running.processes import marked
from kit.settings import Settings
from scripts.cli.database import database as connected

HOSTILE = {
    "PGHOST": "nowhere.invalid",
    "PGPORT": "1",
    "PGUSER": "mallory",
    "PGDATABASE": "other",
    "PGSERVICE": "none",
    "PGSSLMODE": "verify-full",
    "PGOPTIONS": "-c default_transaction_read_only=on",
    "PGDATA": "/nowhere",
    "LC_ALL": "ru_RU.KOI8-R",
}

ASK = """
import asyncio, sys, asyncpg, psycopg
from kit.settings import Settings
from scripts.cli.database import database
async def ask(dsn):
    connection = await asyncpg.connect(dsn)
    print(await connection.fetchval("select current_user"), flush=True)
    await connection.close()
with database(Settings(state=sys.argv[1]), migrated=False) as dsn:
    asyncio.run(ask(dsn))
    with psycopg.connect(dsn) as connection:
        connection.execute("create table t ()")
    sys.stdin.readline()
"""


def test_a_given_address_is_taken_as_it_is(server: str, tmp_path: Path) -> None:
    settings = Settings(database_url=server, state=tmp_path / "state")
    with connected(settings, migrated=False) as dsn:
        assert server == dsn
    assert not (tmp_path / "state").exists()


def test_without_an_address_and_an_installation_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    settings = Settings(database_url="", state=tmp_path / "state")
    with pytest.raises(EmbeddedError, match="`frankenjet up` makes one"), connected(settings):
        pass
    assert not (tmp_path / "state").exists()


def test_verbs_find_the_installation_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRANKENJET_STATE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert ROOT / ".state" == Settings().state


def test_a_verb_stops_what_it_started_and_no_variable_of_the_caller_bends_it(open_folder: Path) -> None:
    state = open_state(open_folder / "verb")
    argv = [sys.executable, "-c", ASK, str(state.folder)]
    ran = subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, **HOSTILE, "DATABASE_URL": ""},  # noqa: TID251 - a verb's own environment
        input="\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "frankenjet\n"), ran.stderr
    assert marked(state.mark("postgres")) == []


def test_a_verb_leaves_running_what_others_use(open_folder: Path) -> None:
    state = open_state(open_folder / "shared")
    settings = Settings(state=state.folder, database_url="")
    with Postgres(state) as server, connected(settings, migrated=False) as dsn:
        assert dsn == server.dsn
        with connected(settings, migrated=False) as again, psycopg.connect(again):
            assert again == dsn
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert marked(state.mark("postgres")) == []


def test_a_verb_that_is_told_to_end_leaves_no_server(open_folder: Path) -> None:
    state = open_state(open_folder / "ended")
    argv = [sys.executable, "-c", ASK, str(state.folder)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as verb:
        assert verb.stdout is not None
        assert verb.stdout.readline() == "frankenjet\n"
        verb.send_signal(signal.SIGTERM)
        assert verb.wait(timeout=30) == 128 + signal.SIGTERM
    assert marked(state.mark("postgres")) == []
