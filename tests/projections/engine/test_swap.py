"""A fresh generation takes the place of the current one, or readers keep what they have."""

from projections.catalog import PROJECTIONS
from projections.engine.swap import make_current_within
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector

ARTICLE = PROJECTIONS[0]


async def test_one_that_stays_behind_is_not_waited_for_without_end(database: str) -> None:
    await store(database, random_lives(8, articles=1, steps=10))
    async with projector(database) as connection:
        current = await follower_of(connection, ARTICLE)
        await follow(database, connection, current)
        fresh = await follower_of(connection, ARTICLE, generation=2)
        swapped = [
            await make_current_within(0.1, connection, fresh.generation, instead_of=current.generation)
        ]
        await follow(database, connection, fresh)
        swapped.append(
            await make_current_within(0, connection, fresh.generation, instead_of=current.generation)
        )
        states = await connection.fetch("select generation, state from project.generation order by 1")
    assert [False, True] == swapped
    assert [(1, "old"), (2, "current")] == [tuple(row) for row in states]
