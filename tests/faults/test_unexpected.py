"""What nobody expected stops its own task and nothing else, is seen, and is over when its cause is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from events.codec import CODEC
from kit.health.tasks import ProcessHealth
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.read_side.site import site
from tests.write_side.log.given import value

ARTICLE = PROJECTIONS[0]

TAKEN = "with taken as (delete from {0} where {1} returning *) select to_jsonb(taken)::text from taken"
BACK = "insert into {0} select * from jsonb_populate_record(null::{0}, $1::text::jsonb) returning 1"


@asynccontextmanager
async def without(dsn: str, table: str, condition: str = "true") -> AsyncIterator[None]:
    """Take one row out of a table for as long as the block lasts."""
    row = await value(dsn, TAKEN.format(table, condition))
    yield
    assert 1 == await value(dsn, BACK.format(table), row)


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - others make it so
            await asyncio.sleep(0.02)


async def test_the_poll_of_a_reader_goes_on_after_what_it_could_not_make_sense_of(database: str) -> None:
    async with site(database) as here:
        served = here.read.sources.served
        await until(lambda: served.trusted)
        async with without(database, "log.identity"):
            await until(lambda: not served.trusted)
        await until(lambda: served.trusted)


async def test_an_engine_that_meets_a_gap_in_the_log_is_halted_and_goes_on_when_it_is_filled(
    database: str,
) -> None:
    lives = random_lives(81, articles=2, steps=30)
    await store(database, lives)
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        await follower.free_lease(connection)
    await store(database, random_lives(82, articles=2, steps=10))
    vitals = ProcessHealth()
    engine = Engine(database, CODEC, [ARTICLE], "test", vitals=vitals)
    head = await value(database, "select log.head()")
    async with without(database, "log.event", f"position = {head - 3}"):
        running = asyncio.create_task(engine.run())
        await until(lambda: bool(vitals.task("engine").halted))
        assert not running.done()
    administrator = await asyncpg.connect(database)
    async with asyncio.timeout(30):
        while head != await administrator.fetchval("select position from project.cursor"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await until(lambda: not vitals.task("engine").halted)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await administrator.close()
