"""Signing in with providers that speak strictly, and with providers that wait, or talk too much."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

from kit.auth.roles import Identity
from tests.given.people import People
from tests.servers.identity.provider import Person
from tests.servers.identity.sent import KINDS, browser, refusal
from write_side.accounts.admin.rights import disable
from write_side.accounts.providers.attempts import new_secret
from write_side.accounts.providers.settings import ProviderName


async def account_of(people: People, session: UUID | None) -> Any:
    return await people.owner.fetchrow(
        "select a.* from auth.account a join auth.session s on s.account = a.id where s.id = $1", session
    )


@pytest.mark.parametrize("name", KINDS)
async def test_who_comes_the_first_time_gets_an_account_and_later_the_same_one(
    people: People, database: str, name: ProviderName
) -> None:
    async with browser(people, database, name) as one:
        first = await one.signed_in()
        second = await one.signed_in()
        assert "/me" == first.next == second.next
        opened = await account_of(people, first.session)
        assert opened["id"] == (await account_of(people, second.session))["id"]
        assert ("Anna Petrova", None, None, "ru") == (
            opened["name"], opened["email"], opened["password"], opened["locale"]
        )  # fmt: skip
        one.provider.person = Person("1002")
        other = await account_of(people, (await one.signed_in()).session)
        assert "Anna Petrova 2" == other["name"]
        assert 0 == await people.owner.fetchval("select count(*) from auth.attempt")


@pytest.mark.parametrize("name", KINDS)
async def test_an_attempt_is_used_once_by_the_browser_that_began_it(
    people: People, database: str, name: ProviderName
) -> None:
    async with browser(people, database, name) as one:
        brought, other = await one.sent(), await one.sent()
        assert (409, "attempt-unknown") == await refusal(one.back(brought, new_secret()))
        assert (409, "attempt-unknown") == await refusal(one.back(brought | {"state": new_secret()}))
        assert (409, "attempt-unknown") == await refusal(one.back(brought | {"state": "x' or true --"}))
        await one.back(other)
        await one.back(brought)
        assert (409, "attempt-unknown") == await refusal(one.back(brought))
        late = await one.sent()
        await people.owner.execute("update auth.attempt set expires_at = clock_timestamp()")
        assert (409, "attempt-unknown") == await refusal(one.back(late))


@pytest.mark.parametrize("name", KINDS)
async def test_a_code_of_another_attempt_or_of_nobody_lets_nobody_in(
    people: People, database: str, name: ProviderName
) -> None:
    async with browser(people, database, name) as one:
        mine, theirs = await one.sent(), await one.sent()
        assert (403, "provider-refused") == await refusal(one.back(mine | {"code": theirs["code"]}))
        assert (403, "provider-refused") == await refusal(one.back(theirs | {"code": "guessed"}))
        denied = await one.sent()
        del denied["code"]
        assert (403, "provider-refused") == await refusal(one.back(denied))
        assert 0 == await people.owner.fetchval("select count(*) from auth.session")


@pytest.mark.parametrize(
    "name", ["google", *(pytest.param(one, marks=pytest.mark.prove) for one in KINDS if one != "google")]
)
async def test_a_provider_that_is_slow_loud_or_broken_is_away(
    people: People, database: str, name: ProviderName
) -> None:
    async with browser(people, database, name) as one:
        for wrong, value in (("delay", 6.0), ("padding", 10_000_000), ("status", 500)):
            brought = await one.sent()
            setattr(one.provider, wrong, value)
            began = time.monotonic()
            assert (503, "provider-away") == await refusal(one.back(brought)), wrong
            assert time.monotonic() - began < 30
            setattr(one.provider, wrong, 0)
        await one.signed_in()


async def test_vk_needs_the_device_that_came_back(people: People, database: str) -> None:
    async with browser(people, database, "vk") as one:
        brought = await one.sent()
        del brought["device_id"]
        assert (403, "provider-refused") == await refusal(one.back(brought))


async def test_new_keys_of_a_provider_are_asked_for_and_not_more_than_once_a_minute(
    people: People, database: str
) -> None:
    async with browser(people, database, "google") as one:
        await one.signed_in()
        await one.signed_in()
        assert 1 == one.provider.asked.count("GET /keys")
        one.provider.kid = "key-2"
        for _ in range(3):
            assert (403, "provider-refused") == await refusal(one.signed_in())
        assert 1 == one.provider.asked.count("GET /keys")


@pytest.mark.parametrize(
    ("claims", "believed"),
    [
        ({"email": "anna@gmail.com", "email_verified": True}, True),
        ({"email": "anna@firm.example", "email_verified": True, "hd": "firm.example"}, True),
        ({"email": "anna@example.org", "email_verified": True}, False),
        ({"email": "anna@gmail.com", "email_verified": False}, False),
        ({"email": "anna@example.org", "email_verified": True, "hd": "firm.example"}, False),
        ({"email": "no address", "email_verified": True, "hd": "no address"}, False),
    ],
)
async def test_only_an_address_that_google_hosts_is_taken(
    people: People,
    database: str,
    claims: dict[str, Any],
    believed: bool,  # noqa: FBT001 - of a table
) -> None:
    async with browser(people, database, "google") as one:
        one.provider.person = Person(**claims)
        opened = await account_of(people, (await one.signed_in()).session)
        assert (claims["email"] if believed else None) == opened["email"]


async def test_nobody_is_joined_to_an_account_by_an_address(people: People, database: str) -> None:
    async with browser(people, database, "google") as one:
        account = await people.account("Anna")
        await people.owner.execute(
            "update auth.account set email = $2, email_key = $2 where id = $1", account, "anna@gmail.com"
        )
        one.provider.person = Person(email="Anna@gmail.com", email_verified=True)
        assert (409, "address-known") == await refusal(one.signed_in())


async def test_no_account_is_opened_where_none_are(people: People, database: str) -> None:
    async with browser(people, database, "yandex", "off") as one:
        assert (403, "registration-closed") == await refusal(one.signed_in())


async def test_who_is_shut_out_stays_out(people: People, database: str) -> None:
    async with browser(people, database, "vk") as one:
        opened = await account_of(people, (await one.signed_in()).session)
        await disable(people.owner, opened["id"], actor=None)
        assert (401, "sign-in-refused") == await refusal(one.signed_in())


async def test_the_same_person_twice_at_once_gets_one_account(people: People, database: str) -> None:
    async with browser(people, database, "yandex") as one:
        brought = [await one.sent() for _ in range(8)]
        arrived = await asyncio.gather(*map(one.back, brought))
        accounts = {(await account_of(people, done.session))["id"] for done in arrived}
        assert 1 == len(accounts)


async def test_a_provider_is_linked_by_who_is_signed_in_and_ends_his_other_sessions(
    people: People, database: str
) -> None:
    async with browser(people, database, "google") as one:
        account = await people.account("Boris")
        sessions = [await people.session(account) for _ in range(2)]
        who = Identity(account, frozenset(), "page", sessions[0])
        linked = await one.signed_in(who)
        assert (None, "") == (linked.session, linked.secret)
        assert account == (await account_of(people, (await one.signed_in()).session))["id"]
        ended = await people.owner.fetchval(
            "select revoked_at is not null from auth.session where id = $1", sessions[1]
        )
        assert ended
        await one.signed_in(who)
        one.provider.person = Person("1002")
        assert (409, "provider-linked") == await refusal(one.signed_in(who))
        other = await people.account("Clara")
        one.provider.person = Person("1001")
        stranger = Identity(other, frozenset(), "page", await people.session(other))
        assert (409, "identity-taken") == await refusal(one.signed_in(stranger))
        await people.owner.execute("update auth.session set revoked_at = clock_timestamp()")
        assert (401, "token-invalid") == await refusal(one.signed_in(who))
