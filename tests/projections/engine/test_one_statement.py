"""What one event comes to is written by one statement, which moves the cursor or does nothing at all."""

import asyncio
from typing import Any

import pytest

from events.codec import CODEC
from events.reading import reader_of
from kit.log.lease import Fenced
from kit.log.source import LogSource
from projections.applying.one_statement import as_one
from projections.applying.rows import ALWAYS, Copy, Statement
from projections.catalog import PROJECTIONS
from projections.engine.loop import tell_nobody
from tests.given.lives import random_lives, store
from tests.projections.driving import contents, follow, follower_of, projector

ARTICLE = PROJECTIONS[0]

PURGES = "select position, tags from project.purge where schema = $1 order by position"

STEP = Statement("cursor", "update c set position = $2 where position = $1", (1, 2))
ONE = Statement("a", f"insert into a select $1::int, $2::int {ALWAYS}", (3, 4))
OTHER = Statement("b", f"delete from b {ALWAYS} and id = $1", (5,))


async def test_one_event_is_written_by_one_statement(database: str) -> None:
    await store(database, random_lives(3, articles=1, steps=20))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        follower = await follower_of(connection, ARTICLE)
        assert await follower.lead(connection)
        while page := await source.read(follower.position, 1):
            said: list[str] = []
            with connection.query_logger(lambda one, said=said: said.append(one.query)):
                await follower.apply_all(connection, page, tell_nobody)
                await asyncio.sleep(0)  # the driver tells it a moment later
            changes = [
                sql for sql in said if {"begin;", "insert", "update", "delete"} & {*sql.lower().split()}
            ]
            assert [True] == ["update project.cursor" in sql for sql in changes]


async def test_events_one_by_one_give_the_tables_that_they_give_together(database: str) -> None:
    await store(database, random_lives(5, articles=3, steps=60))
    found: list[Any] = []
    async with projector(database) as connection:
        for generation, batches in ((1, [1] * 500), (2, [])):
            follower = await follower_of(connection, ARTICLE, generation=generation)
            await follow(database, connection, follower, batches)
            found.append(await contents(connection, follower))
    assert found[0] == found[1]


async def test_a_copy_that_was_fenced_writes_nothing(database: str) -> None:
    await store(database, random_lives(3, articles=1, steps=20))
    async with (
        projector(database) as connection,
        projector(database) as another,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        old = await follower_of(connection, ARTICLE, holder="old")
        await follow(database, connection, old, [1])
        await old.lead(connection)
        before = await contents(connection, old), await connection.fetch(PURGES, old.schema)
        await another.execute("update project.cursor set term = term + 1 where schema = $1", old.schema)
        await store(database, random_lives(4, articles=1, steps=1))
        [event] = await source.read(old.position, 1)
        with pytest.raises(Fenced):
            await old.apply_all(connection, [event], tell_nobody)
        assert before == (await contents(connection, old), await connection.fetch(PURGES, old.schema))


def test_parts_depend_on_the_step_and_keep_their_values_apart() -> None:
    assert as_one(STEP, [ONE, OTHER]) == Statement(
        "cursor",
        "with moved as (update c set position = $2 where position = $1 returning 1), "
        "part0 as (insert into a select $3::int, $4::int where exists (select from moved)), "
        "part1 as (delete from b where exists (select from moved) and id = $5) select from moved",
        [1, 2, 3, 4, 5],
    )


@pytest.mark.parametrize(
    "other",
    [ONE, Copy("read", "b", ["id"], [(1,)]), Statement("b", "delete from b where id = $1", (5,))],
    ids=["two about one table", "rows for COPY", "no condition to depend on"],
)
def test_what_cannot_be_a_part_of_one_statement_needs_a_transaction(other: Statement | Copy) -> None:
    assert as_one(STEP, [ONE, other]) is None
