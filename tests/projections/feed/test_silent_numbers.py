"""A task that gives numbers ends when it is told to, although its database says nothing."""

import asyncio

from kit.health.tasks import Task
from kit.log.line import Line
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.feed.numbers import Numbering, number
from projections.feed.projection import PUBLIC_TAG
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.servers.beside import beside
from tests.servers.proxy import proxied

ENDS = 20.0
FEED = PROJECTIONS[1]


async def test_numbers_end_although_the_database_falls_silent_at_any_moment(database: str) -> None:
    await store(database, random_lives(71, articles=3, steps=60))
    async with projector(database) as connection:
        await follow(database, connection, await follower_of(connection, FEED))
    for upstream in range(600, 3_000, 600):
        async with proxied(database) as (proxy, dsn), Line(dsn, "looks") as line:
            numbering = Numbering(dsn, fingerprint(FEED), line, Task())
            working = asyncio.create_task(numbering.run())
            async with asyncio.timeout(30):
                while proxy.upstream < upstream and not numbering.looked.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(0)
            proxy.pause()
            await asyncio.sleep(0.05)
            working.cancel()
            _, left = await asyncio.wait([working], timeout=ENDS)
            assert not left, upstream
            proxy.reset()


async def test_it_says_that_it_turns_as_long_as_the_feed_grows_without_a_pause(database: str) -> None:
    task = Task()

    async def tell_nobody(*_: object) -> None: ...

    grows = Generation(FEED.name, "0" * 12, 1, "nowhere", "current")
    async with Line(database, "looks") as line:
        numbering = Numbering(database, fingerprint(FEED), line, task)
        tell = numbering.after(tell_nobody)
        async with beside(numbering.run()):
            await asyncio.wait_for(numbering.looked.wait(), 20)
            begun = task.beaten
            for _ in range(100):
                await tell(grows, {PUBLIC_TAG}, 1)
                await asyncio.sleep(0.1)
                if task.beaten > begun:
                    break
    assert task.beaten > begun


async def test_numbers_are_given_in_steps_as_if_it_were_one(database: str) -> None:
    await store(database, random_lives(72, articles=6, steps=120))
    async with projector(database) as connection:
        follower = await follower_of(connection, FEED)
        await follow(database, connection, follower)
        numbered = await number(connection, follower.schema, 2)
        public = await connection.fetch(
            f"select position from {follower.schema}.event where public order by position"
        )
        given = await connection.fetch("select sequence, position from project.public order by sequence")
        assert numbered == len(public) > 4
        assert list(enumerate((row["position"] for row in public), 1)) == [tuple(row) for row in given]
        assert 0 == await number(connection, follower.schema, 2)
