"""While very much is imported, what an editor saves is seen almost as soon as ever."""

import asyncio
import json
import random
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kit.checkout import ROOT
from tests.servers.running import Site, as_processes

REVISIONS = 10
"""Of each imported entry."""

PAUSE = 0.05
"""Seconds between two saves of the editor."""

ALONE = 400
"""Saves that are timed while nobody else writes."""

WORDS = [f"word{number}" for number in range(500)]


def _file(folder: Path, revisions: int) -> Path:
    """Write so many revisions of about 1.5 kB."""
    chance = random.Random(1)  # noqa: S311 - a text, not a secret
    path = folder / "many.ndjson"
    with path.open("w") as file:
        for entry in range(revisions // REVISIONS):
            words = chance.choices(WORDS, k=200)
            for number in range(REVISIONS):
                words[chance.randrange(200)] = chance.choice(WORDS)
                fields = {"title": f"Imported {entry}", "body": f"{number} {' '.join(words)}"}
                line = {"kind": "article", "key": str(entry), "locale": "en", "fields": fields}
                file.write(json.dumps(line) + "\n")
    return path


async def _saves(site: Site, one: str, version: int, until: asyncio.Event, most: int) -> list[float]:
    """Save again and again; return for each save the seconds from sending it until a reader has it."""
    took: list[float] = []
    while not until.is_set() and len(took) < most:
        began, now = time.perf_counter(), version + len(took)
        receipt = await site.editor.done("PATCH", one, {"body": f"Saved {now}."}, version=now)
        seen = await site.editor.send("GET", f"{one}/draft?after={receipt['position']}")
        assert 200 == seen.status_code, seen.text
        took.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE)
    return took


def _p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]


@pytest.mark.prove
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("revisions", [50_000])
async def test_an_editor_is_seen_in_at_most_twice_the_usual_time_while_50_000_revisions_come_in(
    database: str, tmp_path: Path, revisions: int
) -> None:
    path = _file(tmp_path, revisions)
    async with as_processes(database, tmp_path) as (_running, site):
        made = await site.editor.done("POST", "/articles", {"locale": "en", "title": "Edited"})
        one, never = f"/articles/{made['id']}", asyncio.Event()
        await _saves(site, one, 1, never, 40)
        before = await _saves(site, one, 41, never, ALONE)
        importing = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scripts", "import-content", "ndjson", str(path),
            env={"DATABASE_URL": database, "PATH": "/usr/bin:/bin:/usr/local/bin"}, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        done = asyncio.Event()
        began = time.perf_counter()
        beside = asyncio.create_task(_saves(site, one, 41 + ALONE, done, 100_000))
        said, _ = await importing.communicate()
        seconds = time.perf_counter() - began
        done.set()
        during = await beside
        after = await _saves(site, one, 41 + ALONE + len(during), never, ALONE)
    assert 0 == importing.returncode, said.decode()
    with psycopg.connect(database) as connection:
        stored = connection.execute(
            "select count(*) from log.event where convert_from(meta, 'utf8') like '%\"import\"%'"
        ).fetchone()
    assert (revisions + revisions // REVISIONS,) == stored
    usual, disturbed = max(_p99(before), _p99(after)), _p99(during)
    told = f"{len(during)} saves beside: p99 {disturbed * 1000:.1f} ms, alone {usual * 1000:.1f} ms;"
    told += f" {revisions / seconds:,.0f} revisions/s"
    sys.stdout.write(f"{told}\n")
    assert disturbed <= 2 * usual, told
