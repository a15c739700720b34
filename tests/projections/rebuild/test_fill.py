"""A slice is filled with bounded memory: whatever the size of its pieces, the tables are the same."""

import multiprocessing
from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any

import pytest

from events.codec import CODEC
from kit.postgres.connect import PROJECTOR, connect
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.rebuild.fill import COPYING, fill
from projections.rebuild.pages import FIRST_PAGE, GROWTH, PAGE_BYTES, PAGE_EVENTS, pages
from projections.rebuild.replay import LITTLE, Progress, begin, replay
from projections.rebuild.slices import open_slices, plan
from projections.this_build import THIS_BUILD
from tests.given.lives import ARCHIVED, UNREADABLE, random_lives, store, store_behind
from tests.projections.driving import contents, follow, follower_of, projector

ARTICLE = PROJECTIONS[0]


@pytest.mark.parametrize(
    "most",
    [PAGE_EVENTS, 40, 7, 2, 1],
    ids=["at once", "cut now and then", "sevens", "pairs", "event by event"],
)
async def test_pieces_of_every_size_fill_the_same_tables(database: str, most: int) -> None:
    lives = random_lives(21, articles=5, steps=90)
    await store(database, lives)
    await store_behind(database, lives, 2, UNREADABLE, ARCHIVED)
    async with projector(database) as connection:
        live = await follower_of(connection, ARTICLE)
        await follow(database, connection, live)
        filled = await begin(connection, ARTICLE, live.generation.fingerprint, 2)
        head = await connection.fetchval("select log.head()")
        await plan(connection, filled.schema, head)
        copying = await connect(database, "test", PROJECTOR, **COPYING)
        seen = 0
        for one in await open_slices(connection, filled.schema):
            seen += await fill(copying, CODEC, ARTICLE, filled.schema, one, most=most)
        await copying.close()
        other = await follower_of(connection, ARTICLE, generation=2)
        wanted, found = await contents(connection, live), await contents(connection, other)
    assert head == seen
    assert 2 == len(found["parked"])
    for part in wanted.keys() - {"cursor"}:
        assert wanted[part] == found[part]


class Cursor:
    """Rows of one size, as many as are asked for, of a log whose head is asked for beside."""

    def __init__(self, size: int, rows: int, heads: Iterable[int] = ()) -> None:
        self._payload = b"x" * size
        self._left = rows
        self._heads = chain(heads, repeat(0))

    async def fetchval(self, _sql: str) -> int:
        return next(self._heads)

    async def fetch(self, count: int) -> list[dict[str, Any]]:
        count = min(count, self._left)
        self._left -= count
        return [{"payload": self._payload}] * count


@pytest.mark.parametrize("size", [0, 1_000, 100_000, 700_000])
async def test_pages_hold_many_small_events_or_few_large_ones(size: int) -> None:
    cursor = Cursor(size, 6_000)
    counts = [len(page) async for page in pages(cursor, cursor)]
    assert 6_000 == sum(counts)
    assert max(counts) <= PAGE_EVENTS
    assert all(count * size <= GROWTH * PAGE_BYTES for count in counts[1:])
    assert counts[0] <= FIRST_PAGE
    if size <= 1_000:
        assert len(counts) < 12


async def test_a_replay_gives_way_to_those_who_write_and_to_nobody_else() -> None:
    rested: list[int] = []
    read = 0

    async def rest(seconds: float) -> None:
        assert seconds >= 0
        rested.append(read)

    cursor = Cursor(1_000_000, 140, heads=[7, 7, 8, 8, 9, 9])
    async for _ in pages(cursor, cursor, rest=rest):
        read += 1
    assert [2, 4] == rested[:2], "the head had moved behind the second page and behind the fourth"
    assert len(rested) == 3, "and once more when it fell back to 0, as after a restore"


async def test_a_short_log_is_filled_without_a_worker_process_and_a_longer_one_with_one(
    database: str,
) -> None:
    workers: list[int] = []

    def told(progress: Progress) -> None:
        if progress.phase == "replay":
            workers.append(len(multiprocessing.active_children()))

    async with projector(database) as connection:
        for number, articles in enumerate((1, LITTLE), 1):
            await store(database, random_lives(50 + number, articles=articles, steps=3 * articles))
            filled = await begin(connection, ARTICLE, fingerprint(ARTICLE), number)
            await replay(database, THIS_BUILD, filled, jobs=1, told=told)
            events, rows = await connection.fetchrow(
                f"select (select log.head()), (select count(*) from {filled.schema}.revision)"
            )
            assert (number > 1, True) == (events > LITTLE, rows > 0)
    assert [0, 1] == workers


async def test_what_rows_are_found_by_is_analyzed_and_texts_are_not(database: str) -> None:
    await store(database, random_lives(22, articles=2, steps=20))
    async with projector(database) as connection:
        filled = await begin(connection, ARTICLE, fingerprint(ARTICLE), 1)
        await replay(database, THIS_BUILD, filled, jobs=1, told=lambda _progress: None)
        found = await connection.fetch(
            "select attname::text as name from pg_stats where schemaname = $1 and tablename = 'revision'",
            filled.schema,
        )
    assert {"entry", "revision"} == {row["name"] for row in found}
