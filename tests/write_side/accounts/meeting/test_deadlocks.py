"""Commands take locks in one order: whichever two of an account meet, both go on."""

import asyncio
import itertools
import random

import pytest

from kit.errors import Problem
from kit.postgres.connect import Connection, connect
from tests.adversaries.prove import SEED
from tests.given.people import People
from tests.write_side.accounts.meeting.commands import Command, Place, deadlocks, place

GATES = {
    "the account": "select from auth.account where id = $1 for update",
    "its sessions": "select from auth.session where account = $1 for update",
    "its refresh tokens": "select from auth.refresh r where session in"
    " (select id from auth.session where account = $1) for update",
    "its tickets": "select from auth.socket_ticket t where session in"
    " (select id from auth.session where account = $1) for update",
    "its codes": "select from auth.code where account = $1 for update",
    "its passkeys": "select from auth.passkey where account = $1 for update",
    "its app": "select from auth.totp where account = $1 for update",
}
"""What somebody else holds while both come: they wait there, the first one ahead of the second."""

WAITING = """
select count(*) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock'
   and application_name = 'frankenjet accounts'"""

FOUND = (
    ("the account", "set a password", "sign out everywhere"),
    ("the account", "begin an app", "confirm an app"),
    ("the account", "set a password", "do without the app"),
    ("its codes", "set a password", "set a password by another code"),
    ("the account", "set a password", "set an address"),
    ("the account", "set a password", "take the address back"),
    ("the account", "sign in with a passkey", "remove a passkey"),
    ("the account", "set an address", "grant"),
    ("its passkeys", "sign in with a passkey", "sign out everywhere"),
    ("its refresh tokens", "erase", "refresh"),
    ("its tickets", "erase", "get a ticket"),
)
"""Meetings that ended in a deadlock before there was an order, one of each sort; and some of passkeys."""


class _GaveUp(Exception):  # noqa: N818 - what happened
    """The server ended one of two who waited for each other, or one gave up."""


async def refused_or_done(command: Command) -> None:
    try:
        await command()
    except Problem as problem:
        if problem.status == 503:
            raise _GaveUp from problem


async def some_wait(holding: Connection, count: int) -> None:
    """Wait until so many do, or for as long as a command takes that does not."""
    for _ in range(20):
        if await holding.fetchval(WAITING) >= count:
            return
        await asyncio.sleep(0.01)


async def meet(place_: Place, holding: Connection, gate: str, first: str, second: str) -> None:
    """Let two commands come, one after the other, to what somebody else holds and then lets go."""
    await place_.begin_again()
    commands = await place_.commands()
    held = holding.transaction()
    await held.start()
    await holding.execute(GATES[gate], place_.account)
    async with asyncio.TaskGroup() as both:
        for count, name in enumerate((first, second), 1):
            both.create_task(refused_or_done(commands[name]))
            await some_wait(holding, count)
        await held.rollback()


async def met(people: People, database: str, meetings: list[tuple[str, str, str]]) -> list[str]:
    """Let commands meet; return the meetings at which the server ended one of them."""
    found = []
    holding = await connect(database, "test")
    async with place(people, database) as place_:
        for gate, first, second in meetings:
            try:
                await meet(place_, holding, gate, first, second)
            except* _GaveUp:
                found.append(f"{first}, {second} at {gate}")
    await holding.close()
    return found


async def test_two_commands_of_an_account_never_wait_for_each_other(people: People, database: str) -> None:
    assert [] == await met(people, database, list(FOUND))
    assert 0 == await deadlocks(database)


@pytest.mark.prove
async def test_whichever_two_commands_meet_at_whatever_is_held_neither_waits_for_ever(
    people: People, database: str
) -> None:
    async with place(people, database) as place_:
        await place_.begin_again()
        names = list(await place_.commands())
    every = [(gate, *pair) for gate in GATES for pair in itertools.permutations(names, 2)]
    some = random.Random(SEED).sample(every, 400)  # noqa: S311 - an order, no secret
    assert [] == await met(people, database, some)
    assert 0 == await deadlocks(database)
