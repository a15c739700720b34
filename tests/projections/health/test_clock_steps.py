"""A clock that was wrong and is set right stops no reader, and hides neither a lag nor that nobody leads."""

import asyncio
import io
from contextlib import redirect_stdout

import psycopg
import pytest
from structlog.testing import capture_logs

from events.codec import CODEC
from kit.log.lease import Lease
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.engine.needed_generations import promote
from projections.health.metrics import ReaderMetrics, role
from projections.health.observer import Observer
from projections.health.readers import look
from projections.rebuild.replay import begin, replay
from projections.this_build import THIS_BUILD
from projections.verify.verify import Build
from scripts.models.status import status
from scripts.models.verify import verify
from tests.given.lives import random_lives, store
from tests.projections.driving import follow, follower_of, projector
from tests.projections.health.test_metrics import OURS, samples
from write_side.log.gate import check as pass_the_gate

ARTICLE = PROJECTIONS[0]


def set_moments_ahead(dsn: str, hours: int = 1) -> None:
    """Give the newest event the moment that a clock which is ahead would have given it."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute(
            "update log.event set recorded_at = clock_timestamp() + make_interval(hours => %s)"
            " where position = (select max(position) from log.event)",
            [hours],
        )


async def set_until(connection: Connection, hours: int) -> None:
    await connection.execute(
        "update project.lease set until = clock_timestamp() + make_interval(hours => $1)", hours
    )


async def test_a_lease_that_was_given_back_while_the_clock_was_ahead_is_free(database: str) -> None:
    async with projector(database) as former, projector(database) as connection:
        assert await (await follower_of(former, ARTICLE, holder="former")).lead(former)
        await set_until(connection, 1)
        await former.close()
        (article, *_) = (await look(connection, OURS)).readers
        assert "stopped" == role(article, "a standby"), "so it is not ready"
        standby = await follower_of(connection, ARTICLE, holder="standby")
        async with asyncio.timeout(30):
            while not await standby.lead(connection):  # noqa: ASYNC110 - the server ends the session
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_leader_that_is_at_work_stays_the_leader_whatever_the_clock_does(
    database: str, hours: int
) -> None:
    async with projector(database) as one, projector(database) as other:
        leader, standby = Lease("forwarder", "leader", 1.0), Lease("forwarder", "standby", 1.0)
        assert 0 == await leader.take(one, begins=True)
        for _ in range(6):
            await set_until(one, hours)
            assert None is await standby.take(other, begins=True)
            await asyncio.sleep(0.1)
            await leader.renew(one)
        assert None is await standby.take(other, begins=True)
        await asyncio.sleep(1.2)  # now it is silent
        assert 0 == await standby.take(other, begins=True)


async def test_what_is_behind_grows_old_although_its_moment_is_still_to_come(database: str) -> None:
    now = 100.0
    await store(database, random_lives(91, articles=1, steps=5))
    async with projector(database) as connection:
        follower = await follower_of(connection, ARTICLE)
        await follow(database, connection, follower)
        lookout = Observer(database, OURS, clock=lambda: now)
        set_moments_ahead(database)

        async def seen() -> tuple[int, float, float]:
            view = await lookout.look()
            assert view is not None
            found = samples(ReaderMetrics(view, 0.0))
            assert 3_590 < found["frankenjet_log_ahead_seconds", ""] <= 3_600
            article = view.readers[0]
            return article.lag_events, article.lag_seconds, article.oldest_seconds

        assert (0, 0.0, 0.0) == await seen()
        now = 107.0
        await store(database, random_lives(92, articles=1, steps=0))
        assert (2, 0.0, 0.0) == await seen(), "seen for the first time"
        now = 140.0
        await store(database, random_lives(93, articles=1, steps=0))
        assert (4, 33.0, 33.0) == await seen()
        await follow(database, connection, follower)
        now = 141.0
        assert (0, 0.0, 0.0) == await seen()


async def test_a_set_that_is_far_behind_does_not_become_current_while_ages_say_nothing(database: str) -> None:
    await store(database, random_lives(94, articles=3, steps=100))
    async with projector(database) as connection:
        filled = await begin(connection, ARTICLE, fingerprint(ARTICLE), 1)
        await replay(database, THIS_BUILD, filled, jobs=1, told=lambda _progress: None)
        head = await connection.fetchval("select log.head()")
        set_moments_ahead(database)
        assert not await promote(connection, filled, head - 60)
        assert await promote(connection, filled, head - 3)


async def test_gate_status_and_verify_say_that_the_log_is_ahead_of_the_clock(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log_only = Build(CODEC, ())
    await store(database, random_lives(95, articles=1, steps=2))
    assert 0 == await verify(database, as_json=False, build=log_only)
    set_moments_ahead(database)
    assert 1 == await verify(database, as_json=False, build=log_only)
    assert "s ahead of the database's clock" in capsys.readouterr().out
    with redirect_stdout(io.StringIO()) as said:
        await status(database, as_json=False)
    assert "ahead of the clock" in said.getvalue().replace("\n", " ")
    with capture_logs() as logs:
        await pass_the_gate(database, CODEC)
    (line,) = [one for one in logs if one["event"] == "log.ahead_of_clock"]
    assert 3_590 < line["seconds"] <= 3_600
