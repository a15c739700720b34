"""The log is read a page at a time."""

import asyncpg

from kit.log.rows import PAGE_EVENTS, pages
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
