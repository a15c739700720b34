"""What happens to accounts is told in the log: once, in order, by whom, and never with a name or a reason."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest

from events.base import Event, Recorded
from events.codec import CODEC
from kit import clock
from kit.auth.roles import Role
from kit.errors import Problem
from kit.postgres.connect import WRITER, Pool, pooled
from tests.given.people import People
from write_side.accounts.admin import rights
from write_side.accounts.admin.accounts import create, ensure
from write_side.accounts.outbox import OPERATOR
from write_side.accounts.relay import relay
from write_side.accounts.sessions import end_sessions, open_session
from write_side.log.append import Append, Claim, NewEvent
from write_side.log.appender import Appender
from write_side.log.streams import Streams


class Telling(NamedTuple):
    """What tells the log, and what reads it."""

    pool: Pool
    appender: Appender

    async def told(self, account: UUID) -> list[Recorded[Event]]:
        """Return the events of an account, once nothing waits any more."""
        while await relay(self.pool, self.appender):
            pass
        return [one async for page in Streams(self.pool, CODEC).pages(account) for one in page]


@asynccontextmanager
async def telling(dsn: str) -> AsyncIterator[Telling]:
    async with pooled(dsn, "test relay", WRITER, size=8) as pool, Appender(dsn) as appender:
        yield Telling(pool, appender)


async def signed_in(people: People, account: UUID) -> UUID:
    return await open_session(people.owner, account, expires=clock.now() + timedelta(hours=1), actor=account)


async def test_each_change_is_told_with_who_made_it_and_the_audit_says_why(
    people: People, database: str
) -> None:
    chief = await people.account("Chief Canary", Role.ADMIN)
    made = await create(people.owner, "Vera Canary", actor=chief, reason="a new colleague")
    await rights.grant(people.owner, made, Role.MODERATOR, actor=chief, reason="has earned it")
    session = await signed_in(people, made)
    await end_sessions(people.owner, made, actor=made, reason="lost a telephone")
    await rights.disable(people.owner, made, actor=chief, reason="left")
    await rights.enable(people.owner, made, actor=None, reason="came back")
    await rights.revoke(people.owner, made, Role.MODERATOR, actor=chief, reason="for now")

    async with telling(database) as tell:
        told = await tell.told(made)

        said = dict(await people.owner.fetch("select event, reason from auth.audit where event is not null"))

    assert [(one.type, one.meta.actor, said[one.id]) for one in told] == [
        ("account.registered", chief, "a new colleague"),
        ("account.role_granted", chief, "has earned it"),
        ("account.signed_in", made, ""),
        ("account.sessions_ended", made, "lost a telephone"),
        ("account.disabled", chief, "left"),
        ("account.enabled", OPERATOR, "came back"),
        ("account.role_revoked", chief, "for now"),
    ]
    assert getattr(told[2].event, "session", None) == session
    assert {""} == {one.meta.reason for one in told}
    assert "Canary" not in str(told)
    assert await people.owner.fetchval("select count(*) from auth.outbox") == 0


async def test_what_is_taken_back_is_never_told(people: People, database: str) -> None:
    made = await people.account("Anna")
    transaction = people.owner.transaction()
    await transaction.start()
    await rights.grant(people.owner, made, Role.EDITOR, actor=None)
    await transaction.rollback()

    async with telling(database) as tell:
        assert [one.type for one in await tell.told(made)] == ["account.registered"]


async def test_the_sign_in_of_one_who_may_not_publish_is_nobody_elses_business(
    people: People, database: str
) -> None:
    editor = await people.account("Boris", Role.EDITOR)
    await signed_in(people, editor)
    await people.session(await people.account("Vera", Role.ADMIN))  # the operator's, at a command line

    async with telling(database) as tell:
        await tell.told(editor)
        types = {row["type"] for row in await people.owner.fetch("select type from log.event")}
    assert types == {"account.registered", "account.role_granted"}


async def test_authors_of_a_sample_are_not_told_of(people: People, database: str) -> None:
    account = UUID(int=7)
    await ensure(database, [(account, "A. Author", "editor")])
    await ensure(database, [(account, "A. Author", "editor")])

    async with telling(database) as tell:
        assert await tell.told(account) == []
        await rights.enable(people.owner, account, actor=None)
        assert [one.type for one in await tell.told(account)] == ["account.enabled"]


async def test_an_event_that_was_stored_before_its_relay_ended_is_told_once(
    people: People, database: str
) -> None:
    """A process that is killed has appended, and has not taken from the outbox what it appended."""
    made = await people.account("Anna", Role.EDITOR)
    await people.owner.execute("create table waiting as select * from auth.outbox")
    async with telling(database) as tell:
        first = await tell.told(made)
        await people.owner.execute("insert into auth.outbox select * from waiting")
        assert await tell.told(made) == first
    assert [one.version for one in first] == [1, 2]


async def test_many_relays_at_once_tell_each_event_once_and_in_order(people: People, database: str) -> None:
    accounts = [await people.account(f"Person {number}", Role.EDITOR) for number in range(10)]
    for account in accounts:
        for _ in range(5):
            await rights.grant(people.owner, account, Role.MODERATOR, actor=None)
            await rights.revoke(people.owner, account, Role.MODERATOR, actor=None)

    async with telling(database) as tell:
        await asyncio.gather(*(relay(tell.pool, tell.appender) for _ in range(8)))
        for account in accounts:
            told = await tell.told(account)
            assert [one.type for one in told] == [
                "account.registered",
                "account.role_granted",
                *["account.role_granted", "account.role_revoked"] * 5,
            ]
            assert len({one.id for one in told}) == 12


async def test_a_log_that_was_brought_from_elsewhere_is_added_to(people: People, database: str) -> None:
    made = await people.account("Anna")
    row = await people.owner.fetchrow("select meta from auth.outbox where account = $1", made)
    stored = CODEC.encode(CODEC.decode("account.enabled", 1, b"{}"))
    earlier = [NewEvent(UUID(int=number), stored, row["meta"]) for number in range(1, 4)]
    async with telling(database) as tell:
        await tell.appender.append(Append((Claim(made, 0, tuple(earlier)),)))
        await rights.grant(people.owner, made, Role.EDITOR, actor=None)
        types = [one.type for one in await tell.told(made)]
    assert types == [*["account.enabled"] * 3, "account.registered", "account.role_granted"]


@pytest.mark.parametrize("reason", ["two\nlines", "x" * 501, "\u202eturned", "as anna@example.org wished"])
async def test_a_reason_that_is_no_line_or_tells_an_address_is_refused_with_the_change(
    people: People, database: str, reason: str
) -> None:
    made = await people.account("Anna")
    with pytest.raises(Problem) as raised:
        await rights.disable(people.owner, made, actor=None, reason=reason)
    assert (raised.value.status, raised.value.errors[0]["pointer"]) == (422, "/reason")
    async with telling(database) as tell:
        assert [msgspec.to_builtins(one.event) for one in await tell.told(made)] == [{}]
    assert await people.owner.fetchval("select disabled_at from auth.account where id = $1", made) is None
