"""Projectors are killed, frozen and replaced while articles are written: each event counts exactly once."""

import asyncio
import random
import signal
import time
from pathlib import Path

import pytest

from kit.log.lease import LEASE_SECONDS
from tests.adversaries.holding import holding, until_held_up
from tests.adversaries.prove import MINUTES, SEED, rounds
from tests.adversaries.truth import arrived, check, check_counts, feed, leader, led_by, schema_of
from tests.given.lives import random_lives
from tests.projections.driving import contents, follower_of, projector
from tests.projections.made import AUTHORS, PROJECTIONS
from tests.servers.fleet import Fleet, fleet
from write_side.log.appender import Appender

ENGINES = """
select count(*) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet engine'"""


HOLD_ROWS = "lock table {0}.author in share row exclusive mode"


async def killed_again_and_again(dsn: str, ships: Fleet, seed: int, kills: int, seconds: float) -> int:
    """Write lives while the leader is killed at random moments and replaced; return the count of kills."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for one in ("a", "b"):
        ships.start(one)
    killed = 0
    end = time.monotonic() + seconds
    async with projector(dsn) as connection, Appender(dsn) as appender:
        written = 0
        while killed < kills and time.monotonic() < end:
            lives = random_lives(seed * 1_000 + written, articles=5, steps=chance.randrange(20, 150))
            written += 1
            await feed(appender, lives)
            pid = await leader(connection, AUTHORS)
            name = None if pid is None else ships.name_of(pid)
            if name is not None:
                await asyncio.sleep(chance.random() * 0.05)
                ships.kill(name)
                ships.start(name)
                killed += 1
        await arrived(connection, PROJECTIONS, 120)  # the log is long: a server in memory takes events fast
    return killed


async def test_five_kills_leave_every_count_exact(database: str, tmp_path: Path) -> None:
    with fleet(database, tmp_path, lease=0.4) as ships:
        assert 5 == await killed_again_and_again(database, ships, SEED, 5, 30), f"SEED={SEED}"
    await check_counts(database)
    await check(database, PROJECTIONS)


@pytest.mark.prove
@pytest.mark.timeout(max(MINUTES, 8) * 60 + 120)
async def test_two_hundred_kills_leave_every_count_exact(database: str, tmp_path: Path) -> None:
    kills = rounds(200)
    with fleet(database, tmp_path, lease=0.4) as ships:
        killed = await killed_again_and_again(database, ships, SEED, kills, max(MINUTES, 8) * 60)
    assert kills == killed, f"SEED={SEED}"
    await check_counts(database)
    await check(database, PROJECTIONS)


@pytest.mark.parametrize(
    "held",
    [
        "select from project.cursor where schema = '{0}' for update",
        pytest.param(HOLD_ROWS, marks=pytest.mark.prove),
    ],
)
async def test_a_kill_in_the_middle_of_a_transaction_leaves_nothing_of_it(
    database: str, tmp_path: Path, held: str
) -> None:
    with fleet(database, tmp_path, lease=0.4) as ships:
        ships.start("first")
        async with projector(database) as connection, Appender(database) as appender:
            await feed(appender, random_lives(SEED, articles=2, steps=20))
            await arrived(connection, PROJECTIONS)
            async with holding(database, held.format(await schema_of(connection, AUTHORS))):
                await feed(appender, random_lives(SEED + 1, articles=2, steps=50))
                await until_held_up(database, "frankenjet engine")
                ships.kill("first")
                await asyncio.sleep(1.2)  # now the server has given up what the dead one waited for
            ships.start("second")
            await arrived(connection, PROJECTIONS)
    await check_counts(database)
    await check(database, PROJECTIONS)


async def test_a_standby_takes_the_place_of_a_copy_that_is_killed_at_once(
    database: str, tmp_path: Path
) -> None:
    with fleet(database, tmp_path, lease=LEASE_SECONDS) as ships:
        async with projector(database) as connection:
            first = ships.start("first")
            async with asyncio.timeout(30):
                while await schema_of(connection, AUTHORS) is None:  # noqa: ASYNC110 - another process makes it
                    await asyncio.sleep(0.02)
            await led_by(connection, AUTHORS, first, 30)
            second = ships.start("second")
            async with asyncio.timeout(30):
                while await connection.fetchval(ENGINES) < 2:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.02)
            ships.kill("first")
            assert await led_by(connection, AUTHORS, second, 5) < LEASE_SECONDS / 2


async def test_a_copy_that_was_frozen_while_another_took_over_writes_nothing(
    database: str, tmp_path: Path
) -> None:
    with fleet(database, tmp_path) as ships:
        old = ships.start("old")
        async with projector(database) as connection, Appender(database) as appender:
            await feed(appender, random_lives(SEED, articles=3, steps=100))
            await arrived(connection, PROJECTIONS)
            feeding = asyncio.create_task(feed(appender, random_lives(SEED + 1, articles=20, steps=2_000)))
            await asyncio.sleep(0.1)
            assert old == await leader(connection, AUTHORS)
            ships.send("old", signal.SIGSTOP)  # with a batch in its hands, most likely
            new = ships.start("new")
            await feeding
            await led_by(connection, AUTHORS, new, 30)
            await arrived(connection, PROJECTIONS)
            follower = await follower_of(connection, AUTHORS)
            before = await contents(connection, follower), await whole_cursor(connection, follower.schema)
            ships.send("old", signal.SIGCONT)
            async with asyncio.timeout(30):
                while "projection.fenced" not in ships.said("old"):  # noqa: ASYNC110 - it says so in its log
                    await asyncio.sleep(0.05)
            after = await contents(connection, follower), await whole_cursor(connection, follower.schema)
            assert before == after
            assert new == await leader(connection, AUTHORS)
    await check_counts(database)
    await check(database, PROJECTIONS)


async def whole_cursor(connection: object, schema: str) -> tuple[object, ...]:
    """Return all of a cursor's row, with the transaction that wrote it."""
    row = await connection.fetchrow("select *, xmin from project.cursor where schema = $1", schema)  # type: ignore[attr-defined]
    return tuple(row)


@pytest.mark.parametrize(
    ("end", "seconds"),
    [(signal.SIGTERM, 2), pytest.param(signal.SIGKILL, 10, marks=pytest.mark.prove)],
)
async def test_a_standby_takes_over_in_time(
    database: str, tmp_path: Path, end: signal.Signals, seconds: float
) -> None:
    with fleet(database, tmp_path, lease=LEASE_SECONDS) as ships:
        pids = {name: ships.start(name) for name in ("a", "b")}
        async with projector(database) as connection, Appender(database) as appender:
            await feed(appender, random_lives(SEED, articles=2, steps=20))
            await arrived(connection, PROJECTIONS)
            async with asyncio.timeout(30):
                while await connection.fetchval(ENGINES) < 2:  # noqa: ASYNC110 - another process does it
                    await asyncio.sleep(0.02)
            leads = await leader(connection, AUTHORS)
            first, second = ("a", "b") if leads == pids["a"] else ("b", "a")
            ships.kill(first, end)
            assert await led_by(connection, AUTHORS, pids[second], seconds) < seconds
