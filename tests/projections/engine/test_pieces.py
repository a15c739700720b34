"""A long page is applied piece by piece, each prepared while the one before is committed."""

import random
from collections.abc import Iterable

import pytest

from events.codec import CODEC
from events.reading import reader_of
from kit.log.source import LogSource
from projections.builds.generation import Generation
from projections.catalog import PROJECTIONS
from projections.engine.follower import PIECES
from projections.entry.held import KNOWN, SHORT
from tests.given.lives import Written, random_lives, store
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.engine.test_together import Together
from tests.projections.lives import Article, Log
from tests.projections.made import AUTHOR, AUTHORS

ENTRIES = PROJECTIONS[0]


class Forgetful(Together):
    """After each commit the process knows no long text any more: it is read back from its rows."""

    async def committed(self, generation: Generation, tags: Iterable[str], position: int) -> None:
        await super().committed(generation, tags, position)
        KNOWN.keep(b"nothing", "." * 1_000_000)


def long_texts(seed: int) -> list[Written]:
    """Return the lives of two articles with long texts of which revisions keep parts."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    lines = [f"{number}. It flew for the first time in 1968.\n" for number in range(SHORT // 30)]
    log = Log()
    articles = [Article(log, slug, body="".join(lines)) for slug in ("tu-144", "an-2")]
    for number in range(60):
        lines[chance.randrange(len(lines))] = f"{number}: rewritten.\n"
        one = chance.choice(articles)
        one.revise(body="".join(lines)) if number % 5 else one.revise(title=f"The {number}th")
    return [(one.stream, one.version - 1, one.event) for one in log.events]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_pieces_give_the_tables_that_the_page_gives_at_once(database: str, seed: int) -> None:
    sizes = random.Random(seed)  # noqa: S311 - repeatable, not secret
    await store(database, random_lives(seed, articles=3, steps=60) + long_texts(seed))
    async with (
        projector(database) as connection,
        projector(database) as reading,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        both = [await follower_of(connection, one) for one in (ENTRIES, AUTHORS)]
        for one in both:
            assert await one.lead(connection)
        together, pages = Forgetful(connection, *both, reading=reading), 0
        while page := await source.read(both[0].position, sizes.choice([10, 25, 70])):
            await together.apply(page, sizes.choice([1, 2, 7, 9, 20]))
            pages += 1
        assert together.told > 2 * pages, "there were several pieces of a page"
        for one in both:
            alone = await follower_of(connection, one.projection, generation=2)
            await follow(database, connection, alone)
            assert await contents(connection, one) == await contents(connection, alone)
    assert [] == together.troubled


async def test_a_row_that_is_refused_in_the_middle_parks_its_entity_and_nothing_is_lost(
    database: str,
) -> None:
    await store(database, random_lives(4, articles=2, steps=30))
    async with (
        projector(database) as connection,
        projector(database) as reading,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        found = []
        for generation, piece in ((1, 3), (2, 1_000)):
            authors = await follower_of(connection, AUTHORS, generation=generation)
            await connection.execute(
                f"alter table {authors.schema}.{AUTHOR.name} add constraint refused check (events < 4)"
            )
            assert await authors.lead(connection)
            together = Together(connection, authors, reading=reading)
            while page := await source.read(authors.position, 1_000):
                await together.apply(page, piece)
            assert [] == together.troubled
            found.append(await contents(connection, authors))
    assert found[0]["parked"]
    assert found[0] == found[1]


async def test_one_that_loses_its_term_in_the_middle_stays_where_it_was(database: str) -> None:
    await store(database, random_lives(5, articles=2, steps=30))

    class Fencing(Together):
        async def committed(self, generation: Generation, tags: Iterable[str], position: int) -> None:
            await super().committed(generation, tags, position)
            await reading.execute("update project.cursor set term = term + 1 where schema like '%authors%'")

    async with (
        projector(database) as connection,
        projector(database) as reading,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        authors = await follower_of(connection, AUTHORS)
        assert await authors.lead(connection)
        together = Fencing(connection, authors, reading=reading)
        await together.apply(await source.read(0, 30), 5)
        fenced = await contents(connection, authors)
        other = await follower_of(connection, AUTHORS, generation=2)
        assert await other.lead(connection)
        await Together(connection, other).apply(await source.read(0, 5))
        assert fenced == await contents(connection, other)
    assert (1, [("authors", "Fenced")]) == (together.told, together.troubled)


async def test_a_page_has_so_many_pieces_and_what_is_left_comes_with_the_next_turn(database: str) -> None:
    await store(database, random_lives(6, articles=2, steps=30))
    async with (
        projector(database) as connection,
        projector(database) as reading,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        authors = await follower_of(connection, AUTHORS)
        assert await authors.lead(connection)
        await Together(connection, authors, reading=reading).apply(await source.read(0, 30), 2)
        assert 2 * PIECES == authors.position
