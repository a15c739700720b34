"""rebuild-memory: the most that a rebuild of the article models holds in memory, by the size of the log."""

import os
import subprocess
import sys
import time
from typing import Any, NamedTuple

from kit.postgres.connect import connect
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.memory import Peak, peak_of
from scripts.bench.rig.report import result
from scripts.bench.rig.synthetic_log import synthetic_log

SMALL_EVENTS = 100_000
"""Events of the log that the large one is compared with."""

JOBS = 2

_LONGEST = "select max(version) from log.event"

MEGABYTE = 1_000_000


class Rebuilt(NamedTuple):
    """What a rebuild of one log took."""

    events: int
    longest: int
    """Events of the longest stream."""
    peak: Peak
    seconds: float


async def run(server: str, large: str, small: int = SMALL_EVENTS) -> list[dict[str, Any]]:
    """Measure rebuild-memory.

    Args:
        server: where a database for the small log may be made.
        large: address of the database with the large log, which no model has been built of.
        small: events of the small log.
    """
    with own_database(server) as dsn:
        await synthetic_log(dsn, small)
        few = await _rebuilt(dsn)
    many = await _rebuilt(large)
    return [
        result(
            "rebuild-memory", many.peak.together / MEGABYTE, few.peak.together / MEGABYTE,
            unit="MB (PSS, all processes together)", inverse=True,
            peer_name=f"a log of {few.events:,} events, in the same run", events=many.events,
            longest_stream=many.longest, peer_longest_stream=few.longest,
            rss_ours=round(many.peak.each / MEGABYTE, 3), rss_peer=round(few.peak.each / MEGABYTE, 3),
            rss_ratio=round(many.peak.each / few.peak.each, 3), processes=many.peak.processes,
            jobs=JOBS, took_s=round(many.seconds, 1),
        )
    ]  # fmt: skip


async def _rebuilt(dsn: str) -> Rebuilt:
    """Run `frankenjet rebuild` as an operator does; its progress goes to standard error."""
    connection = await connect(dsn, "bench rebuild-memory", statement_timeout="0")
    try:
        events = await connection.fetchval("select log.head()")
        longest = await connection.fetchval(_LONGEST)
    finally:
        await connection.close()
    began = time.perf_counter()
    program = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program; starting it takes no time
        [sys.executable, "-m", "scripts.main", "rebuild", "--jobs", str(JOBS)],
        env={**os.environ, "DATABASE_URL": dsn},  # noqa: TID251 - handed on to the child
        start_new_session=True,
    )
    try:
        peak = await peak_of(program)
    finally:
        program.terminate()
        program.wait()
    if program.returncode:
        raise RuntimeError(f"the rebuild ended with {program.returncode}")
    return Rebuilt(events, longest, peak, time.perf_counter() - began)
