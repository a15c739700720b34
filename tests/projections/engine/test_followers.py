"""An engine knows which generations there are, and which of them readers wait for."""

from kit.health.tasks import ProcessHealth
from kit.running.beside_loop import BesideLoop
from projections.catalog import PROJECTIONS
from projections.engine.followers import Followers
from projections.engine.needed_generations import promote
from tests.projections.driving import follower_of, projector

ARTICLE = PROJECTIONS[0]


async def test_readers_wait_for_a_generation_while_none_is_current(database: str) -> None:
    worker = BesideLoop()
    followers = Followers([ARTICLE], "test", 6, worker, ProcessHealth())
    found: list[object] = []
    async with projector(database) as connection:
        await follower_of(connection, ARTICLE)
        fresh = (await follower_of(connection, ARTICLE, generation=2)).generation
        for statement in (
            "update project.generation set state = 'following' where generation = 2",
            "update project.generation set state = 'old' where generation = 1",
        ):
            await connection.execute(statement)
            followers.look()
            await followers.lead(connection)
            found.append({one.generation.generation: followers.readers_wait_for(one) for one in followers})
            found.append(await promote(connection, fresh, 0))
        for one in followers:
            await one.free_lease(connection)
    worker.close()
    assert [{1: False, 2: False}, False, {2: True}, True] == found
