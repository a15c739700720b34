"""Appends while connections, backends and the server come to harm: stored once, and answered in time."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import pytest

from kit.errors import Problem
from kit.ids import new_id
from tests.servers.proxy import proxied
from tests.write_side.log.given import claim, command, ids_of, key, one_event, rows, value
from write_side.log.append import Append, Appended, Conflict
from write_side.log.appender import Appender

LATE = 5.0

BACKEND = """
select pid from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet append'"""

TERMINATE = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where datname = current_database() and application_name = 'frankenjet append'"""


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a backend of the server as a debugger would; skip where this user may not."""
    command_line = Path(f"/proc/{pid}/cmdline")
    if not (command_line.exists() and b"postgres" in command_line.read_bytes()):
        pytest.skip("the server's processes are not on this machine")
    try:
        os.kill(pid, signal.SIGSTOP)
    except PermissionError:
        pytest.skip("only root or the server's own user may stop its processes")
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def append_until_stored(appender: Appender, wanted: Append, *, seconds: float = 30) -> Appended:
    """Send a command again and again, with the same ids, until it has its answer."""
    end = time.monotonic() + seconds
    while True:
        try:
            return await appender.append(wanted)
        except Problem:
            assert time.monotonic() < end


async def test_a_frozen_backend_that_holds_nothing_is_left_for_another_in_time(database: str) -> None:
    async with Appender(database) as appender:
        await appender.append(one_event())
        with frozen(await value(database, BACKEND)):
            began = time.monotonic()
            await appender.append(one_event())
            assert time.monotonic() - began < LATE
    assert 2 == len(await rows(database))


async def test_the_deadline_fires_when_the_backend_that_holds_the_lock_is_frozen(database: str) -> None:
    wanted = one_event()
    blocker = await asyncpg.connect(database)
    async with Appender(database) as appender:
        await appender.append(one_event())
        pid = await value(database, BACKEND)
        with ExitStack() as thaw:
            async with blocker.transaction():
                await blocker.execute("lock table log.event in share mode")
                began = time.monotonic()
                answer = asyncio.create_task(appender.append(wanted))
                await asyncio.sleep(0.1)  # by now it has the lock of the log, and waits for the table
                thaw.enter_context(frozen(pid))
            with pytest.raises(Problem) as refused:
                await answer
            assert time.monotonic() - began < LATE
            assert refused.value.status == 503
        await append_until_stored(appender, wanted)
    await blocker.close()
    assert 1 == sum(row.id == ids_of(wanted)[0] for row in await rows(database))


async def test_the_deadline_fires_when_the_network_says_nothing_more(database: str) -> None:
    async with proxied(database) as (proxy, dsn), Appender(dsn) as appender:
        await appender.append(one_event())
        proxy.pause()
        began = time.monotonic()
        with pytest.raises(Problem):
            await appender.append(one_event())
        assert time.monotonic() - began < LATE
        proxy.resume()
        wanted = one_event()
        await append_until_stored(appender, wanted)
    assert 1 == sum(row.id == ids_of(wanted)[0] for row in await rows(database))


@pytest.mark.parametrize("keyed", [False, True])
async def test_a_command_whose_reply_was_cut_is_acknowledged_and_stored_once(
    database: str, *, keyed: bool
) -> None:
    def wanted() -> Append:
        return command(claim(new_id(), 0, 2), key=key() if keyed else None)

    async with proxied(database) as (proxy, dsn), Appender(dsn) as appender:
        await appender.append(wanted())
        before = proxy.upstream
        await appender.append(wanted())
        request = proxy.upstream - before
        repeated = 0
        for _ in range(5):
            proxy.cut_after(request)  # the whole request goes through, no byte of the reply does
            unsure = wanted()
            answer = await appender.append(unsure)
            repeated += answer.repeated  # a server that is slow may notice the cut before it has stored it
            found = [row.position for row in await rows(database) if row.id in ids_of(unsure)]
            assert [found[0], found[0] + 1] == found
            assert answer.first == (found[-1] if keyed and answer.repeated else found[0])
    assert repeated
    assert 2 * 7 == len(await rows(database))


async def test_a_command_that_never_reached_the_server_is_sent_again(database: str) -> None:
    async with proxied(database) as (proxy, dsn), Appender(dsn) as appender:
        await appender.append(one_event())
        proxy.cut_after(40)
        answer = await appender.append(one_event())
    assert Appended(2, repeated=False) == answer


async def test_a_server_that_is_away_costs_503_in_time_and_comes_back_by_itself(database: str) -> None:
    async with proxied(database) as (proxy, dsn), Appender(dsn) as appender:
        await appender.append(one_event())
        await proxy.refuse()
        proxy.reset()
        began = time.monotonic()
        with pytest.raises(Problem):
            await appender.append(one_event())
        assert time.monotonic() - began < LATE
        await proxy.accept()
        await append_until_stored(appender, one_event())


async def test_terminated_backends_lose_nothing_and_refuse_nobody_for_his_own_write(database: str) -> None:
    streams = [new_id() for _ in range(16)]
    acknowledged: dict[int, list[Append]] = {}
    running = True

    async def writes(appender: Appender, number: int) -> None:
        mine = acknowledged[number] = []
        while running:
            wanted = one_event(streams[number], len(mine))
            await append_until_stored(appender, wanted)
            mine.append(wanted)

    async with Appender(database) as appender:
        work = [asyncio.create_task(writes(appender, number)) for number in range(16)]
        for _ in range(25):
            await asyncio.sleep(0.04)
            await value(database, TERMINATE)
        running = False
        await asyncio.gather(*work)  # a Conflict would be one with an own write: nobody shares a stream
    found = await rows(database)
    assert list(range(1, len(found) + 1)) == [row.position for row in found]
    for number, mine in acknowledged.items():
        assert ids_of(*mine) == [row.id for row in found if row.stream == streams[number]]
    assert sum(map(len, acknowledged.values())) == len(found)


async def test_a_writer_is_told_of_a_conflict_when_another_was_first_during_the_outage(database: str) -> None:
    stream = new_id()
    async with proxied(database) as (proxy, dsn), Appender(dsn) as appender, Appender(database) as other:
        await appender.append(one_event())
        proxy.cut_after(40)
        await other.append(one_event(stream))
        with pytest.raises(Conflict):
            await appender.append(one_event(stream))
