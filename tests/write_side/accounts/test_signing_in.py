"""What is decided about a password or a token holds at the moment when it acts, whatever clocks say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from kit.auth.passwords import Passwords
from kit.auth.roles import Identity
from kit.errors import Problem
from kit.ids import new_id
from kit.mail.sending import into_log
from tests.given.people import People
from tests.servers.running import CHEAP
from write_side.accounts.admin.rights import disable
from write_side.accounts.codes import make_code
from write_side.accounts.forgetting import forget
from write_side.accounts.own.email import ask_for_email
from write_side.accounts.own.password import ask_for_password, change_password
from write_side.accounts.sessions import end_everything
from write_side.accounts.signing_in import NewTokens, refresh, sign_in
from write_side.accounts.work import AccountSettings, AccountWork, account_work

EMAIL, PASSWORD, OTHER = "anna@example.org", "a long way to Murmansk", "another way to Murmansk"


@asynccontextmanager
async def anna(people: People, dsn: str) -> AsyncIterator[tuple[AccountWork, Any]]:
    """Yield what commands work with, and an account that has a password."""
    settings = AccountSettings(
        people.key, into_log(), "post@example.org", "https://example.org", hashing=CHEAP
    )
    async with account_work(dsn, settings) as work:
        account = await people.account("Anna")
        hashed = await work.passwords.hash(PASSWORD)
        await people.owner.execute(
            "update auth.account set email = $2, email_key = $2, password = $3 where id = $1",
            account, EMAIL, hashed,
        )  # fmt: skip
        yield work, account


async def signed_in(work: AccountWork, password: str = PASSWORD) -> NewTokens:
    return await sign_in(work, email=EMAIL, password=password, client="api", agent="test", place="here")


async def refusal(doing: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as raised:
        await doing
    return raised.value.status, raised.value.type


class Meanwhile(Passwords):
    """Compares as ever, and lets something happen before it tells."""

    def __init__(self, happening: Any) -> None:
        super().__init__()
        self._happening = happening

    async def fits(self, password: str, stored: str | None) -> bool:
        fits = await super().fits(password, stored)
        await self._happening()
        return fits


def with_passwords(work: AccountWork, passwords: Passwords) -> AccountWork:
    return replace(work, passwords=passwords)


@pytest.mark.parametrize("what", ["changed", "disabled"])
async def test_nobody_comes_in_with_a_password_that_was_taken_from_him_meanwhile(
    people: People, database: str, what: str
) -> None:
    async with anna(people, database) as (work, account):

        async def happening() -> None:
            if what == "disabled":
                await disable(people.owner, account, actor=None)
                return
            await people.owner.execute("update auth.account set password = 'x' where id = $1", account)
            await end_everything(people.owner, account, actor=None)

        slow = with_passwords(work, Meanwhile(happening))
        assert await refusal(signed_in(slow)) == (401, "sign-in-refused")
        assert await people.owner.fetchval("select count(*) from auth.session where revoked_at is null") == 0


async def test_a_password_that_was_set_meanwhile_is_not_overwritten(people: People, database: str) -> None:
    async with anna(people, database) as (work, account):
        who = Identity(account, frozenset(), "api", new_id())

        async def happening() -> None:
            await people.owner.execute("update auth.account set password = 'hers' where id = $1", account)

        slow = with_passwords(work, Meanwhile(happening))
        assert await refusal(change_password(slow, who, old=PASSWORD, new=OTHER)) == (403, "wrong-password")
        assert (
            await people.owner.fetchval("select password from auth.account where id = $1", account) == "hers"
        )


async def test_no_other_address_is_asked_for_with_a_password_that_was_set_again_meanwhile(
    people: People, database: str
) -> None:
    async with anna(people, database) as (work, account):
        who = Identity(account, frozenset(), "api", new_id())

        async def happening() -> None:
            await people.owner.execute("update auth.account set password = 'hers' where id = $1", account)

        slow = with_passwords(work, Meanwhile(happening))
        asking = ask_for_email(
            slow, who, email="thief@example.org", password=PASSWORD, otherwise=partial(asyncio.sleep, 0)
        )
        assert await refusal(asking) == (403, "wrong-password")
        assert await people.owner.fetchval("select count(*) from auth.code") == 0


async def test_no_code_is_made_for_a_former_address_whose_account_gets_another_one_at_the_same_time(
    people: People, database: str
) -> None:
    async with anna(people, database) as (work, account):
        async with people.owner.transaction():
            await people.owner.execute(
                "update auth.account set email = 'a@b.org', email_key = 'a@b.org' where id = $1", account
            )
            asking = asyncio.create_task(ask_for_password(work, email=EMAIL, locale="en"))
            await asyncio.sleep(0.3)
        await asking
        made = await people.owner.fetchval("select count(*) from auth.code where account = $1", account)
        assert made == 0


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_used_token_is_known_as_one_although_the_clock_was_set(
    people: People, database: str, hours: int
) -> None:
    async with anna(people, database) as (work, _):
        first = await signed_in(work)
        await refresh(work, first.refresh_token)
        await people.owner.execute(
            "update auth.refresh set used_at = used_at - make_interval(hours => $1)", hours
        )
        assert await refusal(refresh(work, first.refresh_token)) == (401, "refresh-refused")
        assert await people.owner.fetchval("select count(*) from auth.session where revoked_at is null") == 0


async def test_a_chain_of_tokens_goes_on_and_only_its_end_is_good(people: People, database: str) -> None:
    async with anna(people, database) as (work, _):
        tokens = [await signed_in(work)]
        for _turn in range(5):
            tokens.append(await refresh(work, tokens[-1].refresh_token))
        again = await refresh(work, tokens[-2].refresh_token)
        assert again.refresh_token == tokens[-1].refresh_token, "the answer may have been lost"
        assert await refusal(refresh(work, tokens[-3].refresh_token)) == (401, "refresh-refused")
        assert await refusal(refresh(work, tokens[-1].refresh_token)) == (401, "refresh-refused")


async def test_what_cannot_be_used_any_more_is_forgotten(people: People, database: str) -> None:
    async with anna(people, database) as (work, account):
        await signed_in(work)
        await make_code(people.owner, "password", account=account)
        old = await make_code(people.owner, "registration", facts={"name": "Nobody"})
        await people.owner.execute(
            "update auth.code set expires_at = clock_timestamp() where purpose = 'registration'"
        )
        await forget(work.pool)
        assert [row["purpose"] for row in await people.owner.fetch("select purpose from auth.code")] == [
            "password"
        ]
        assert await people.owner.fetchval("select count(*) from auth.refresh") == 1
        await end_everything(people.owner, account, actor=None)
        await forget(work.pool)
        assert await people.owner.fetchval("select count(*) from auth.refresh") == 0
        assert old


async def test_an_unknown_address_is_refused_as_a_wrong_password_is(people: People, database: str) -> None:
    async with anna(people, database) as (work, _):
        asked = [
            sign_in(work, email=email, password=password, client="api", agent="", place="here")
            for email, password in (
                (EMAIL, OTHER),
                ("nobody@example.org", PASSWORD),
                ("no address", PASSWORD),
            )
        ]
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert len({str(vars(one)) for one in found}) == 1


async def test_a_wrong_password_is_noted_after_its_answer_and_at_the_end_at_the_latest(
    people: People, database: str
) -> None:
    async with anna(people, database) as (work, account):
        assert (401, "sign-in-refused") == await refusal(signed_in(work, OTHER))
        assert (401, "sign-in-refused") == await refusal(signed_in(work, OTHER))
        noted = "select count(*) from auth.audit where action = 'sign-in.refused' and account = $1"
        assert 0 == await people.owner.fetchval(noted, account), "its time would tell of the account"
    assert 2 == await people.owner.fetchval(noted, account)
