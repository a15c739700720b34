"""The sample is loaded once: whatever is missing of it, and nothing twice."""

import asyncio
from contextlib import suppress

import asyncpg

from events.codec import CODEC
from scripts.sample import entries, lives
from scripts.sample.loading import Loader
from scripts.seed import seed
from write_side.main import bus

VERSIONS = {one.entry: len(one.steps) for one in lives()} | {one.id: one.version for one in entries()}
CUT = 400
"""Events after which the first load is ended: cards are begun, and none is published."""


async def head(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        found: int = await connection.fetchval("select log.head()")
    finally:
        await connection.close()
    return found


async def cut_load(database: str) -> None:
    """Begin to load, and end in the middle of it."""
    async with bus(database, CODEC) as running:
        loading = asyncio.create_task(Loader(running).load())
        async with asyncio.timeout(30):
            while await head(database) < CUT:  # noqa: ASYNC110 - the log tells nobody
                await asyncio.sleep(0.01)
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading


async def test_a_load_that_was_cut_goes_on_where_it_was_and_a_further_one_does_nothing(database: str) -> None:
    await cut_load(database)
    assert await head(database) < sum(VERSIONS.values())
    await seed(database)
    whole = await head(database)
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("select stream, max(version) as version from log.event group by 1")
    finally:
        await connection.close()
    assert VERSIONS == {row["stream"]: row["version"] for row in rows if row["stream"] in VERSIONS}
    await seed(database)
    assert whole == await head(database)


async def test_the_vocabularies_can_be_loaded_alone(database: str) -> None:
    await seed(database, vocabularies_alone=True)
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(
            "select distinct on (stream) stream, type from log.event where type like 'term.%'"
            " order by stream, version desc"
        )
        others = await connection.fetchval(
            "select count(*) from log.event where type not like 'term.%' and type <> 'slug.claimed'"
        )
    finally:
        await connection.close()
    terms = {one.id: "term.published" for one in entries() if one.kind.name == "term"}
    assert (terms, 0) == ({row["stream"]: row["type"] for row in rows}, others)
