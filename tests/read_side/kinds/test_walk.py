"""Whatever happens to entries of three kinds, no reader is told what the rows do not say."""

import time

import pytest

from tests.adversaries.prove import GIVEN, MINUTES, SEED
from tests.read_side.kinds.walk import Walk
from tests.read_side.kinds.world import World, three_kinds
from tests.servers.redis_server import redis_with_prefix


async def walked(world: World, seed: int, steps: int) -> Walk:
    walk = Walk(world, seed)
    for _ in range(steps):
        await walk.step()
        await world.here.read.sources.cache.settled()
    return walk


async def test_a_short_walk_finds_no_answer_that_the_rows_do_not_give(shared: World) -> None:
    walk = await walked(shared, int(GIVEN or 1), 25)
    assert walk.kept > 100, "too few answers outlived a step to say anything"


@pytest.mark.prove
async def test_long_walks_find_no_answer_that_the_rows_do_not_give(database: str) -> None:
    end = time.monotonic() + 60 * MINUTES
    async with (
        redis_with_prefix() as (_client, url, prefix),
        three_kinds(database, redis_url=url, redis_prefix=prefix) as world,
    ):
        walk = Walk(world, SEED)
        while time.monotonic() < end:
            await walk.step()
            del walk.done[:-200]
