"""The appender: groups form while others commit, and nobody waits longer than the deadline."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from kit.errors import Problem
from kit.ids import new_id
from tests.write_side.log.given import (
    LOCK,
    ids_of,
    one_event,
    rows,
    store,
    value,
    writer,
)
from write_side.log.append import Appended, Conflict
from write_side.log.appender import BESIDE, GROUP_COMMANDS, LANES, MOST_WAITING, Appender

LATE = 5.0
"""Seconds after which a command has its answer, whatever happens: 2.5 and some slack."""


@asynccontextmanager
async def held_lock(dsn: str) -> AsyncIterator[None]:
    """Hold what every append waits for, as a session would that somebody forgot."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            yield
    finally:
        await connection.close()


async def settled(*work: asyncio.Task[Appended]) -> list[Appended | BaseException]:
    return await asyncio.gather(*work, return_exceptions=True)


def status_of(answer: object) -> int | None:
    return answer.status if isinstance(answer, Problem) else None


async def test_concurrent_commands_share_a_transaction(database: str) -> None:
    async with Appender(database) as appender:
        await asyncio.gather(*(appender.append(one_event()) for _ in range(300)))
    assert list(range(1, 301)) == [row.position for row in await rows(database)]
    assert await value(database, "select count(distinct xmin::text) from log.event") < 20


async def test_the_commands_of_a_group_are_stored_in_the_order_in_which_they_came(database: str) -> None:
    stream = new_id()
    async with Appender(database) as appender:
        chain = [one_event(stream, version) for version in range(LANES * BESIDE - 1)]
        answers = await asyncio.gather(*(appender.append(wanted) for wanted in chain))
    assert list(range(1, len(chain) + 1)) == [answer.first for answer in answers]
    assert ids_of(*chain) == [row.id for row in await rows(database)]


async def test_a_conflict_refuses_one_command_of_a_group_alone(database: str) -> None:
    stream = new_id()
    async with Appender(database) as appender:
        work = [asyncio.create_task(appender.append(one_event(stream))) for _ in range(5)]
        work += [asyncio.create_task(appender.append(one_event())) for _ in range(5)]
        answers = await settled(*work)
    assert 4 == sum(isinstance(answer, Conflict) for answer in answers)
    assert 6 == len(await rows(database))


async def test_over_its_bound_the_queue_turns_commands_away_at_once(database: str) -> None:
    async with Appender(database) as appender:
        await appender.append(one_event())
        async with held_lock(database):
            first = asyncio.create_task(appender.append(one_event()))
            await asyncio.sleep(0.05)
            waiting = [asyncio.create_task(appender.append(one_event())) for _ in range(MOST_WAITING)]
            await asyncio.sleep(0.05)  # a second group is on its way now
            waiting += [asyncio.create_task(appender.append(one_event())) for _ in range(GROUP_COMMANDS)]
            await asyncio.sleep(0.05)
            began = time.monotonic()
            with pytest.raises(Problem) as refused:
                await appender.append(one_event())
            assert time.monotonic() - began < 1
        assert (503, "1") == (refused.value.status, refused.value.headers["Retry-After"])
        answers = await settled(first, *waiting)
    assert MOST_WAITING + GROUP_COMMANDS + 1 == sum(isinstance(answer, Appended) for answer in answers)
    assert MOST_WAITING + GROUP_COMMANDS + 2 == len(await rows(database))
    assert GROUP_COMMANDS < MOST_WAITING


async def test_a_command_that_was_cancelled_while_it_waited_is_not_stored(database: str) -> None:
    async with Appender(database) as appender:
        await appender.append(one_event())
        async with held_lock(database):
            on_its_way = asyncio.create_task(appender.append(one_event()))
            await asyncio.sleep(0.05)
            given_up = [asyncio.create_task(appender.append(one_event())) for _ in range(10)]
            kept = [asyncio.create_task(appender.append(one_event())) for _ in range(10)]
            await asyncio.sleep(0.05)
            for task in given_up:
                task.cancel()
        answers = await settled(*kept, on_its_way)
        assert all(isinstance(answer, Appended) for answer in answers)
    assert 12 == len(await rows(database))


async def test_a_command_that_was_cancelled_on_its_way_is_stored_once(database: str) -> None:
    wanted = one_event()
    async with Appender(database) as appender:
        await appender.append(one_event())
        async with held_lock(database):
            on_its_way = asyncio.create_task(appender.append(wanted))
            await asyncio.sleep(0.05)
            on_its_way.cancel()
        await asyncio.sleep(0.05)
        # One who sends it again, with the same ids, learns where it is.
        assert Appended(2, repeated=True) == await appender.append(wanted)
        assert Appended(3, repeated=False) == await appender.append(one_event())
    assert 3 == len(await rows(database))


async def test_the_deadline_holds_while_another_session_holds_the_lock(database: str) -> None:
    async with Appender(database) as appender:
        group = [one_event() for _ in range(3)]
        async with held_lock(database):
            began = time.monotonic()
            answers = await settled(*(asyncio.create_task(appender.append(wanted)) for wanted in group))
            assert time.monotonic() - began < LATE
            assert [503] * 3 == [status_of(answer) for answer in answers]
        # Whether they were stored is not known to those who asked. Asking again finds out, and stores once.
        await asyncio.gather(*(appender.append(wanted) for wanted in group))
    assert set(ids_of(*group)) == {row.id for row in await rows(database)}
    assert 3 == len(await rows(database))


async def test_several_processes_may_append_at_once(database: str) -> None:
    stream = new_id()

    async def writes(appender: Appender) -> int:
        taken = 0
        for _ in range(50):
            version = taken
            while True:
                try:
                    await appender.append(one_event(stream, version))
                except Conflict as conflict:
                    version = conflict.actual
                else:
                    break
            taken = version + 1
        return taken

    async with Appender(database) as one, Appender(database) as two, Appender(database) as three:
        await asyncio.gather(writes(one), writes(two), writes(three))
    found = await rows(database)
    assert [(n, n) for n in range(1, 151)] == [(row.position, row.version) for row in found]


async def test_what_another_client_rolled_back_leaves_no_gap(database: str) -> None:
    async with writer(database) as connection, Appender(database) as appender:
        for round_ in range(3):
            transaction = connection.transaction()
            await transaction.start()
            await store(connection, one_event())
            mine = asyncio.create_task(appender.append(one_event()))
            await asyncio.sleep(0.02)
            await transaction.rollback()
            assert round_ + 1 == (await mine).first
