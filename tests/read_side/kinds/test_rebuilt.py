"""Tables of three kinds that are filled again are those that followed; verify names a row that is not."""

import pytest

from events.content.localized import Localized
from events.content.pictures import FocalPoint
from events.media import (
    MediaDescribed,
    MediaRegistered,
    MediaRestored,
    MediaSuppressed,
    media_stream,
)
from projections.engine.needed_generations import fresh
from projections.engine.swap import make_current
from projections.rebuild.replay import begin, replay
from projections.rebuild.worker import BuildModule
from projections.verify.tables import tables
from projections.verify.verdict import Verdict
from projections.verify.verify import Build, verdicts
from tests.projections.driving import contents, follow, follower_of
from tests.read_side.kinds.walk import Walk
from tests.read_side.kinds.world import CODEC, PROJECTION, PROJECTIONS, World

HERE = BuildModule("tests.read_side.kinds.world")


async def lived(world: World) -> None:
    """Let three kinds live for a while, with every relation that there may be."""
    walk = Walk(world, 7)
    for _ in range(250):
        walk.command()
    museum = world.museum("kept").publish()
    founders = [{"entry": str(one.id), "role": "founder", "place": str(museum.id)} for one in world.entries]
    bureau = world.bureau("kept", museum=str(museum.id), founders=founders).publish()
    bureau.publish(founders=founders[:2])
    for number in range(20):
        live_as_a_picture(world, number)
    await world.shown()


def live_as_a_picture(world: World, number: int) -> None:
    """Add the events of a picture; each has lived longer than the one before."""
    sha256 = f"{number:064x}"
    key = f"pictures/{sha256}.png"
    events = (
        MediaRegistered(sha256=sha256, size=10, type="image/png", width=4, height=3, key=key),
        MediaDescribed(alt=Localized(en="A biplane"), focal_point=FocalPoint(500, 250)),
        MediaSuppressed(reason="Stolen"),
        MediaRestored(),
    )
    for event in events[: number % 4 + 1]:
        world.log.add(media_stream(sha256), event)


async def test_a_replay_in_slices_leaves_the_tables_that_follow_the_log(world: World) -> None:
    await lived(world)
    connection, live = world.here.connection, world.here.follower
    rebuilt = await begin(connection, PROJECTION, live.generation.fingerprint, 2)
    await replay(world.here.dsn, HERE, rebuilt, jobs=2, told=lambda _progress: None, long=5)
    followed = await contents(connection, live)
    assert followed == await contents(connection, await follower_of(connection, PROJECTION, generation=2))
    assert [] == followed["parked"]
    assert all(followed[table.name] for table in PROJECTION.tables), "no table is empty"


async def test_a_fresh_generation_is_filled_while_readers_read_and_takes_the_place_of_the_other(
    world: World,
) -> None:
    await lived(world)
    connection = world.here.connection
    paths = [one.path for one in world.entries]
    before = [await world.from_rows(path) for path in paths]
    begun = await fresh(world.here.dsn, connection, PROJECTION, HERE, jobs=1, told=lambda _progress: None)
    assert begun is not None
    world.here.follower = await follower_of(connection, PROJECTION, generation=2)
    await follow(world.here.dsn, connection, world.here.follower, codec=CODEC)
    await make_current(connection, begun)
    await world.here.polled()
    assert before == [await world.from_rows(path) for path in paths]
    await world.agrees(*paths)


async def verdict(world: World) -> Verdict:
    return await tables(world.here.dsn, PROJECTION, HERE, jobs=1, told=lambda _name, _done, _of: None)


async def test_verify_finds_nothing_wrong_with_three_kinds(world: World) -> None:
    await lived(world)
    build = Build(CODEC, PROJECTIONS, HERE)
    found = [one async for one in verdicts(world.here.dsn, build, lambda _name, _done, _of: None)]
    assert {"golden"} >= {one.name for one in found if not one.ok}, "the tests' kinds have no golden files"
    assert {"streams", "slugs", "entries"} <= {one.name for one in found}


OURS = "where number = 1 and entry = $1"
DAMAGES = (
    (f"update {{schema}}.relation set target = gen_random_uuid() {OURS}", "relation"),
    (f"update {{schema}}.relation set item = null {OURS}", "relation"),
    (f"delete from {{schema}}.relation {OURS}", "relation"),
    ("update {schema}.facets_bureau set slug = 'x' where id = $1", "facets_bureau"),
)


@pytest.mark.parametrize(
    ("damage", "table"),
    [DAMAGES[0], *(pytest.param(*one, marks=pytest.mark.prove) for one in DAMAGES[1:])],
)
async def test_a_sabotaged_row_is_named(world: World, damage: str, table: str) -> None:
    museum = world.museum("kept").publish()
    founders = [{"entry": str(museum.id), "role": "founder"}]
    bureau = world.bureau("kept", museum=str(museum.id), founders=founders).publish()
    await world.shown()
    assert (await verdict(world)).ok
    sql = damage.format(schema=world.here.follower.schema)
    assert (await world.here.connection.execute(sql, bureau.id)).endswith(" 1")
    said = await verdict(world)
    assert not said.ok
    assert f"{table} {bureau.id}" in said.detail
    assert "is not what its events come to" in said.detail
