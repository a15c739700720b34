"""A process is killed between a change of an account and its event: the log is told of each change, once."""

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.auth.roles import Role
from kit.postgres.connect import WRITER, pooled
from tests.adversaries.prove import SEED, rounds
from tests.faults.accounts.told import RIGHT, Told, compared
from tests.given.people import People
from tests.servers.copies.starting import start
from write_side.accounts.relay import relay
from write_side.log.appender import Appender

LONGEST = 0.4
"""Seconds that a process works before it is killed, at most."""

THEIRS = """
select exists (select from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                  and application_name like 'frankenjet%')"""


@asynccontextmanager
async def at_work(*arguments: str) -> AsyncIterator[None]:
    """Let a process change accounts for the length of the block; then it is killed."""
    with tempfile.TemporaryFile(buffering=0) as output:
        process = start("tests.faults.accounts.changing", arguments, {"PATH": os.defpath}, output)
        try:
            async with asyncio.timeout(60):
                while (said := os.pread(output.fileno(), 4_000, 0)) != b"at work\n":
                    assert process.poll() is None, said.decode()
                    await asyncio.sleep(0.005)
            yield
            assert process.poll() is None, os.pread(output.fileno(), 4_000, 0).decode()
        finally:
            process.kill()
            process.wait()


async def killed(people: People, database: str, kills: int, *how: str) -> tuple[Told, int]:
    """Kill so many processes that change accounts, one after the other, and return what is left of that."""
    for number in range(6):
        await people.account(f"Person {number}", Role.EDITOR)
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    for number in range(kills):
        async with at_work(database, f"{SEED} {number}", *how):
            await asyncio.sleep(chance.random() * LONGEST)
    async with asyncio.timeout(30):
        while await people.owner.fetchval(THEIRS):  # noqa: ASYNC110 - what a killed one sent may still be done
            await asyncio.sleep(0.05)
    async with pooled(database, "test relay", WRITER) as pool, Appender(database) as appender:
        while await relay(pool, appender):
            pass
    return await compared(people.owner)


async def test_after_three_kills_every_change_is_told_once_and_in_order(
    people: People, database: str
) -> None:
    found, changes = await killed(people, database, 3)
    assert (RIGHT, True) == (found, changes > 9), f"SEED={SEED}"


@pytest.mark.prove
@pytest.mark.timeout(900)
async def test_after_a_hundred_kills_every_change_is_told_once_and_in_order(
    people: People, database: str
) -> None:
    kills = rounds(100)
    found, changes = await killed(people, database, kills)
    assert (RIGHT, True) == (found, changes > 3 * kills), f"SEED={SEED}"


@pytest.mark.prove
async def test_an_event_that_is_left_after_its_change_is_seen_to_be_lost(
    people: People, database: str
) -> None:
    """What the other tests look for can be found."""
    found, _ = await killed(people, database, 15, "outside")
    assert found.missing_or_more > 0, f"SEED={SEED}"
