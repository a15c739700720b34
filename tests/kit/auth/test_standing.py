"""What a role or session is worth is asked of the database, at most once a second, and never guessed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from kit.auth.roles import Role
from kit.auth.tokens import ORDINARY, mint
from kit.ids import new_id
from kit.postgres.connect import READER, WRITER, pool
from tests.given.people import People
from tests.kit.auth.application import House
from write_side.accounts.admin import rights
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token, revoke_bot_token
from write_side.accounts.sessions import end_everything, end_session, end_sessions

Change = Callable[[People, Any, Any], Awaitable[object]]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda people, account, _: rights.revoke(people.owner, account, Role.MODERATOR, actor=None), 403),
        (lambda people, _, session: end_session(people.owner, session, actor=None), 401),
        (lambda people, account, _: rights.set_role(people.owner, account, Role.READER, actor=None), 403),
        (lambda people, account, _: end_sessions(people.owner, account, actor=None), 401),
        (lambda people, account, _: end_everything(people.owner, account, actor=account), 401),
        (lambda people, account, _: rights.disable(people.owner, account, actor=None), 401),
    ],
)
async def test_a_lost_role_or_session_is_felt_within_a_second(
    house: House, people: People, change: Change, status: int
) -> None:
    await people.account("chief", Role.ADMIN)
    account = await people.account("Vera", Role.MODERATOR)
    session = await people.session(account)
    token = mint(people.key, account, session, ORDINARY, clock.now())
    assert (await house.get("moderator", token)).status == 200
    await change(people, account, session)
    house.now += 0.99
    assert (await house.get("moderator", token)).status == 200
    house.now += 0.02
    assert (await house.get("moderator", token)).status == status


async def test_a_gained_role_is_felt_within_a_second(house: House, people: People) -> None:
    account = await people.account("Gleb", Role.READER)
    token = await people.token(account)
    assert (await house.get("moderator", token)).status == 403
    await rights.grant(people.owner, account, Role.MODERATOR, actor=None)
    house.now += 1.01
    assert (await house.get("moderator", token)).status == 200


async def test_a_session_that_is_over_or_of_somebody_else_is_refused(house: House, people: People) -> None:
    anna, boris = await people.account("Anna", Role.ADMIN), await people.account("Boris", Role.READER)
    past = await people.session(anna, expires=clock.now() - timedelta(seconds=1))
    of_boris = await people.session(boris)
    for session in (past, of_boris, new_id()):
        token = mint(people.key, anna, session, ORDINARY, clock.now())
        assert (await house.get("reader", token)).status == 401


async def test_only_a_session_that_allows_it_has_long_tokens(house: House, people: People) -> None:
    account = await people.account("Anna", Role.READER)
    long = timedelta(hours=12)
    expires = clock.now() + timedelta(days=1)
    assert (await house.get("reader", await people.token(account, ttl=long, expires=expires))).status == 401
    allowed = await people.token(account, ttl=long, expires=expires, longest_token=long)
    assert (await house.get("reader", allowed)).status == 200


async def test_a_bot_comes_with_an_opaque_token(house: House, people: People) -> None:
    account = await people.account("feed", Role.READER)
    token = (await issue_bot_token(people.owner, account, expires=clock.now() + USUAL, actor=None)).token
    assert (await house.get("reader", token)).json == {"account": str(account), "client": "bot"}
    stored = await people.owner.fetchval("select string_agg(t::text, '') from auth.bot_token t")
    assert token not in stored
    made = await people.owner.fetchval("select id from auth.bot_token")
    assert await revoke_bot_token(people.owner, made, actor=None)
    house.now += 1.01
    assert (await house.get("reader", token)).status == 401


async def test_many_requests_at_once_ask_the_database_once(house: House, people: People) -> None:
    token = await people.token(await people.account("Anna", Role.READER))
    answers = await asyncio.gather(*(house.get("reader", token) for _ in range(100)))
    assert {answered.status for answered in answers} == {200}
    assert house.pool.asked == 1
    house.now += 1.01
    await asyncio.gather(*(house.get("reader", token) for _ in range(100)))
    assert house.pool.asked == 2


async def test_a_request_that_is_given_up_does_not_take_the_others_with_it(
    house: House, people: People
) -> None:
    token = await people.token(await people.account("Anna", Role.READER))
    first = asyncio.create_task(house.get("reader", token))
    others = [asyncio.create_task(house.get("reader", token)) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    assert {answered.status for answered in await asyncio.gather(*others)} == {200}
    assert house.pool.asked == 1


async def test_when_the_database_is_away_nobody_is_let_in_and_nobody_is_remembered(
    house: House, people: People, database: str
) -> None:
    token = await people.token(await people.account("Anna", Role.ADMIN))
    assert (await house.get("admin", token)).status == 200
    await house.pool.inner.close()
    assert (await house.get("admin", token)).status == 200  # for the rest of the second
    house.now += 1.01
    answers = await asyncio.gather(*(house.get("admin", token) for _ in range(5)))
    assert {(answered.status, answered.problem) for answered in answers} == {(503, "identity-unavailable")}
    assert answers[0].header("retry-after") == "1"
    house.pool.inner = await pool(database, "test identity", WRITER, size=1)
    assert (await house.get("admin", token)).status == 200
    await house.pool.inner.close()


async def test_a_database_that_does_not_answer_is_not_waited_for(
    house: House, people: People, database: str
) -> None:
    token = await people.token(await people.account("Anna", Role.READER))
    house.pool.inner = await pool(database, "test identity", READER, size=1)
    held = await house.pool.inner.acquire()
    async with asyncio.timeout(15):
        assert (await house.get("reader", token)).status == 503
    await house.pool.inner.release(held)
    assert (await house.get("reader", token)).status == 200
    await house.pool.inner.close()
