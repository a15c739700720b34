"""A copy of this build with more kinds: it has them, and each is made up, stored and projected."""

import subprocess
import sys
from pathlib import Path

import pytest

from events.kinds.catalog import KINDS
from scripts.dev.more_kinds import NAMES, with_more_kinds

EACH_IS_READ = """
import asyncio, collections, sys
import asyncpg
from events.codec import CODEC
from events.kinds.catalog import KINDS
from read_side.entry.kinds import ENTRIES
from scripts.bench.rig.following import follow_to_end
from scripts.sample.made_up import terms_said
from scripts.sample.synthetic import synthesize
from write_side.main import bus

async def main(dsn):
    async with bus(dsn, CODEC) as running:
        await synthesize(running, 2 * len(KINDS), 3)
    await follow_to_end(dsn)
    connection = await asyncpg.connect(dsn)
    schema = await connection.fetchval("select schema from project.cursor where schema like 'read_entries_%'")
    for kind in KINDS:
        first = len(terms_said(KINDS)) if kind.name == "term" else 0
        many = await connection.fetchval(f"select count(*) from {schema}.facets_{kind.name}")
        print(kind.name, many - first)
    print("put aside", await connection.fetchval("select count(*) from project.parked"))

asyncio.run(main(sys.argv[1]))
"""


def test_there_are_not_as_many_names_as_one_likes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kinds more"):
        with_more_kinds(tmp_path, len(NAMES) + 1)


@pytest.mark.parametrize("count", [0, 3])
def test_a_copy_stores_and_shows_entries_of_every_kind(database: str, tmp_path: Path, count: int) -> None:
    more = with_more_kinds(tmp_path, count)
    done = subprocess.run(
        [sys.executable, "-c", EACH_IS_READ, database],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    expected = [*(f"{name} 2" for name in (*[kind.name for kind in KINDS], *more)), "put aside 0"]
    assert expected == [line for line in done.stdout.splitlines() if "leads" not in line]
