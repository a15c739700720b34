"""Measurements on a log of millions of events; those that are asked for together share one log."""

import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from scripts.bench import append_large, rebuild_memory
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.synthetic_log import synthetic_log

EVENTS = 5_000_000

type Large = Callable[[str, str], Coroutine[Any, Any, list[dict[str, Any]]]]
"""From the address of a server and that of the database with the large log to what was measured."""

LARGE: dict[str, Large] = {"rebuild-memory": rebuild_memory.run, "append-5m": append_large.run}
"""In this order: what is appended here no model can read."""


async def run(server: str, names: Sequence[str], events: int = EVENTS) -> list[dict[str, Any]]:
    """Fill a log and measure.

    Args:
        server: address of a PostgreSQL where databases may be made.
        names: of LARGE.
        events: how many, about.
    """
    found = []
    with own_database(server) as dsn:
        print(f"bench: filling a log with {events:,} events", file=sys.stderr)
        await synthetic_log(dsn, events)
        for name, measure in LARGE.items():
            if name in names:
                figures = await measure(server, dsn)
                print(f"bench: {name}: {[one['ratio'] for one in figures]}", file=sys.stderr)
                found += figures
    return found
