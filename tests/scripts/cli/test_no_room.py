"""What verbs and processes do where nothing more can be written: one clear line, and no half of anything."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from kit.running.processes import shorten
from scripts.log.export import export
from tests.given.lives import random_lives, store
from tests.servers.databases import fresh_database
from tests.servers.nodes.small_disk import Disk, small_disk

FULL = Path("/dev/full")
"""Takes nothing: each write fails as on a full disk."""

NEEDS_FULL = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")

NOT_WHOLE = "frankenjet: the export is not whole: No space left on device"
NO_ROOM = "frankenjet: the database has no room: could not extend file"

AS_IF_FULL = """
create function as_if_full() returns trigger language plpgsql as
$$begin raise 'could not extend file' using errcode = 'disk_full'; end$$;
create trigger as_if_full after insert on log.event execute function as_if_full()"""

LOGGING = """
import structlog
from kit.logging import configure
configure("info", "{}")
say = structlog.get_logger().info"""

CHATTY = {
    "json": LOGGING.format("json"),
    "words": LOGGING.format("words"),
    "up": "from scripts.up.up import _say as say",
}

GO_ON = """
import sys, pathlib
for _ in range(1000):
    say("a line")
pathlib.Path(sys.argv[1]).write_text("went on")"""


@pytest.fixture
def disk() -> Iterator[Disk]:
    with small_disk(1) as mounted:
        yield mounted


def called(dsn: str, *words: str, out: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does; its standard output goes to a file if there is one."""
    with (out or Path(os.devnull)).open("w") as stream:
        return subprocess.run(
            [sys.executable, "-m", "scripts.main", *words],
            cwd=ROOT, env={"PATH": os.defpath, "DATABASE_URL": dsn, "COLUMNS": "100"},
            stdout=stream, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


async def test_an_export_that_finds_no_room_says_so_and_leaves_what_was_there(
    database: str, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(1, articles=4, steps=60))
    file = disk.folder / "log.ndjson"
    assert 0 == await export(database, file)
    whole = file.read_bytes()
    disk.fill(leave=len(whole) - 4096)
    capsys.readouterr()
    assert 1 == await export(database, file)
    assert NOT_WHOLE == capsys.readouterr().err.splitlines()[-1]
    assert whole == file.read_bytes()
    assert ["ballast", "log.ndjson"] == sorted(path.name for path in disk.folder.iterdir())
    disk.make_room()
    assert 0 == await export(database, file)


@NEEDS_FULL
async def test_an_export_to_an_output_without_room_says_so(database: str) -> None:
    await store(database, random_lives(1, articles=1, steps=2))
    done = called(database, "export", out=FULL)
    assert (1, NOT_WHOLE) == (done.returncode, last_line(done))


async def test_a_verb_that_finds_the_disk_of_the_database_full_says_so_in_a_line(
    database: str, server: str, template: str, tmp_path: Path
) -> None:
    await store(database, random_lives(1, articles=1, steps=2))
    file = tmp_path / "log.ndjson"
    assert 0 == await export(database, file)
    with fresh_database(server, template) as other:
        with psycopg.connect(other) as owner:
            owner.execute(AS_IF_FULL)
        done = called(other, "import", str(file))
        assert (1, NO_ROOM) == (done.returncode, last_line(done))
        with psycopg.connect(other) as owner:
            assert (0,) == owner.execute("select count(*) from log.event").fetchone()


@NEEDS_FULL
@pytest.mark.parametrize("form", CHATTY)
def test_a_process_goes_on_although_what_it_says_finds_no_room(form: str, tmp_path: Path) -> None:
    done = tmp_path / "done"
    with FULL.open("wb") as full:
        words = [sys.executable, "-c", CHATTY[form] + GO_ON, str(done)]
        subprocess.run(words, cwd=ROOT, stdout=full, stderr=full, check=False)
    assert "went on" == done.read_text()


def test_a_long_log_begins_again_although_there_is_no_room_for_its_end(disk: Disk) -> None:
    log = disk.folder / "serve.log"
    log.write_text("line\n" * 40_000)
    disk.fill()
    shorten(log, limit=100_000)
    assert 0 == log.stat().st_size
