"""The lanes of an appender: two groups at a time, and no fault, refusal or end leaves anything behind."""

import asyncio
import gc
import time

import pytest

from kit.errors import Problem
from kit.ids import new_id
from tests.write_side.log.given import command, event, one_event, rows, value
from tests.write_side.log.test_appender import LATE, held_lock, settled, status_of
from write_side.log.append import Appended, Claim, Conflict, unpack
from write_side.log.appender import BESIDE, LANES, Appender

WAIT_FOR_THE_LOG = """
select count(*) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet append' and wait_event = 'advisory'"""


async def test_a_second_group_is_sent_while_the_first_is_under_way(database: str) -> None:
    async with Appender(database) as appender:
        await appender.append(one_event())
        async with held_lock(database):
            first = asyncio.create_task(appender.append(one_event()))
            await asyncio.sleep(0.05)
            few = [asyncio.create_task(appender.append(one_event())) for _ in range(BESIDE - 1)]
            await asyncio.sleep(0.05)
            assert 1 == await value(database, WAIT_FOR_THE_LOG)
            one_more = asyncio.create_task(appender.append(one_event()))
            async with asyncio.timeout(30):
                while await value(database, WAIT_FOR_THE_LOG) < LANES:  # noqa: ASYNC110 - the server says so
                    await asyncio.sleep(0.01)
        await asyncio.gather(first, *few, one_more)
    assert list(range(1, BESIDE + 3)) == [row.position for row in await rows(database)]
    assert 3 == await value(database, "select count(distinct xmin::text) from log.event")


async def test_a_caller_that_waits_when_the_appender_closes_is_told_at_once_and_later_ones_in_time(
    database: str,
) -> None:
    async with held_lock(database):
        async with Appender(database) as appender:
            on_their_way = [asyncio.create_task(appender.append(one_event())) for _ in range(3)]
            await asyncio.sleep(0.1)
        began = time.monotonic()
        answers = await settled(*on_their_way)
        assert time.monotonic() - began < 2
        assert [503] * 3 == [status_of(answer) for answer in answers]
        with pytest.raises(Problem):
            await appender.append(one_event())
        assert time.monotonic() - began < LATE


async def test_a_fault_of_one_group_does_not_end_the_appender(database: str) -> None:
    async with Appender(database) as appender:
        for _ in range(LANES + 1):
            with pytest.raises(Problem):
                await appender.append(one_event()._replace(key=7))  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                await appender.append(command(Claim(new_id(), 0, (event(None),))))  # type: ignore[arg-type]
        assert 1 == (await appender.append(one_event())).first


async def test_nothing_of_a_refused_command_is_kept(database: str) -> None:
    """What is held in a circle waits for the collector, which our processes call very seldom."""
    stream = new_id()
    gc.collect()
    gc.disable()
    try:
        async with Appender(database) as appender:
            await appender.append(one_event(stream))
            before = sum(isinstance(one, Conflict) for one in gc.get_objects())
            for _ in range(20):
                with pytest.raises(Conflict):
                    await appender.append(one_event(stream))
            await appender.append(one_event())
            assert before == sum(isinstance(one, Conflict) for one in gc.get_objects())
    finally:
        gc.enable()


def test_a_command_whose_key_was_forgotten_in_this_very_moment_is_not_acknowledged() -> None:
    answer = {"outcome": [0, None], "first": [7, 3], "claim": [0, 0], "detail": [0, 0]}
    stored_one, forgotten = unpack([one_event(), one_event()], answer)
    assert Appended(7, repeated=False) == stored_one
    assert isinstance(forgotten, Problem)
    assert 503 == forgotten.status
