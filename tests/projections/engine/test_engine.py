"""Whatever the batches, whichever copy leads, whatever dies: the tables are the fold of the log."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.codec import CODEC, Stored
from events.reading import Item, reader_of
from kit.log.digest import digest_of
from kit.log.lease import Fenced
from kit.log.source import LogSource
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import drop
from projections.catalog import PROJECTIONS
from projections.engine.follower import Follower
from projections.engine.lookahead import Lookahead
from projections.engine.loop import Engine, tell_nobody
from projections.engine.swap import make_current
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from tests.adversaries.truth import arrived
from tests.given.lives import ARCHIVED, UNREADABLE, Written, random_lives, store, store_behind, store_raw
from tests.projections.driving import contents, follow, follower_of, projector
from tests.projections.made import AUTHOR, AUTHORS
from tests.servers.beside import beside

ARTICLE = PROJECTIONS[0]
HERE = BuildModule("tests.projections.made")


async def test_any_split_into_batches_gives_the_same_tables(database: str) -> None:
    await store(database, random_lives(1, articles=4, steps=80))

    async def with_batches(sizes: list[int], generation: int) -> object:
        async with projector(database) as connection:
            follower = await follower_of(connection, ARTICLE, generation=generation)
            await follow(database, connection, follower, sizes)
            found = await contents(connection, follower)
            if generation > 1:
                await drop(connection, follower.generation)
            return found

    whole = await with_batches([], 1)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.integers(1, 9), min_size=1, max_size=60))
    def split(sizes: list[int]) -> None:
        assert whole == asyncio.run(with_batches(sizes, 2))

    await asyncio.to_thread(split)


async def test_a_count_that_no_repetition_survives_is_exact(database: str) -> None:
    lives = random_lives(2, articles=3, steps=60)
    await store(database, lives)
    async with projector(database) as connection:
        follower = await follower_of(connection, AUTHORS)
        await follow(database, connection, follower, [3, 1, 4, 1, 5])
        total = await connection.fetchval(f"select sum(events) from {follower.schema}.{AUTHOR.name}")
    assert sum(1 for _, _, event in lives if event.TYPE.startswith("article.")) == total


async def test_a_batch_applied_again_writes_nothing(database: str) -> None:
    await store(database, random_lives(3, articles=2, steps=20))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        follower = await follower_of(connection, AUTHORS)
        await follower.lead(connection)
        page = await source.read(0, 10)
        await follower.apply_all(connection, page, tell_nobody)
        before = await contents(connection, follower)
        follower.position = 0  # as a copy that never heard of its own commit
        with pytest.raises(Fenced):
            await follower.apply_all(connection, page, tell_nobody)
        assert before == await contents(connection, follower)


async def test_a_batch_that_leaves_an_event_out_is_refused(database: str) -> None:
    await store(database, random_lives(3, articles=2, steps=20))
    async with projector(database) as connection, LogSource(database, reader_of(CODEC), "test") as source:
        follower = await follower_of(connection, ARTICLE)
        await follower.lead(connection)
        page = await source.read(0, 10)
        with pytest.raises(ValueError, match="every position"):
            await follower.apply_all(connection, page[:3] + page[4:], tell_nobody)


async def test_an_old_copy_that_wakes_up_can_write_nothing(database: str) -> None:
    await store(database, random_lives(4, articles=2, steps=30))
    async with (
        projector(database) as frozen,
        projector(database) as connection,
        LogSource(database, reader_of(CODEC), "test") as source,
    ):
        old = await follower_of(connection, ARTICLE, holder="old")
        assert await old.lead(frozen)
        page = await source.read(0, 10)
        new = Follower(ARTICLE, old.generation, "new", 0.2)
        assert not await new.lead(connection)  # the lease still holds
        await asyncio.sleep(0.3)
        assert await new.lead(connection)
        await follow(database, connection, new)
        before = await contents(connection, new)
        with pytest.raises(Fenced):
            await old.apply_all(frozen, page, tell_nobody)
        assert before == await contents(connection, new)


async def test_a_poison_event_parks_its_entity_and_nothing_else(database: str) -> None:
    lives = random_lives(5, articles=3, steps=40)
    await store(database, lives)
    poison = Stored("article.revised", 1, b'{"revision":"poison"}')
    poisoned = await store_behind(database, lives, 0, poison, ARCHIVED)
    other = random_lives(6, articles=1, steps=5)
    await store(database, other)
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower, [7, 7])
        found = await contents(connection, follower)
        head = await connection.fetchval("select log.head()")
    assert [poisoned, poisoned] == [stream for stream, _ in found["parked"]]
    assert head == found["cursor"][0][0]
    assert any(str(other[0][0]) in row for row in found["entry"])


@pytest.mark.parametrize(
    ("type_", "huge"),
    [
        ("revised", b'{"revision":1099511627776,"changed":{"title":{"before":"a","after":"b"}}}'),
        ("published", b'{"revision":1099511627776,"title":"a","slug":"a","locale":"en","summary":""}'),
        ("revised", b'{"revision":2,"changed":{},"translated_from":{"entry":"%b","revision":%d}}'),
    ],
    ids=["where it is written", "where a row is looked for", "where it is made JSON"],
)
async def test_an_event_that_the_database_refuses_is_parked_alone(
    database: str, type_: str, huge: bytes
) -> None:
    """A number that is read without complaint and fits nowhere."""
    lives = random_lives(7, articles=2, steps=10)
    await store(database, lives)
    if b"%" in huge:
        huge %= str(lives[0][0]).encode(), 10**30
    stream = await store_behind(database, lives, 0, Stored(f"article.{type_}", 1, huge))
    await store(database, random_lives(11, articles=1, steps=4))
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        found = await contents(connection, follower)
    assert [stream] == [parked for parked, _ in found["parked"]]
    assert len(found["entry"]) == 3


@pytest.mark.parametrize("long", [1_000, 5], ids=["in slices", "page by page"])
async def test_a_rebuild_equals_what_was_followed_with_parked_entities_among_them(
    database: str, long: int
) -> None:
    lives = random_lives(8, articles=6, steps=150)
    await store(database, lives)
    await store_behind(database, lives, 2, UNREADABLE)
    async with projector(database) as connection:
        live = await follower_of(connection, ARTICLE)
        await follow(database, connection, live)
        rebuilt = await begin(connection, ARTICLE, live.generation.fingerprint, 2)
        await replay(database, HERE, rebuilt, jobs=1, told=lambda _progress: None, long=long)
        alone = await connection.fetchval("select count(*) from project.slice where alone")
        assert (alone > 0) == (long == 5), "the long ones are filled page by page"
        assert await make_current(connection, rebuilt, instead_of=live.generation)
        other = await follower_of(connection, ARTICLE, generation=2)
        assert await contents(connection, live) == await contents(connection, other)
        states = await connection.fetch("select generation, state from project.generation order by 1")
    assert [(1, "old"), (2, "current")] == [tuple(row) for row in states]


async def test_the_digest_is_that_of_the_log_whatever_the_order(database: str) -> None:
    await store(database, random_lives(9, articles=2, steps=30))
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower, [5, 3])
        digest = await connection.fetchval(
            "select digest from project.cursor where schema = $1", follower.schema
        )
        log = await connection.fetch("select position, id from log.event order by id")
    assert Decimal(digest_of((row["position"], row["id"]) for row in log)) == digest


async def test_the_engine_follows_what_is_appended_while_it_runs(database: str) -> None:
    async with projector(database) as connection:
        await follower_of(connection, ARTICLE)
        async with beside(Engine(database, CODEC, [ARTICLE], "test").run()):
            lives = random_lives(10, articles=3, steps=40)
            await store(database, lives)
            await arrived(connection, [ARTICLE])
        lease = await connection.fetchval("select until <= clock_timestamp() from project.lease")
    assert lease, "a clean stop gives the lease back at once"


@pytest.mark.parametrize("long", [1_000, 1], ids=["in slices", "page by page"])
async def test_a_rebuild_passes_over_what_an_operator_has_skipped(database: str, long: int) -> None:
    stream = random_lives(12, articles=1, steps=0)[0][0]
    await store(database, random_lives(12, articles=1, steps=0))
    await store_raw(database, stream, 1, UNREADABLE)
    async with projector(database) as connection:
        head = await connection.fetchval("select log.head()")
        rebuilt = await begin(connection, ARTICLE, fingerprint(ARTICLE), 1)
        await connection.execute(
            "insert into project.skipped (schema, stream, position, reason, by)"
            " values ($1, $2, $3, 'x', 'y')",
            rebuilt.schema,
            stream,
            head,
        )
        await replay(database, HERE, rebuilt, jobs=1, told=lambda _progress: None, long=long)
        assert 0 == await connection.fetchval("select count(*) from project.parked")
        assert head == await connection.fetchval("select seen from project.cursor")


class _Growing(LogSource[Item]):
    """A log that has always one more event when it is looked at."""

    def __init__(self, dsn: str, written: Sequence[Written]) -> None:
        super().__init__(dsn, reader_of(CODEC), "test source")
        self._still = [written[n : n + 1] for n in range(len(written))]

    async def read(self, after: int, limit: int) -> list[Item]:
        await store(self._dsn, self._still.pop(0))
        return await super().read(after, limit)


async def test_a_set_that_is_behind_comes_to_the_place_of_the_first_one_however_much_is_written(
    database: str,
) -> None:
    """A rebuild compares both at one place: without that it waits for a pause of the writers."""
    lives = random_lives(41, articles=3, steps=20)
    await store(database, lives[:10])
    async with projector(database) as connection, _Growing(database, lives[10:]) as source:
        await follow(database, connection, await follower_of(connection, ARTICLE))
        second = await follower_of(connection, ARTICLE, generation=2)
        await connection.execute(
            "update project.generation set state = 'following' where schema = $1", second.schema
        )
        engine, ahead = Engine(database, CODEC, [ARTICLE], "test"), Lookahead(source, 1_000)
        engine.look()
        for _ in range(3):
            await engine._turn(connection, source, ahead)  # noqa: SLF001 - one after the other
        places = await connection.fetch("select position from project.cursor")
    assert 1 == len({row["position"] for row in places}), places
