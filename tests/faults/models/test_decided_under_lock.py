"""What a verb does is decided on the state as it is under the lock, not as it was when somebody looked."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from events.codec import CODEC, Stored
from kit.log.lease import Lease
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import fills, make, not_whole
from projections.catalog import PROJECTIONS
from projections.engine import park
from projections.engine.needed_generations import promote
from projections.engine.swap import make_current
from projections.rebuild.replay import begin, replay
from projections.rebuild.slices import Aborted
from projections.this_build import THIS_BUILD
from projections.verify.tables import SCRATCH
from scripts.models.discard import abort, confirm
from scripts.models.rebuild import rebuild
from scripts.models.verify import verify
from tests.adversaries.holding import until_held_up
from tests.adversaries.truth import arrived, check, schema_of
from tests.faults.models.test_parked import poisoned
from tests.given.lives import random_lives, store, store_raw
from tests.projections.driving import follow, follower_of, projector
from tests.servers.running import in_process
from tests.write_side.log.given import value

ARTICLE = PROJECTIONS[0]

STATES = "select generation, state from project.generation order by 1"


async def has_whole_tables(connection: Connection) -> bool:
    schema = await schema_of(connection, ARTICLE)
    return schema is not None and not await not_whole(connection, [(ARTICLE, schema)])


async def test_an_abort_in_the_moment_of_the_exchange_leaves_what_readers_use_by_then(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(81, articles=2, steps=10))
    async with projector(database) as connection:
        former = await follower_of(connection, ARTICLE)
        await follow(database, connection, former)
        filled = await begin(connection, ARTICLE, fingerprint(ARTICLE), 2)
        await replay(database, THIS_BUILD, filled, jobs=1, told=lambda _progress: None)
        async with connection.transaction():
            assert await make_current(connection, filled, instead_of=former.generation)
            aborting = asyncio.create_task(abort(database, "entries"))
            await until_held_up(database, "frankenjet rebuild")
        assert 1 == await aborting
        assert capsys.readouterr().out.endswith(f"{filled.schema} is current by now, and kept\n")
        assert [(1, "old"), (2, "current")] == [tuple(row) for row in await connection.fetch(STATES)]
        assert not await not_whole(connection, [(ARTICLE, filled.schema)])


async def all_filled(database: str) -> None:
    """Fill every read model of this build."""
    for one in PROJECTIONS:
        assert 0 == await rebuild(database, one.name, fresh=False, jobs=1, as_json=True)


async def test_what_was_aborted_or_replaced_meanwhile_does_not_become_current(database: str) -> None:
    await store(database, random_lives(82, articles=2, steps=10))
    async with projector(database) as connection:
        former = await follower_of(connection, ARTICLE)
        await follow(database, connection, former)
        second, third = [await begin(connection, ARTICLE, fingerprint(ARTICLE), n) for n in (2, 3)]
        for one in (second, third):
            await replay(database, THIS_BUILD, one, jobs=1, told=lambda _progress: None)
        assert await make_current(connection, second, instead_of=former.generation)
        with pytest.raises(Aborted):
            await make_current(connection, third, instead_of=former.generation)
        assert not await make_current(connection, third), "as an engine that saw none"
        assert 0 == await abort(database, "entries")
        with pytest.raises(Aborted):
            await make_current(connection, third, instead_of=second)
        assert second.schema == await schema_of(connection, ARTICLE)


async def test_a_set_that_is_dropped_in_the_moment_when_it_would_become_current_halts_nobody(
    database: str,
) -> None:
    async with projector(database) as connection:
        made = await make(
            connection, ARTICLE, fingerprint(ARTICLE), generation=1, state="following", indexed=True
        )
        assert 0 == await abort(database, "entries")
        assert not await promote(connection, made, 0)
        assert [] == await connection.fetch(STATES)


async def test_a_set_that_somebody_begins_to_lead_while_it_is_confirmed_away_is_kept(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(83, articles=1, steps=5))
    await all_filled(database)
    async with projector(database) as connection:
        other = await begin(connection, ARTICLE, "abcdefabcdef", 1)
    async with projector(database) as connection:
        async with connection.transaction():
            assert 0 == await Lease(other.schema, "another build").take(connection)
            confirming = asyncio.create_task(confirm(database))
            await until_held_up(database, "frankenjet rebuild")
        assert 1 == await confirming
        assert "is in use again, and kept" in capsys.readouterr().out
        assert not await not_whole(connection, [(ARTICLE, other.schema)])
    assert 0 == await confirm(database), "its session has ended"


@pytest.mark.parametrize("build", ["abcdefabcdef", SCRATCH], ids=["another build", "verify"])
async def test_a_set_that_somebody_is_filling_is_not_left_over(
    database: str, build: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(83, articles=1, steps=5))
    await all_filled(database)
    async with projector(database) as connection:
        other = await begin(connection, ARTICLE, build, 1)
        assert 0 == await confirm(database)
        assert 0 == await verify(database, as_json=True)
        assert f"dropped {other.schema}" not in capsys.readouterr().out
        assert not await not_whole(connection, [(ARTICLE, other.schema)])
    async with projector(database) as connection:  # that run was killed, and another one goes on with it
        await fills(connection, other.schema)
        assert 0 == await confirm(database)
        assert not await not_whole(connection, [(ARTICLE, other.schema)])
    assert 0 == await confirm(database)
    assert f"dropped {other.schema}" in capsys.readouterr().out


async def test_an_event_is_passed_over_only_while_it_is_the_one_that_was_decided_about(database: str) -> None:
    stream = await poisoned(database)
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        first = await connection.fetchval("select min(position) from project.parked")
        decided = {"by": "test", "reason": "broken"}
        for position in (first - 1, first + 1):
            assert None is await park.skip(
                connection, CODEC, ARTICLE, follower.generation, stream, position=position, **decided
            )
        assert 0 == await connection.fetchval("select count(*) from project.skipped")
        assert 2 == await connection.fetchval("select count(*) from project.parked")


async def test_no_lease_makes_a_cursor_of_what_was_dropped(database: str) -> None:
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        assert await follower.lead(connection)
        await follower.free_lease(connection)
        other = await begin(connection, ARTICLE, fingerprint(ARTICLE), 2)
        assert 0 == await abort(database, "entries")
        assert None is await Lease(other.schema, "late").take(connection)
        assert [follower.schema] == [
            row["schema"] for row in await connection.fetch("select schema from project.cursor")
        ]


@pytest.mark.parametrize("gone", ["drop schema {0} cascade", "drop table {0}.revision"])
async def test_a_running_projector_fills_again_what_somebody_has_dropped(
    database: str, tmp_path: Path, gone: str
) -> None:
    await store(database, random_lives(84, articles=3, steps=20))
    async with in_process(database, tmp_path), projector(database) as connection:
        await arrived(connection, PROJECTIONS)
        schema = await schema_of(connection, ARTICLE)
        owner = await asyncpg.connect(database)
        await owner.execute(gone.format(schema))
        await owner.close()
        await store_raw(database, random_lives(85, articles=1, steps=0)[0][0], 0, Stored("x", 0, b"{}"))
        async with asyncio.timeout(30):
            while not await has_whole_tables(connection):  # noqa: ASYNC110 - the projector makes them
                await asyncio.sleep(0.05)
        await arrived(connection, PROJECTIONS)
    await check(database, PROJECTIONS)


async def test_verify_is_not_content_without_tables(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(database, random_lives(86, articles=1, steps=5))
    assert 1 == await verify(database, as_json=False)
    assert "there are no current tables of it" in capsys.readouterr().out
    await all_filled(database)
    async with projector(database) as connection:
        schema = await schema_of(connection, ARTICLE)
    assert await value(database, f"drop table {schema}.facets_article") is None
    assert 1 == await verify(database, as_json=False)
    assert "tables of it are missing" in capsys.readouterr().out
