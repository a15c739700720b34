"""Read models at one place share a transaction, and the trouble of one of them is its own."""

import asyncio
import random
from collections.abc import Iterable, Sequence

import pytest

from events.codec import CODEC
from events.reading import Item, reader_of
from kit.log.source import LogSource
from kit.postgres.connect import Connection
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.engine.follower import Follower
from projections.engine.loop import Engine
from projections.engine.together import PageConnections, apply_page
from tests.adversaries.truth import arrived
from tests.given.lives import random_lives, store
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.made import AUTHOR, AUTHORS
from tests.projections.slow import SLOW, titled
from tests.servers.beside import beside

ENTRIES = PROJECTIONS[0]


class Together:
    """Followers that apply pages of the log together, and who of them was in trouble."""

    def __init__(
        self, connection: Connection, *followers: Follower, reading: Connection | None = None
    ) -> None:
        self._connections = PageConnections(connection, reading or connection)
        self._followers = followers
        self.troubled: list[tuple[str, str]] = []
        self.told = 0

    async def apply(self, page: Sequence[Item], piece: int = 1_000) -> None:
        await apply_page(self._connections, self._followers, page, self.committed, self._note, piece=piece)

    async def committed(self, _generation: Generation, _tags: Iterable[str], _position: int) -> None:
        self.told += 1

    async def _note(self, follower: Follower, error: Exception) -> None:
        self.troubled.append((follower.projection.name, type(error).__name__))


async def transactions(connection: Connection) -> int:
    """Return by how many transactions the cursors were written last."""
    count: int = await connection.fetchval("select count(distinct xmin::text) from project.cursor")
    return count


async def places(connection: Connection) -> dict[str, int]:
    """Return how far each read model has come."""
    rows = await connection.fetch("select split_part(schema, '_', 2), position from project.cursor")
    return dict(rows)


@pytest.mark.parametrize("steps", [0, 60, 900], ids=["one statement", "a transaction", "one that catches up"])
async def test_read_models_at_one_place_are_committed_in_one_transaction(database: str, steps: int) -> None:
    await store(database, random_lives(1, articles=1, steps=steps))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        for one in both:
            assert await one.lead(connection)
        page = await source.read(0, 1_000)
        await Together(connection, *both).apply(page)
        found = [await contents(connection, one) for one in both]
        assert 1 == await transactions(connection)
        assert {len(page)} == set((await places(connection)).values())
    assert found[0]["cursor"] == found[1]["cursor"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_committed_together_gives_the_tables_that_each_gives_alone(
    database: str, seed: int
) -> None:
    pages = random.Random(seed)  # noqa: S311 - repeatable, not secret
    await store(database, random_lives(seed, articles=4, steps=100))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        alone = [await follower_of(connection, one, generation=2) for one in (ENTRIES, AUTHORS)]
        for one in both:
            assert await one.lead(connection)
        together = Together(connection, *both)
        while page := await source.read(both[0].position, pages.choice([1, 2, 7, 30])):
            await together.apply(page)
        for one in alone:
            await follow(database, connection, one)
        assert [await contents(connection, one) for one in alone] == [
            await contents(connection, one) for one in both
        ]
    assert [] == together.troubled


async def test_one_that_has_lost_its_term_writes_nothing_and_the_other_goes_on(database: str) -> None:
    await store(database, random_lives(3, articles=2, steps=30))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        for one in both:
            assert await one.lead(connection)
        page = await source.read(0, 1)
        await connection.execute(
            "update project.cursor set term = term + 1 where schema = $1", both[1].schema
        )
        together = Together(connection, *both)
        await together.apply(page)
        found = [await contents(connection, one) for one in both]
    assert [("authors", "Fenced")] == together.troubled
    assert (0, []) == (found[1]["cursor"][0][0], found[1][AUTHOR.name])
    assert found[0]["entry"]
    assert 1 == found[0]["cursor"][0][0]


async def test_a_row_that_one_of_them_cannot_write_parks_its_entity_there_and_nowhere_else(
    database: str,
) -> None:
    await store(database, random_lives(4, articles=2, steps=30))
    async with projector(database) as connection:
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        await connection.execute(
            f"alter table {both[1].schema}.{AUTHOR.name} add constraint refused check (events < 4)"
        )
        async with beside(Engine(database, CODEC, [ENTRIES, AUTHORS], "test").run()):
            await arrived(connection, [ENTRIES, AUTHORS])
            parked = await connection.fetch("select distinct schema from project.parked")
            await connection.execute(f"alter table {both[1].schema}.{AUTHOR.name} drop constraint refused")
            await store(database, random_lives(5, articles=1, steps=0))
            await arrived(connection, [ENTRIES, AUTHORS])
            assert 1 == await transactions(connection), "they go together once more"
        found = await contents(connection, both[0])
        alone = await follower_of(connection, ENTRIES, generation=2)
        await follow(database, connection, alone)
        assert found == await contents(connection, alone)
    assert [both[1].schema] == [row["schema"] for row in parked]


async def test_one_whose_table_somebody_has_locked_holds_up_nobody(database: str) -> None:
    await store(database, random_lives(6, articles=2, steps=30))
    async with projector(database) as connection, projector(database) as operator:
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        head = await connection.fetchval("select log.head()")
        async with beside(Engine(database, CODEC, [ENTRIES, AUTHORS], "test").run()):
            async with operator.transaction():
                await operator.execute(f"lock table {both[1].schema}.{AUTHOR.name}")
                async with asyncio.timeout(30):
                    while head != (await places(connection))["entries"]:  # noqa: ASYNC110 - the engine
                        await asyncio.sleep(0.05)
                assert 0 == (await places(connection))["authors"]
            await arrived(connection, [ENTRIES, AUTHORS])


async def test_one_that_is_behind_catches_up_alone_and_joins_the_other(database: str) -> None:
    await store(database, random_lives(7, articles=3, steps=200))
    async with projector(database) as connection:
        await follow(database, connection, ahead := await follower_of(connection, ENTRIES))
        await ahead.free_lease(connection)
        await follower_of(connection, AUTHORS)
        async with beside(Engine(database, CODEC, [ENTRIES, AUTHORS], "test").run()):
            await arrived(connection, [ENTRIES, AUTHORS])
            assert 2 == await transactions(connection)
            await store(database, random_lives(8, articles=1, steps=0))
            await arrived(connection, [ENTRIES, AUTHORS])
            assert 1 == await transactions(connection)


async def test_one_that_has_no_time_for_all_of_a_page_comes_after_the_other(database: str) -> None:
    await store(database, titled(*["0.05"] * 20))
    async with projector(database) as connection:
        slow, authors = [await follower_of(connection, one) for one in (SLOW, AUTHORS)]
        for one in (slow, authors):
            assert await one.lead(connection)
        async with LogSource(database, reader_of(CODEC), "test") as source:
            page = await source.read(0, 1_000)
        await Together(connection, slow, authors).apply(page)
        assert 0 < slow.position < authors.position == len(page)
        assert 2 == await transactions(connection)
        async with beside(Engine(database, CODEC, [SLOW, AUTHORS], "test").run()):
            await arrived(connection, [SLOW, AUTHORS])
            await store(database, random_lives(9, articles=1, steps=0))
            await arrived(connection, [SLOW, AUTHORS])
            assert 1 == await transactions(connection)
