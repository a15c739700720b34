"""What an operator decides while a read model is filled once more holds for the new filling too."""

import asyncpg
import pytest

from events.codec import CODEC
from kit.postgres.connect import Connection
from projections.builds.generation import Generation, put_aside
from projections.catalog import PROJECTIONS
from projections.engine import park
from projections.engine.follower import Follower
from projections.engine.swap import PutAside, let_in_what_is_skipped, make_current
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from tests.adversaries.truth import schema_of
from tests.faults.models.test_parked import followed, parked, poisoned
from tests.projections.driving import contents, follower_of, projector

ARTICLE = PROJECTIONS[0]
HERE = BuildModule("tests.projections.made")


async def filled_beside(database: str, connection: Connection) -> tuple[Follower, Generation]:
    """Follow the log with one generation, and fill another one beside it."""
    await followed(database, connection)
    current = await follower_of(connection, ARTICLE)
    fresh = await begin(connection, ARTICLE, current.generation.fingerprint, 2)
    await replay(database, HERE, fresh, jobs=1, told=lambda _progress: None)
    return current, fresh


async def test_what_is_skipped_while_a_fresh_generation_is_filled_is_skipped_there_too(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        current, fresh = await filled_beside(database, connection)
        first = await connection.fetchval("select min(position) from project.parked")
        await park.skip(
            connection, CODEC, ARTICLE, current.generation, stream, by="Лена", reason="broken", position=first
        )
        with pytest.raises(PutAside) as refused:
            await make_current(connection, fresh, instead_of=current.generation)
        assert 2 == refused.value.events
        assert current.schema == await schema_of(connection, ARTICLE)
        await let_in_what_is_skipped(connection, CODEC, ARTICLE, fresh)
        assert [] == await park.waiting(connection, [fresh.schema])
        other = await follower_of(connection, ARTICLE, generation=2)
        assert await contents(connection, current) == await contents(connection, other)
        assert await make_current(connection, fresh, instead_of=current.generation)
        kept = await connection.fetch("select schema, reason, by from project.skipped order by schema")
    assert [(current.schema, "broken", "Лена"), (fresh.schema, "broken", "Лена")] == [tuple(r) for r in kept]


async def test_what_is_skipped_in_two_generations_that_are_followed_is_skipped_in_both(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        current, fresh = await filled_beside(database, connection)
        assert 0 == (await parked(database, "skip", str(stream), "--reason", "broken"))[0]
        assert [] == await park.waiting(connection, [current.schema, fresh.schema])
        assert await make_current(connection, fresh, instead_of=current.generation)


async def test_a_generation_that_holds_less_than_the_current_one_does_not_take_its_place(
    database: str,
) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        current, fresh = await filled_beside(database, connection)
        await put_aside(connection, fresh.schema, [(stream, 1, "only here")])
        with pytest.raises(PutAside, match="put 1 events aside"):
            await make_current(connection, fresh, instead_of=current.generation)
        await connection.execute("delete from project.parked where position = 1")
        assert await make_current(connection, fresh, instead_of=current.generation)


async def test_a_decision_about_another_read_model_changes_nothing_here(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        await followed(database, connection)
        other = await begin(connection, ARTICLE, "abcdefabcdef", 1)
        await parked(database, "skip", str(stream), "--reason", "broken")
        schemas = await connection.fetch("select schema from project.skipped")
    assert other.schema not in {row["schema"] for row in schemas}
    administrator = await asyncpg.connect(database)
    assert 1 == await administrator.fetchval("select count(*) from project.skipped")
    await administrator.close()
