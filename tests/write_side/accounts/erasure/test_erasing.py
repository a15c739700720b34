"""An erased account is gone at once and for good; nobody administrates less for it, nobody takes its name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from events.codec import CODEC
from kit import clock
from kit.auth.names import DELETED, name_key
from kit.auth.roles import Role
from kit.errors import Problem
from kit.ids import new_id
from kit.mail.sending import into_log
from kit.postgres.connect import WRITER, pooled
from read_side.accounts.accounts import by_id, by_name, names
from tests.given.people import People
from tests.servers.running import CHEAP
from write_side.accounts.admin import rights
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token
from write_side.accounts.erasure.erasing import Erasure, erase
from write_side.accounts.own.name import rename
from write_side.accounts.registration import register
from write_side.accounts.relay import relay
from write_side.accounts.work import AccountSettings, AccountWork, account_work
from write_side.log.appender import Appender
from write_side.log.streams import Streams


@asynccontextmanager
async def working(people: People, dsn: str) -> AsyncIterator[AccountWork]:
    settings = AccountSettings(
        people.key, into_log(), "post@example.org", "https://example.org", hashing=CHEAP
    )
    async with account_work(dsn, settings) as work:
        yield work


async def erased(work: AccountWork, account: UUID, actor: UUID | None = None, *, force: bool = False) -> None:
    await erase(work.transaction, work.passwords.derive, Erasure(account, actor, "asked", force=force))


async def status_of(work: AccountWork, account: UUID, actor: UUID | None = None) -> int:
    with pytest.raises(Problem) as raised:
        await erased(work, account, actor)
    return raised.value.status


async def test_an_erased_account_leaves_its_id_and_no_more(people: People, database: str) -> None:
    chief = await people.account("Chief", Role.ADMIN)
    anna = await people.account("Anna Petrova", Role.EDITOR)
    await people.session(anna)
    await issue_bot_token(people.owner, anna, expires=clock.now() + USUAL, actor=anna, reason="mine")
    async with working(people, database) as work:
        await erased(work, anna, chief)
    row = dict(await people.owner.fetchrow("select * from auth.account where id = $1", anna))
    known = {"id", "created_at", "disabled_at", "erased_at", "version", "locale"}
    assert {} == {name: value for name, value in row.items() if value and name not in known}
    for table in ("session", "bot_token", "account_role", "code"):
        assert not await people.owner.fetchval(f"select count(*) from auth.{table} where account = $1", anna)
    audit = await people.owner.fetch(
        "select action, actor, reason, facts from auth.audit where account = $1", anna
    )
    assert {""} == {one["reason"] for one in audit}
    last = audit[-1]
    assert ("account.erased", chief, {"why": "asked"}) == (last["action"], last["actor"], last["facts"])


async def test_the_log_is_told_once_and_names_nobody(people: People, database: str) -> None:
    anna = await people.account("Anna Canary")
    async with working(people, database) as work:
        await erased(work, anna)
    async with pooled(database, "test relay", WRITER) as pool, Appender(database) as appender:
        while await relay(pool, appender):
            pass
        told = [one async for page in Streams(pool, CODEC).pages(anna) for one in page]
    assert ["account.registered", "account.erased"] == [one.type for one in told]
    assert "Canary" not in str(told)


@pytest.mark.parametrize("locale", ["en", "ru"])
async def test_an_erased_account_is_shown_as_deleted(people: People, database: str, locale: str) -> None:
    anna = await people.account("Anna")
    async with working(people, database) as work:
        await erased(work, anna)
    found = await by_id(people.owner, anna, locale)
    assert found is not None
    assert DELETED[locale] == found.name == (await names(people.owner, [anna], locale))[anna]
    assert await by_name(people.owner, "Anna") is None


async def test_the_last_administrator_stays(people: People, database: str) -> None:
    one, other = await people.account("One", Role.ADMIN), await people.account("Other", Role.ADMIN)
    async with working(people, database) as work:
        ended = await asyncio.gather(
            erased(work, one, one), erased(work, other, other), return_exceptions=True
        )
        refused = [end for end in ended if end is not None]
        assert [409] == [end.status for end in refused if isinstance(end, Problem)]
        (left,) = await people.owner.fetch("select account from auth.account_role where role = 'admin'")
        await erased(work, left["account"], force=True)


async def test_only_an_administrator_erases_others(people: People, database: str) -> None:
    anna, boris = await people.account("Anna", Role.MODERATOR), await people.account("Boris")
    async with working(people, database) as work:
        assert 403 == await status_of(work, boris, anna)
        assert 404 == await status_of(work, new_id())
        await erased(work, boris)
        assert 404 == await status_of(work, boris)
        assert 403 == await status_of(work, anna, boris)


async def test_nothing_is_given_to_who_is_erased(people: People, database: str) -> None:
    anna = await people.account("Anna")
    async with working(people, database) as work:
        await erased(work, anna)
        await rename(work, anna, "Anna again")
    for doing in (
        rights.enable(people.owner, anna, actor=None),
        rights.grant(people.owner, anna, Role.EDITOR, actor=None),
        people.session(anna),
        issue_bot_token(people.owner, anna, expires=clock.now() + USUAL, actor=None),
    ):
        with pytest.raises(Problem):
            await doing
    row = await people.owner.fetchrow("select name, erased_at from auth.account where id = $1", anna)
    assert (None, True) == (row["name"], row["erased_at"] is not None)


@pytest.mark.parametrize("name", ["Anna Petrova", "ANNA petrova", "\uff21nna Petrova"])
async def test_nobody_gets_the_name_of_one_who_was_erased(people: People, database: str, name: str) -> None:
    anna, boris = await people.account("Anna Petrova"), await people.account("Boris")
    async with working(people, database) as work:
        await erased(work, anna)
        for doing in (
            rename(work, boris, name),
            register(work, name=name, email="b@example.org", password="a long way to Murmansk", locale="en"),  # noqa: S106
        ):
            with pytest.raises(Problem) as raised:
                await doing
            assert (409, "name-taken") == (raised.value.status, raised.value.type)
        await rename(work, boris, "Anna Petrova the other")
    kept = await people.owner.fetch("select * from auth.reserved_name")
    assert name_key(name) not in str(kept)


async def test_who_takes_a_name_while_its_owner_is_erased_does_not_get_it(
    people: People, database: str
) -> None:
    boris = await people.account("Boris")
    async with working(people, database) as work:
        for number in range(10):
            anna = await people.account(f"Anna {number}")
            ends = await asyncio.gather(
                erased(work, anna), rename(work, boris, f"Anna {number}"), return_exceptions=True
            )
            assert isinstance(ends[1], Problem)
    assert "Boris" == await people.owner.fetchval("select name from auth.account where id = $1", boris)


async def test_many_who_erase_one_account_do_it_once(people: People, database: str) -> None:
    anna = await people.account("Anna")
    async with working(people, database) as work:
        ends = await asyncio.gather(*(erased(work, anna) for _ in range(4)), return_exceptions=True)
    assert 1 == ends.count(None)
    assert {404} == {end.status for end in ends if isinstance(end, Problem)}
    assert 1 == await people.owner.fetchval("select count(*) from auth.audit where action = 'account.erased'")
