"""lists, aircraft-page: pages of a list of 100,000 aircraft, and one of them, that nothing keeps."""

import random
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from events.codec import CODEC
from kit.auth.keys import ensure_signing_key
from kit.postgres.connect import connect, quoted
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import schema_name
from projections.catalog import PROJECTIONS
from read_side.entry.kinds import ENTRIES, MODEL
from scripts.bench.lists.aircraft import OTHERS, PURPOSES, STATUSES, TERMS, plain, publish_all
from scripts.bench.lists.aircraft import aircraft as made
from scripts.bench.read import published, wait_ready
from scripts.bench.rig.databases import own_database
from scripts.bench.rig.following import follow_to_end
from scripts.bench.rig.load import get, load
from scripts.bench.rig.report import quantile, result
from scripts.bench.rig.servers import product
from scripts.sample.made_up import terms_said
from scripts.sample.terms import ensure_terms
from write_side.entry.kinds import AGGREGATES
from write_side.main import bus

AIRCRAFT = 100_000
EVENTS_OF_ONE = 3
"""Events of an aircraft: its slug, created, published."""

ARTICLES = 200
SECONDS = 8.0

MOST_MS = 50.0
"""Milliseconds that a page with two filters and facets may take, at the 99th percentile."""


async def run(server: str, *, aircraft: int = AIRCRAFT, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Measure on a log of its own.

    Args:
        server: address of a PostgreSQL where databases may be made.
        aircraft: how many, each with five relations.
        seconds: of each measurement.
    """
    with tempfile.TemporaryDirectory() as name, own_database(server) as dsn:
        folder = Path(name)
        ensure_signing_key(folder / "key.pem")
        print(f"bench: filling a log with {aircraft:,} aircraft", file=sys.stderr)
        async with bus(dsn, CODEC) as running:
            for number in range(ARTICLES):
                await published(running, f"cold-{number}")
            named = terms_said(AGGREGATES[kind].declared for kind in OTHERS)
            await ensure_terms(running, TERMS | named)
            known = {
                kind: await publish_all(running, kind, plain(kind, most)) for kind, most in OTHERS.items()
            }
            await publish_all(running, "aircraft", made(aircraft, known))
        print("bench: filling the read tables", file=sys.stderr)
        await follow_to_end(dsn)
        await _analyze(dsn)
        with product(dsn, folder / "key.pem", folder, projector=False) as port:
            await wait_ready(port, "/v1/aircraft/aircraft-0")
            found = []
            for bench, question in (("lists", _filtered), ("lists-by-maker", _by_maker)):
                chance = random.Random(bench)  # noqa: S311 - a load, not a secret
                seen = await load(port, [lambda: get(question(chance))], seconds=seconds)  # noqa: B023
                _check(seen.refused)
                found.append(
                    result(
                        bench, quantile(sorted(seen.seconds), 0.99) or 0.0, MOST_MS, unit="ms (p99)",
                        peer_name="50 ms", seconds=seen.seconds, inverse=True, aircraft=aircraft,
                    )
                )  # fmt: skip
            page = await load(port, [_each("aircraft/aircraft", aircraft)], seconds=seconds)
            article = await load(port, [_each("articles/cold", ARTICLES)], seconds=seconds)
            _check(page.refused | article.refused)
        ours, theirs = (quantile(sorted(one.seconds), 0.5) or 0.0 for one in (page, article))
        return [*found, result(
            "aircraft-page", ours, theirs, unit="ms", peer_name="an article of 8 kB, from its tables as well",
            seconds=page.seconds, inverse=True,
        )]  # fmt: skip


def _filtered(chance: random.Random) -> str:
    status, purpose = chance.choice(STATUSES), chance.choice(PURPOSES)
    return f"/v1/aircraft?status={status}&purpose={purpose}&facets=status,purpose&after=1"


def _by_maker(chance: random.Random) -> str:
    maker, year = chance.randrange(OTHERS["manufacturer"]), chance.randrange(1910, 1980)
    more = "facets=status,maker&include=manufacturers&total=true&after=1"
    return f"/v1/aircraft?maker=manufacturer-{maker}&first_flight={year}..{year + 20}&wingspan=50ft..&{more}"


def _each(place: str, most: int) -> Callable[[], bytes]:
    """Return a source of reads of one entry after the other, each from the tables."""
    numbers = count()
    return lambda: get(f"/v1/{place}-{next(numbers) * 7919 % most}?after=1")


def _check(refused: dict[str, int]) -> None:
    if refused:
        raise RuntimeError(f"answers other than 200: {refused}")


async def _analyze(dsn: str) -> None:
    """Let the server know the sizes of tables, as its own cleaner does in time."""
    connection = await connect(dsn, "bench analyze", statement_timeout="0")
    try:
        schema = schema_name(MODEL, fingerprint(PROJECTIONS[0]), 1)
        for table in ENTRIES.tables.all:
            await connection.execute(f"vacuum (analyze) {quoted(schema)}.{quoted(table.name)}")
    finally:
        await connection.close()
