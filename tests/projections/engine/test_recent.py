"""Rows that a follower wrote just now are not loaded again, and never outlive its term."""

import asyncio
from contextlib import AsyncExitStack

from events.codec import CODEC
from events.reading import reader_of
from kit.log.source import LogSource
from projections.applying.recent import BATCH, ROWS, Recent
from projections.catalog import PROJECTIONS
from projections.engine.loop import tell_nobody
from tests.given.lives import random_lives, store
from tests.projections.driving import contents, follow, follower_of, projector

ARTICLE = PROJECTIONS[0]
TABLE = ARTICLE.tables[0]


async def test_rows_that_were_written_just_now_are_not_loaded(database: str) -> None:
    await store(database, random_lives(3, articles=1, steps=30))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        follower = await follower_of(connection, ARTICLE)
        assert await follower.lead(connection)
        said: list[str] = []
        with connection.query_logger(lambda one: said.append(one.query)):
            while page := await source.read(follower.position, 1):
                await follower.apply_all(connection, page, tell_nobody)
            await asyncio.sleep(0)  # the driver tells it a moment later
        assert [] == [sql for sql in said if sql.startswith("select t.") and f'."{TABLE.name}" t on ' in sql]


async def test_a_copy_that_leads_again_sees_what_another_copy_wrote_meanwhile(database: str) -> None:
    await store(database, random_lives(7, articles=2, steps=80))
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(projector(database)) for _ in range(2)]
        source = await stack.enter_async_context(LogSource(database, reader_of(CODEC), "test"))
        copies = [(one, await follower_of(one, ARTICLE, holder="one"))]
        copies.append((two, await follower_of(two, ARTICLE, holder="two")))
        turn = 0
        while True:
            connection, follower = copies[turn % 2]
            assert await follower.lead(connection)
            page = await source.read(follower.position, 3)
            for item in page:
                await follower.apply_all(connection, [item], tell_nobody)
            found = await contents(connection, follower)
            await follower.free_lease(connection)
            turn += 1
            if not page:
                break
        whole = await follower_of(one, ARTICLE, generation=2)
        await follow(database, one, whole)
        assert await contents(one, whole) == found


def test_so_many_rows_are_kept_and_those_of_a_long_batch_are_not() -> None:
    name = TABLE.primary_key.columns.keys()[0]
    recent = Recent()
    for number in range(ROWS + 1):
        recent.wrote({TABLE: {(number,): {name: number}}}, 1)
    assert [] == [*recent.known(TABLE, [(0,)])]
    assert [(1,), (ROWS,)] == [*recent.known(TABLE, [(1,), (ROWS,)])]
    recent.wrote({TABLE: {(1,): None}}, 1)
    assert [(2,)] == [*recent.known(TABLE, [(1,), (2,)])]
    recent.wrote({TABLE: {(3,): {name: 3}}}, BATCH + 1)
    assert [] == [*recent.known(TABLE, [(2,), (3,)])]
