"""Measurements on large logs measure what they say; here on small ones."""

import re
import subprocess
import sys
from functools import partial

import pytest

from kit.checkout import ROOT
from scripts.bench import append_large, history, rebuild_memory
from scripts.bench.catalog import BENCHES, KNOWN, NAMED, Scale, chosen
from scripts.bench.large import LARGE
from scripts.bench.rig.memory import peak_of
from scripts.bench.rig.synthetic_log import synthetic_log
from tests.write_side.log.given import value

MEGABYTE = 1_000_000


def test_what_takes_minutes_is_measured_only_when_it_is_named() -> None:
    assert list(BENCHES.values()) == chosen([], Scale())
    assert [] == [name for name in (*NAMED, *LARGE) if name in BENCHES]
    for name in NAMED:
        assert 1 == len(chosen([name], Scale()))


async def test_articles_of_few_and_many_revisions_are_revised_and_read(database: str) -> None:
    found = await history.run(database, revisions=30)
    assert ["history-revise", "history-read"] == [one["bench"] for one in found]
    assert all(one["ours"] > 0 and one["peer"] > 0 for one in found)


def test_every_measurement_is_described_and_no_other() -> None:
    page = (ROOT / "docs" / "measuring.md").read_text()
    assert set(KNOWN) == set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))


def test_measurements_that_need_a_large_log_share_one() -> None:
    (run,) = chosen(list(LARGE), Scale(events=7))
    assert isinstance(run, partial)
    assert {"names": list(LARGE), "events": 7} == run.keywords
    assert 2 == len(chosen(["append", "append-5m"], Scale()))


def test_no_model_is_built_of_a_log_that_was_appended_to_by_a_measurement() -> None:
    assert ["rebuild-memory", "append-5m"] == list(LARGE)


async def test_appends_to_a_long_log_are_measured_beside_appends_to_an_empty_one(
    server: str, database: str
) -> None:
    await synthetic_log(database, 260)
    before = await value(database, "select log.head()")
    found = await append_large.run(server, database, seconds=0.2, rounds=1)
    assert ["append-5m", "append-5m-new-streams"] == [one["bench"] for one in found]
    assert {before} == {one["events"] for one in found}
    for one in found:
        assert [[round(one["ours"]), round(one["peer"])]] == one["turns"]
        assert one["ours"] > 0 < one["peer"]
    appended = await value(database, "select count(*) from log.event where type = 'bench.appended'")
    streams = await value(
        database, "select count(distinct stream) from log.event where type = 'bench.appended'"
    )
    assert 4 * 65 < streams < appended, "four measurements by 64 writers and one to begin with"


async def test_the_memory_of_a_rebuild_is_measured_at_two_logs(server: str, database: str) -> None:
    await synthetic_log(database, 520)
    (found,) = await rebuild_memory.run(server, database, small=130)
    assert "rebuild-memory" == found["bench"]
    assert await value(database, "select log.head()") == found["events"]
    assert await value(database, "select max(version) from log.event") == found["longest_stream"]
    assert 20 < found["ours"] <= found["rss_ours"] < 500
    assert 0.8 < found["ratio"] < 1.3
    assert "current" == await value(database, "select state from project.generation")


TOUCHES = "held = bytearray({0}); held[::4096] = b'x' * len(held[::4096])"
HOLDS = f"import time; {TOUCHES}; time.sleep(0.5)"
STARTS = f"import subprocess, sys; {TOUCHES}; subprocess.run([sys.executable, '-c', {{1!r}}])"


@pytest.mark.parametrize("child", [0, 60 * MEGABYTE])
async def test_what_a_program_and_its_children_hold_is_counted(child: int) -> None:
    own = 40 * MEGABYTE
    code = STARTS.format(own, HOLDS.format(child)) if child else HOLDS.format(own)
    program = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)  # noqa: ASYNC220
    peak = await peak_of(program)
    assert 0 == program.returncode
    assert 2 - (not child) == peak.processes
    assert own + child < peak.together < own + child + 40 * MEGABYTE
    assert own + child < peak.each < own + child + 60 * MEGABYTE


async def test_a_neighbour_in_another_session_is_not_counted() -> None:
    with subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", HOLDS.format(80 * MEGABYTE)], start_new_session=True
    ):
        program = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", HOLDS.format(MEGABYTE)], start_new_session=True
        )
        peak = await peak_of(program)
    assert peak.together < 40 * MEGABYTE
