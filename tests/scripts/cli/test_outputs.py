"""Where the output of verbs goes: a pipe that was closed, none at all, a narrow one, old locales."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table

from kit.auth.keys import ensure_signing_key
from kit.checkout import ROOT
from scripts.cli.tables import show
from scripts.main import main, run
from tests.given.lives import random_lives, store
from tests.scripts.verbs import OURS, verbs, words_of

GOING_ON = {"up", "serve", "project", "alarm", "bot", "telegram", "bench", "seed", "rebuild"}
"""Verbs that do not end, or take long."""

PRINTING = {
    "abort",
    "admin create",
    "token",
    "token list",
    "token revoke",
    "account list",
    "account erased",
    "account erase-again",
    "status",
    "verify",
    "export",
    "log tail",
    "log show",
    "log types",
    "media check",
    "media sweep",
    "parked list",
    "resync",
    "migrate",
    "resend",
}


@pytest.fixture
def filled(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a log with some events what verbs in this process look at."""
    asyncio.run(store(database, random_lives(1, articles=2, steps=4)))
    key = tmp_path / "key.pem"
    ensure_signing_key(key)
    for name in [name for name in os.environ if name.startswith(OURS)]:  # noqa: TID251 - the caller's
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("FRANKENJET_SIGNING_KEY_FILE", str(key))
    return database


@pytest.mark.usefixtures("filled")
def test_a_pipe_that_nobody_reads_any_more_ends_every_verb_quietly(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    printed = set()
    for verb in ("--version", "--help", *sorted(set(verbs()) - GOING_ON)):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "w") as gone:
            monkeypatch.setattr(sys, "stdout", gone)
            with pytest.raises(SystemExit) as ended:
                main(words_of(verb))
        assert "Broken pipe" not in capfd.readouterr().err
        if ended.value.code == 141:
            printed.add(verb)
    assert PRINTING | {"--version", "--help"} == printed


def test_the_process_says_nothing_of_a_pipe_that_was_closed_either(filled: str) -> None:
    piped = f"'{sys.executable}' -m scripts.main log tail -n 500 | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", piped], cwd=ROOT, env={"PATH": os.environ["PATH"], "DATABASE_URL": filled},  # noqa: TID251
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("", True) == (done.stderr, done.stdout[1:].strip() in {"0", "141"}), done


def test_a_verb_without_any_output_and_in_an_old_locale_does_its_work(filled: str, tmp_path: Path) -> None:
    old = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": filled, **old}  # noqa: TID251 - for the shell
    for command in ("parked list >&- 2>&-", f"log tail > '{tmp_path / 'tail'}'"):
        done = subprocess.run(
            ["sh", "-c", f"'{sys.executable}' -m scripts.main {command}"], cwd=ROOT, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (0, "") == (done.returncode, done.stderr)
    assert (tmp_path / "tail").read_text("utf-8").count("article.created") == 2


REPORTING = {
    "status", "rebuild", "abort", "confirm", "resync", "resend", "verify", "log tail", "log stream",
    "log show", "log types", "parked list", "parked show", "parked retry", "parked skip", "bot",
    "token", "token list", "token revoke", "account list", "account show", "account grant", "account revoke",
    "account disable", "account enable", "account sessions", "account end-sessions",
    "account erase", "account erase-again", "account erased", "admin create",
    "media check", "media sweep", "media move",
}  # fmt: skip


def test_every_verb_that_reports_does_so_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in sorted(REPORTING):
        assert 0 == run([*verb.split(), "--help"])
        assert "--json" in capsys.readouterr().out, verb


@pytest.mark.usefixtures("filled")
def test_a_verb_that_finds_nothing_to_do_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["abort", "entries"])
    assert "entries: no rebuild is under way, nothing was dropped\n" == capsys.readouterr().out
    assert 0 == run(["rebuild"])
    capsys.readouterr()
    assert 0 == run(["confirm"])
    assert "no other build left a read model behind, nothing was dropped\n" == capsys.readouterr().out
    assert 0 == run(["abort", "entries", "--json"])
    assert {"set": None, "dropped": False} == json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("filled")
def test_what_a_verb_reports_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["resync", "--forget", "--json"])
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [{"rewound": False}, ["log"]] == [facts[0], list(facts[1])]


def test_a_table_in_a_pipe_has_whole_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    table = Table("reader", "why")
    table.add_row("read_entries_0123456789abcdef_1", "because " * 30)
    show(table)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "0123456789abcdef_1" in line]
    assert 30 == line.count("because")
