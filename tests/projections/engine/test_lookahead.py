"""Models at different places of the log do not hold each other up."""

import asyncio

from events.codec import CODEC
from events.reading import reader_of
from kit.log.source import LogSource
from kit.running.beside_loop import BesideLoop
from projections.engine.follower import BATCH
from projections.engine.lookahead import Lookahead
from projections.engine.loop import Engine
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.projections.made import AUTHORS, PROJECTIONS
from tests.servers.beside import beside


async def test_pages_follow_each_other_without_a_hole_from_several_places(database: str) -> None:
    await store(database, random_lives(21, articles=3, steps=60))
    async with LogSource(database, reader_of(CODEC), "test") as source:
        whole = [item.position for item in await source.read(0, 1_000)]
        ahead = Lookahead(source, 7)
        seen: dict[int, list[int]] = {0: [], 20: []}
        places = {0: 0, 20: 20}
        for _ in range(len(whole)):
            for start, after in places.items():
                page = await ahead.page(after)
                seen[start] += [item.position for item in page]
                places[start] = page[-1].position if page else after
        await ahead.forget()
    assert whole == seen[0]
    assert whole[20:] == seen[20]


async def test_a_page_that_is_cut_for_its_time_is_followed_by_the_next_one_ahead(database: str) -> None:
    await store(database, random_lives(21, articles=3, steps=60))
    async with LogSource(database, reader_of(CODEC), "test") as source:
        whole = [item.position for item in await source.read(0, 1_000)]
        source._worker = BesideLoop(piece=0)  # noqa: SLF001 - no time but for one event
        ahead = Lookahead(source, 20)
        seen: list[int] = []
        while page := await ahead.page(seen[-1] if seen else 0):
            if not seen:
                assert 1 == len(page)
                assert [1] == list(ahead._ahead)  # noqa: SLF001 - it is being read already
            seen += [item.position for item in page]
        await ahead.forget()
    assert whole == seen


async def test_a_page_that_is_asked_for_again_is_followed_by_the_one_that_is_being_read_already(
    database: str,
) -> None:
    """A model that pauses after trouble asks for the same page at every turn."""
    await store(database, random_lives(21, articles=3, steps=60))
    async with LogSource(database, reader_of(CODEC), "test") as source:
        ahead = Lookahead(source, 7)
        await ahead.page(0)
        begun = ahead._ahead[7]  # noqa: SLF001 - nobody else would end it
        await ahead.page(0)
        assert begun is ahead._ahead[7]  # noqa: SLF001
        await ahead.forget()


async def test_the_log_ends_after_the_page_that_was_handed_out_last_not_after_the_one_ahead(
    database: str,
) -> None:
    await store(database, random_lives(21, articles=3, steps=60))
    async with LogSource(database, reader_of(CODEC), "test") as source:
        head = len(await source.read(0, 1_000))
        ahead = Lookahead(source, head - 5)
        first = await ahead.page(0)
        await asyncio.gather(*ahead._ahead.values())  # noqa: SLF001 - the next page is there
        assert source.at_end
        assert not ahead.ends_at(first[-1].position)
        assert not ahead.ends_at(head)
        rest = await ahead.page(first[-1].position)
        assert head == rest[-1].position
        assert ahead.ends_at(head)


async def test_a_model_that_catches_up_does_not_hold_up_one_that_is_live(database: str) -> None:
    await store(database, random_lives(22, articles=2, steps=40))
    async with projector(database) as connection:
        live = await follower_of(connection, PROJECTIONS[0])
        await follow(database, connection, live)
        await live.free_lease(connection)
        await follower_of(connection, AUTHORS)  # at 0
        async with beside(Engine(database, CODEC, PROJECTIONS, "test").run()):
            await store(database, random_lives(23, articles=2, steps=20))
            head = await connection.fetchval("select log.head()")
            for _ in range(400):
                places = await connection.fetch("select position from project.cursor")
                if all(row["position"] == head for row in places):
                    break
                await asyncio.sleep(0.02)
    assert head < BATCH
    assert {head} == {row["position"] for row in places}
