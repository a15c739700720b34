"""What a rebuild leaves is what following leaves, whatever tables refuse; it is served when it is whole."""

import asyncio

import pytest

from events.base import Text
from events.codec import CODEC, Stored
from events.content.sources import Citation
from events.entry import entry_stream
from events.kinds.article import ARTICLE
from kit.errors import Refused
from kit.ids import named_id
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import generations
from projections.catalog import PROJECTIONS
from projections.engine.loop import Engine
from projections.engine.needed_generations import fresh, prepare
from projections.engine.swap import make_current
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from read_side.fresh.purge import look
from read_side.fresh.served import Served
from scripts.models.discard import abort
from scripts.models.rebuild import rebuild
from tests.adversaries.holding import holding, until_held_up
from tests.adversaries.truth import arrived, check, check_counts, feed
from tests.given.lives import ARCHIVED, Written, random_lives, store, store_behind
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.made import AUTHORS
from tests.servers.beside import beside
from write_side.log.appender import Appender

ARTICLES = PROJECTIONS[0]
HERE = BuildModule("tests.projections.made")

UNFIT = b'{"revision":1099511627776,"changed":{"title":{"before":"a","after":"b"}}}'
"""Read without complaint; fits into no column."""


async def test_a_rebuild_parks_what_the_tables_refuse_as_following_does(database: str) -> None:
    lives = random_lives(1, articles=7, steps=120)
    await store(database, lives)
    for number in (0, 6):
        await store_behind(database, lives, number, Stored("article.revised", 1, UNFIT), ARCHIVED)
    async with projector(database) as connection:
        live = await follower_of(connection, ARTICLES)
        await follow(database, connection, live)
        rebuilt = await begin(connection, ARTICLES, live.generation.fingerprint, 2)
        await replay(database, HERE, rebuilt, jobs=1, told=lambda _progress: None)
        followed = await contents(connection, live)
        assert 4 == len(followed["parked"])
        assert followed == await contents(connection, await follower_of(connection, ARTICLES, generation=2))


async def test_a_read_model_that_needs_the_order_between_streams_is_filled_in_a_single_pass(
    database: str,
) -> None:
    await store(database, random_lives(2, articles=4, steps=80))
    async with projector(database) as connection:
        await prepare(database, AUTHORS, HERE, told=lambda _progress: None)
        async with beside(Engine(database, CODEC, [AUTHORS], "test").run()):
            await arrived(connection, [AUTHORS])
            begun = await fresh(database, connection, AUTHORS, HERE, jobs=1, told=lambda _progress: None)
            assert begun is not None
            assert (2, "following") == (begun.generation, begun.state)
        other = await follower_of(connection, AUTHORS, generation=2)
        await follow(database, connection, other)
        first = await follower_of(connection, AUTHORS)
        assert await contents(connection, first) == await contents(connection, other)
    await check_counts(database)


async def test_a_set_is_not_served_before_it_holds_the_whole_log(database: str) -> None:
    """Events so large that a page of the log holds few of them."""
    big: list[Written] = []
    for number in range(60):
        subject = named_id("big", str(number))
        content = ARTICLE.content(
            title="t",
            summary="s",
            body=Text.of(str(number % 10) * 200_000),
            sources=(Citation(title="t", url=""),),
        )
        created = ARTICLE.life.created(subject=subject, locale="en", slug=f"big-{number}", content=content)
        big.append((entry_stream("article", subject, "en"), 0, created))
    async with projector(database) as connection, Appender(database) as appender:
        await feed(appender, big)
        await asyncio.sleep(1.1)
        await prepare(database, ARTICLES, HERE, told=lambda _progress: None)
        async with beside(Engine(database, CODEC, [ARTICLES], "test").run()):
            async with asyncio.timeout(30):
                while not await connection.fetchval(  # noqa: ASYNC110 - another task does it
                    "select count(*) from project.generation where state = 'current'"
                ):
                    await asyncio.sleep(0.002)
            assert 60 == await connection.fetchval("select position from project.cursor")


async def test_two_rebuilds_of_one_read_model_do_not_get_in_each_others_way(database: str) -> None:
    await store(database, random_lives(3, articles=2, steps=20))
    async with projector(database) as connection:
        assert 0 == await rebuild(database, "entries", fresh=False, jobs=1, as_json=True)
        running = asyncio.create_task(rebuild(database, "entries", fresh=True, jobs=1, as_json=True))
        while not (schema := await connection.fetchval(FILLING)):  # noqa: ASYNC110 - the database knows
            await asyncio.sleep(0.005)
        async with holding(database, f"lock table {schema}.revision in share mode"):
            await until_held_up(database, "frankenjet rebuild")
            with pytest.raises(Refused, match="is being rebuilt by another process"):
                await rebuild(database, "entries", fresh=True, jobs=1, as_json=True)
        assert 0 == await running
        known = await generations(connection, "entries", fingerprint(ARTICLES))
        assert [(2, "current"), (1, "old")] == [(one.generation, one.state) for one in known]
        assert 0 == await abort(database, "entries"), "there is nothing to abort, and nothing happens"
    await check(database, [ARTICLES])


async def test_a_copy_from_before_the_end_of_a_replay_is_not_believed(database: str) -> None:
    """A replay leaves no purge tags, and a set may be dropped and filled again under the same name."""
    await store(database, random_lives(4, articles=2, steps=20))
    async with projector(database) as connection:
        made = await begin(connection, ARTICLES, fingerprint(ARTICLES), 1)
        await replay(database, HERE, made, jobs=1, told=lambda _progress: None)
        await make_current(connection, made)
        head = await connection.fetchval("select log.head()")
        served = Served({"entries": made.fingerprint})
        await look(connection, served, "1")
    model = served.models["entries"]
    assert not model.holds(made.schema, head - 1, ["entry:x"])
    assert model.holds(made.schema, head, ["entry:x"])


FILLING = "select schema from project.generation where state = 'filling'"
