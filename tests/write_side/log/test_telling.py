"""Readers are told how far the log has come: once, soon, and never at the cost of a command."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from kit.ids import new_id
from kit.log.wake import CHANNEL
from kit.postgres.connect import connect
from tests.write_side.log.given import claim, command, key, one_event, value
from write_side.log.append import Appended
from write_side.log.appender import SOON, Appender

SENDER = "pg_stat_activity where application_name = 'frankenjet append' and datname = current_database()"


@asynccontextmanager
async def told(dsn: str) -> AsyncIterator[list[str]]:
    """Collect what readers are told."""
    heard: list[str] = []
    connection = await connect(dsn, "test reader")
    await connection.add_listener(CHANNEL, lambda *said: heard.append(said[-1]))
    try:
        yield heard
    finally:
        connection.terminate()


async def until_silent(heard: list[str]) -> str:
    """Return what was told last; nothing: an empty text."""
    await asyncio.sleep(0.15)
    last = heard[-1] if heard else ""
    heard.clear()
    return last


async def test_readers_are_told_of_the_last_position_and_of_none_that_is_not_there(database: str) -> None:
    stream = new_id()
    kept = command(claim(new_id(), 0, 2), key=key())
    async with told(database) as heard, Appender(database, tells=True) as appender:
        for wanted, head in (
            (command(claim(stream, 0, 3)), "3"),
            (command(claim(stream, 3, 0), key=key()), ""),
            (kept, "5"),
            (kept, ""),
        ):
            await appender.append(wanted)
            assert head == await until_silent(heard)


async def test_readers_are_told_once_of_what_is_stored_in_a_moment(database: str) -> None:
    async with told(database) as heard, Appender(database, tells=True) as appender:
        began = time.monotonic()
        for _ in range(40):
            await appender.append(one_event())
        took = time.monotonic() - began
        await asyncio.sleep(0.2)
    assert "40" == heard[-1]
    assert len(heard) <= took / SOON + 2


async def test_a_command_that_comes_alone_tells_readers_in_its_own_transaction(database: str) -> None:
    async with told(database) as heard, Appender(database, tells=True) as appender:
        await appender.append(one_event())
        assert "1" == await until_silent(heard)
        assert "log.append" in await value(database, f"select query from {SENDER}")


async def test_a_command_is_stored_although_nobody_can_be_told_of_it(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("revoke execute on function pg_notify(text, text) from public")
        async with told(database) as heard, Appender(database, tells=True) as appender:
            assert Appended(1, repeated=False) == await appender.append(one_event())
            assert "" == await until_silent(heard)
            await connection.execute("grant execute on function pg_notify(text, text) to public")
            assert Appended(2, repeated=False) == await appender.append(one_event())
            assert "2" == await until_silent(heard)
    finally:
        await connection.close()


async def test_readers_are_told_over_the_next_connection_when_one_has_ended(database: str) -> None:
    async with told(database) as heard, Appender(database, tells=True) as appender:
        await appender.append(one_event())
        assert "1" == await until_silent(heard)
        connection = await asyncpg.connect(database)
        await connection.execute(f"select pg_terminate_backend(pid) from {SENDER}")
        await connection.close()
        await appender.append(one_event())
        assert "2" == await until_silent(heard)
