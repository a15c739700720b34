"""An export can be piped: to standard output and from standard input, named by a dash or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit.checkout import ROOT
from tests.given.lives import random_lives, store
from tests.scripts.log.test_export import contents
from tests.servers.databases import fresh_database


def ran(folder: Path, dsn: str, *words: str, given: bytes = b"") -> bytes:
    """Run a verb in a folder; return what it wrote to standard output."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": dsn}  # noqa: TID251
    done = subprocess.run(
        [sys.executable, "-m", "scripts.main", *words],
        cwd=folder, env=environment, input=given, capture_output=True, check=True,
    )  # fmt: skip
    assert [] == list(folder.iterdir()), "no file is made"
    return done.stdout


@pytest.mark.parametrize("named", [["-"], []], ids=["a dash", "nothing"])
async def test_an_export_goes_through_a_pipe(
    database: str, server: str, template: str, tmp_path: Path, named: list[str]
) -> None:
    await store(database, random_lives(1, articles=1, steps=5))
    written = ran(tmp_path, database, "export", *named)
    assert b'{"format":"frankenjet.log"' == written[:26]
    with fresh_database(server, template) as other:
        assert b"" == ran(tmp_path, other, "import", *named, given=written)
        assert await contents(database) == await contents(other)
