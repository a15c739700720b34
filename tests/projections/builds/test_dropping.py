"""A generation is dropped whole beside those who are at work on it: neither side ends in a deadlock."""

import asyncio

import pytest

from kit.log.lease import Lease
from kit.postgres.connect import PROJECTOR, Connection, connect
from projections.applying.rows import copying, write
from projections.builds.generation import Generation, drop, generations, make
from projections.catalog import PROJECTIONS
from projections.engine.discard import Decided, NothingDropped, confirm
from projections.engine.swap import make_current
from projections.rebuild.fill import COPYING
from projections.rebuild.replay import begin
from projections.rebuild.slices import Filled, begun, move, open_slices, plan
from tests.adversaries.holding import until_held_up
from tests.given.lives import random_lives, store
from tests.projections.driving import follower_of, projector

ARTICLE = PROJECTIONS[0]


async def test_a_lease_is_taken_or_its_generation_dropped(database: str) -> None:
    async with projector(database) as connection, projector(database) as other:
        follower = await follower_of(connection, ARTICLE)
        schema = follower.schema
        assert await follower.lead(connection)
        await follower.free_lease(connection)
        taking: list[asyncio.Task[int | None]] = []

        async def still(_connection: Connection, _generation: Generation) -> bool:
            """Let another copy take the lease while the locks are held."""
            await other.execute("set application_name = 'test standby'")
            taking.append(asyncio.create_task(Lease(schema, "standby").take(other)))
            await until_held_up(database, "test standby")
            return True

        assert await drop(connection, follower.generation, still)
        assert await taking[0] is None
        assert 0 == await connection.fetchval("select count(*) from project.lease where name = $1", schema)


async def test_a_slice_that_is_being_written_is_dropped_after_its_piece(database: str) -> None:
    await store(database, random_lives(21, articles=2, steps=20))
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        filled = await begin(connection, ARTICLE, follower.generation.fingerprint, 2)
        await plan(connection, filled.schema, await connection.fetchval("select log.head()"))
        (slice_,) = await open_slices(connection, filled.schema)
        filling = await connect(database, "test", PROJECTOR, **COPYING)
        place = await begun(filling, filled.schema, slice_.number)
        assert place is not None
        await connection.execute("set application_name = 'test dropper'")
        async with filling.transaction():
            after = Filled(slice_.lower, 1)
            assert await move(filling, filled.schema, slice_.number, place, after, 1, 1)
            dropping = asyncio.create_task(drop(connection, filled))
            await until_held_up(database, "test dropper")
            await write(filling, [copying(filled.schema, table, []) for table in ARTICLE.tables])
        assert await dropping
        assert [follower.generation] == await generations(connection, "entries", filled.fingerprint)
        await filling.close()


async def test_a_former_generation_is_dropped_once_the_projector_of_this_build_has_let_go_of_it(
    database: str,
) -> None:
    async with projector(database) as connection, projector(database) as own:
        former = await follower_of(connection, ARTICLE)
        assert await former.lead(own)
        second = await follower_of(connection, ARTICLE, generation=2)
        assert await make_current(connection, second.generation, instead_of=former.generation)
        with pytest.raises(NothingDropped, match=f"of this build has not changed over from {former.schema}"):
            await confirm(connection, [ARTICLE], patience=0.0)
        confirming = asyncio.create_task(confirm(connection, [ARTICLE]))
        await asyncio.sleep(0.2)
        assert not confirming.done()
        await former.free_lease(own)
        assert [Decided(former.schema, dropped=True)] == await confirming


async def test_what_another_build_keeps_up_to_date_is_not_waited_for(database: str) -> None:
    async with projector(database) as connection, projector(database) as other:
        await follower_of(connection, ARTICLE)
        foreign = await make(connection, ARTICLE, "0123456789ab", generation=1, state="current", indexed=True)
        await Lease(foreign.schema, "another build").take(other, begins=True)
        with pytest.raises(NothingDropped, match=f"another build still keeps {foreign.schema}"):
            await confirm(connection, [ARTICLE])
