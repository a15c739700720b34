"""A feed that is filled again is the one that followed; numbers stay, whatever builds come and go."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kit.postgres.connect import Connection
from projections.feed.numbers import number
from projections.feed.projection import feed_projection
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from projections.verify.tables import tables
from tests.given.entries import Entry
from tests.projections.driving import contents, follow, follower_of
from tests.projections.feed.build import CODEC, FEED, PROJECTIONS
from tests.read_side.kinds.test_rebuilt import live_as_a_picture
from tests.read_side.kinds.walk import Walk
from tests.read_side.kinds.world import KINDS, World, three_kinds

HERE = BuildModule("tests.projections.feed.build")

NUMBERS = "select sequence, position from project.public order by 1"

MISSING = "select position from {}.event where public order by 1"


@pytest_asyncio.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with three_kinds(database) as one:
        yield one


async def lived(world: World, commands: int = 200) -> None:
    """Let three kinds live for a while, and pictures."""
    walk = Walk(world, 11)
    for _ in range(commands):
        walk.command()
    for picture in range(8):
        live_as_a_picture(world, picture)
    await world.here.store()


async def numbered(connection: Connection) -> list[tuple[int, int]]:
    return [tuple(row) for row in await connection.fetch(NUMBERS)]


async def test_a_replay_in_slices_leaves_the_feed_that_followed_the_log(world: World) -> None:
    await lived(world)
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, [1, 7, 30], codec=CODEC)
    rebuilt = await begin(connection, FEED, live.generation.fingerprint, 2)
    await replay(world.here.dsn, HERE, rebuilt, jobs=2, told=lambda _progress: None, long=5)
    followed = await contents(connection, live)
    assert followed == await contents(connection, await follower_of(connection, FEED, generation=2))
    assert [] == followed["parked"]
    assert len(world.log.events) == len(followed["event"])
    found = await tables(world.here.dsn, FEED, HERE, jobs=1, told=lambda _name, _done, _of: None)
    assert found.ok, found.detail


async def test_verify_names_a_row_of_the_feed_that_is_not_what_its_event_comes_to(world: World) -> None:
    await lived(world, 20)
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, codec=CODEC)
    await connection.execute(f"update {live.schema}.event set public = not public where position = 3")
    found = await tables(world.here.dsn, FEED, HERE, jobs=1, told=lambda _name, _done, _of: None)
    assert not found.ok
    assert "event 3" in found.detail


async def test_numbers_are_given_once_in_the_order_of_the_log_whatever_is_filled_again(world: World) -> None:
    await lived(world)
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, codec=CODEC)
    await number(connection, live.schema)
    public = [row["position"] for row in await connection.fetch(MISSING.format(live.schema))]
    assert list(enumerate(public, 1)) == await numbered(connection)
    again = await begin(connection, FEED, live.generation.fingerprint, 2)
    await replay(world.here.dsn, HERE, again, jobs=1, told=lambda _progress: None)
    assert 0 == await number(connection, again.schema)
    assert list(enumerate(public, 1)) == await numbered(connection)


async def test_a_build_that_thinks_otherwise_of_what_is_public_changes_no_number(world: World) -> None:
    await lived(world)
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, codec=CODEC)
    await number(connection, live.schema)
    before = await numbered(connection)
    other = await begin(connection, FEED, "0123456789ab", 3)
    await replay(world.here.dsn, HERE, other, jobs=1, told=lambda _progress: None)
    await connection.execute(f"update {other.schema}.event set public = true")
    left = len(world.log.events) - before[-1][1]
    assert left == await number(connection, other.schema)
    assert before == (await numbered(connection))[: len(before)]


async def test_numbers_wait_before_an_event_that_was_put_aside(world: World) -> None:
    kept = world.museum("kept").publish()
    world.museum("other").publish()
    await world.here.store()
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, codec=CODEC)
    first = next(one.position for one in world.log.events if one.stream == kept.id)
    parked = "insert into project.parked (schema, stream, position, error) values ($1, $2, $3, 'x')"
    await connection.execute(parked, live.schema, kept.id, first)
    assert 0 == await number(connection, live.schema)
    await connection.execute("delete from project.parked")
    assert 2 == await number(connection, live.schema)


@pytest.mark.parametrize("size", [2_001, 5_000])
async def test_the_row_of_a_revision_holds_its_text_by_hash_and_size_alone(world: World, size: int) -> None:
    entry = Entry(world.log, KINDS[0], "long", locale="en", body="x" * size)
    entry.revise(body="y" * size)
    await world.here.store()
    connection = world.here.connection
    live = await follower_of(connection, FEED)
    await follow(world.here.dsn, connection, live, codec=CODEC)
    rows = await connection.fetch(
        "select body_size, octet_length(body_hash) as hash, pg_column_size(e.*) as row"
        f" from {live.schema}.event e where type like 'article.%' order by position"
    )
    assert [(size, 32)] * 2 == [(row["body_size"], row["hash"]) for row in rows]
    assert rows[1]["row"] < 300


def test_every_class_of_event_has_a_row() -> None:
    assert set(CODEC.classes.values()) == set(FEED.handlers)
    assert [one.name for one in PROJECTIONS] == ["entries", feed_projection((), ()).name]
