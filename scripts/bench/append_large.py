"""append-5m: grouped appends to a log of millions of events against the same to an empty log."""

import sys
from contextlib import ExitStack
from typing import Any

from kit.postgres.connect import connect
from scripts.bench.append import ours
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.report import result
from scripts.bench.rig.synthetic_log import settle

WRITERS = 64
ROUNDS = 7
"""Each side is measured this often, taking turns, after one turn that does not count; the medians count."""

KINDS = {"append-5m": False, "append-5m-new-streams": True}
"""Whether each event begins a stream of its own, at a random place of the index."""


async def run(server: str, large: str, *, seconds: float = 3.0, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Measure both kinds in turns.

    Args:
        server: where databases for empty logs may be made.
        large: address of the database with the large log. Events are added that no model can read.
        seconds: how long each measurement lasts.
        rounds: how many count.
    """
    connection = await connect(large, "bench append-5m", statement_timeout="0", lock_timeout="0")
    try:
        events = await connection.fetchval("select log.head()")
        await settle(connection)
    finally:
        await connection.close()
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    latencies: dict[str, list[float]] = {name: [] for name in KINDS}
    with ExitStack() as stack:  # dropping a database makes the server busy: not between two measurements
        for turn in range(rounds + 1):
            for name, fresh in KINDS.items():
                empty = stack.enter_context(own_database(server))
                bare, _ = await ours(empty, WRITERS, seconds, fresh=fresh)
                full, took = await ours(large, WRITERS, seconds, fresh=fresh)
                print(f"{name}: turn {turn}: {full:,.0f}/s, empty {bare:,.0f}/s", file=sys.stderr)
                if turn:
                    rates[name].append((full, bare))
                    latencies[name] += took
    return [
        result(
            name, _median([full for full, _ in pairs]), _median([bare for _, bare in pairs]),
            unit="appends/s", peer_name="the same at an empty log, in the same run", seconds=latencies[name],
            events=events, turns=[[round(full), round(bare)] for full, bare in pairs],
        )
        for name, pairs in rates.items()
    ]  # fmt: skip


def _median(rates: list[float]) -> float:
    return sorted(rates)[len(rates) // 2]
