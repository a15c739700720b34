"""The log is read a page at a time."""

import asyncpg

from events.base import MAX_EVENT_BYTES
from kit.log.rows import EVENT_BYTES, PAGE_BYTES, PAGE_EVENTS, page, pages
from tests.given.lives import random_lives, store


async def test_no_page_is_empty_whatever_the_log_lacks(database: str) -> None:
    await store(database, random_lives(1, articles=1, steps=8))
    connection = await asyncpg.connect(database)
    head = await connection.fetchval("select log.head()")
    far = 3 * PAGE_EVENTS
    await connection.execute("update log.event set position = position + $1 where position > 3", far)
    found = [[row["position"] for row in rows] async for rows in pages(connection, 0, 2 * far)]
    await connection.close()
    assert [[1, 2, 3], [*range(far + 4, far + head + 1)]] == found


async def test_a_page_ends_with_the_event_that_makes_it_large_enough(database: str) -> None:
    await store(database, random_lives(1, articles=3, steps=30))
    connection = await asyncpg.connect(database)
    head = await connection.fetchval("select log.head()")
    for size in (1, PAGE_BYTES // 12, EVENT_BYTES):
        await connection.execute("update log.event set payload = $1", b"x" * size)
        positions = [row["position"] for row in await page(connection, 0, head)]
        assert list(range(1, min(head, -(-PAGE_BYTES // size)) + 1)) == positions
    await connection.close()
    assert head > PAGE_BYTES // EVENT_BYTES + 1


def test_no_event_is_larger_than_its_readers_count_with() -> None:
    assert EVENT_BYTES == MAX_EVENT_BYTES
