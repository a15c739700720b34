"""Every verb of the command, from its own list, run in this process as the command does."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
import typer

from kit.ids import new_id
from kit.settings import Settings
from scripts.main import every_verb, run

OURS = ("DATABASE_URL", "REDIS_URL", "RABBITMQ_URL", "PORT", "SAMPLE", "LOG_LEVEL", "FRANKENJET_", "PG")

NEEDED = {
    "token": ["--account", "A", "--role", "editor"],
    **{
        f"account {verb}": ["A"]
        for verb in ("show", "disable", "enable", "sessions", "end-sessions", "erase")
    },
    **{f"account {verb}": ["A", "editor"] for verb in ("grant", "revoke")},
    "account erase-again": ["/dev/null"],
    "token revoke": [str(new_id())],
    "abort": ["entries"],
    "import": ["/dev/null"],
    "import-content": ["git", "/dev/null"],
    "media move": ["--to", "files"],
    "log stream": [str(new_id())],
    "log show": ["1"],
    "parked show": [str(new_id())],
    "parked skip": [str(new_id()), "--reason", "a test"],
}
"""Words without which a verb cannot be called. A verb that lacks them here fails every test of this kind."""

WITHOUT_DATABASE = frozenset({"bot", "telegram", "media sweep", "media move"})
"""Verbs that need no database."""

type Said = Callable[..., tuple[int, list[str]]]
"""Called with the words of a verb and with settings; returns exit code and lines on standard error."""


def verbs() -> list[str]:
    """Return the name of every verb, those of groups as two words."""
    return list(_named(typer.main.get_command(every_verb()), ""))


def _named(command: Any, before: str) -> Iterator[str]:
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            if one.invoke_without_command:
                yield f"{before}{name}"
            yield from _named(one, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def words_of(verb: str) -> list[str]:
    """Return what has to be typed to call a verb."""
    return [*verb.split(), *NEEDED.get(verb, [])]


def variable(name: str) -> str:
    """Return the variable of a setting."""
    return Settings.variables()[name]


class Ran(NamedTuple):
    """How a verb ended, and what it wrote to its standard output and its standard error."""

    code: int
    printed: str
    said: str


def ran(*words: str, **settings: str) -> Ran:
    """Run a verb in this process, with these settings and no others."""
    from os import environ  # noqa: TID251 - the caller's

    others = {name: value for name, value in environ.items() if not name.startswith(OURS)}
    printed, said = io.StringIO(), io.StringIO()
    place = patch.dict(environ, others | settings, clear=True)
    with place, redirect_stdout(printed), redirect_stderr(said):
        code = run(words)
    return Ran(code, printed.getvalue(), said.getvalue())


def answered(*words: str, **settings: str) -> Any:
    """Run a verb with --json; return what it prints, or its exit code and what it complains of."""
    code, printed, said = ran(*words, "--json", **settings)
    return (code, said) if code else json.loads(printed)


def speaking(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Return what runs a verb with these settings and no others."""

    def said(verb: str, *more: str, **settings: str) -> tuple[int, list[str]]:
        import os

        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith(OURS)]:  # noqa: TID251 - the caller's
                patched.delenv(name)
            for name, value in settings.items():
                patched.setenv(name, value)
            code = run([*words_of(verb), *more])
        return code, capsys.readouterr().err.splitlines()

    return said
