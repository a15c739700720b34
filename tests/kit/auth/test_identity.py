"""Who may call: roles and sessions as the database has them now, never as a token claims."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from kit import accounts, clock
from kit.auth.identity import Editor, Identities, Identity, optional_identity, requires
from kit.auth.keys import accepted_keys
from kit.auth.roles import Role
from kit.auth.sessions import end_everything, end_session, issue_bot_token
from kit.auth.standing import Standings
from kit.auth.tokens import ORDINARY, Verifier, mint
from kit.db import READER, WRITER, Pool, pool
from kit.http.body import Body, StrictRoute
from kit.http.edge import Edge
from kit.http.metrics import Metrics
from kit.http.problems import install
from kit.ids import new_id
from tests.kit.auth.conftest import People
from tests.kit.http.asking import Answered, ask

router = APIRouter(prefix="/as", route_class=StrictRoute)


class Wish(Body):
    title: str


@router.get("/anybody")
async def anybody(who: Identity | None = Depends(optional_identity)) -> dict[str, Any]:  # noqa: B008, FAST002 - both forms are used
    return {"account": str(who.account) if who else None}


@router.post("/editor")
async def editing(who: Editor, wish: Wish) -> dict[str, Any]:
    return {"client": who.client, "roles": sorted(who.roles), "title": wish.title}


def _needing(role: Role) -> None:
    @router.get(f"/{role}")
    async def endpoint(who: Identity = Depends(requires(role))) -> dict[str, Any]:  # noqa: B008, FAST002 - the same
        return {"account": str(who.account), "client": who.client}


for _role in Role:
    _needing(_role)


class Counting:
    """A pool that counts its queries; the queries are real."""

    def __init__(self, inner: Pool) -> None:
        self.inner = inner
        self.asked = 0

    async def fetchrow(self, *arguments: Any) -> Any:
        self.asked += 1
        return await self.inner.fetchrow(*arguments)


class House:
    """The application with a pool that counts."""

    def __init__(self, people: People, reading: Pool) -> None:
        self.pool = Counting(reading)
        self.now = 0.0
        api = FastAPI()
        install(api)
        api.include_router(router)
        standings = Standings(self.pool, lambda: self.now)
        api.state.identities = Identities(Verifier(accepted_keys(people.key)), standings)
        self.app = Edge(api, metrics=Metrics())

    async def get(self, place: str, *tokens: str) -> Answered:
        return await ask(
            self.app,
            "GET",
            f"/as/{place}",
            headers=[("authorization", f"Bearer {token}") for token in tokens],
        )


@pytest.fixture
async def house(people: People, database: str) -> AsyncIterator[House]:
    reading = await pool(database, "test identity", READER, size=4)
    yield House(people, reading)
    await reading.close()


ALLOWED = {
    Role.READER: {"reader"},
    Role.EDITOR: {"reader", "editor"},
    Role.MODERATOR: {"reader", "editor", "moderator"},
    Role.ADMIN: {"reader", "editor", "moderator", "admin"},
}


async def test_a_role_includes_the_lower_ones_and_no_other(house: House, people: People) -> None:
    for held, allowed in ALLOWED.items():
        token = await people.token(await people.account(f"{held} one", held))
        for wanted in Role:
            if wanted is Role.EDITOR:
                continue  # that path takes a POST as well; it is tried below
            answered = await house.get(wanted, token)
            assert (answered.status == 200) == (wanted in allowed)
            if answered.status != 200:
                assert (answered.status, answered.problem) == (403, "forbidden")


async def test_an_account_without_a_role_may_nothing(house: House, people: People) -> None:
    token = await people.token(await people.account("nobody"))
    assert (await house.get("reader", token)).status == 403
    assert (await house.get("anybody", token)).status == 200


async def test_without_a_token_there_is_a_challenge(house: House) -> None:
    answered = await house.get("reader")
    assert (answered.status, answered.problem) == (401, "token-missing")
    assert answered.header("www-authenticate") == 'Bearer realm="frankenjet"'
    assert (await house.get("anybody")).json == {"account": None}


async def test_a_bad_token_is_refused_even_where_none_is_needed(house: House) -> None:
    for value in ("", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer  x", "Bearer x y", "\xe9"):
        for place in ("anybody", "reader"):
            answered = await ask(house.app, "GET", f"/as/{place}", headers=[("authorization", value)])
            assert (answered.status, answered.problem) == (401, "token-invalid")
            assert 'error="invalid_token"' in (answered.header("www-authenticate") or "")
    assert house.pool.asked == 0


async def test_the_scheme_is_read_in_any_case(house: House, people: People) -> None:
    token = await people.token(await people.account("Anna", Role.READER))
    headers = [("authorization", f"bEARER {token}")]
    assert (await ask(house.app, "GET", "/as/reader", headers=headers)).status == 200


async def test_two_tokens_are_a_400_and_one_in_the_query_is_no_token(house: House, people: People) -> None:
    token = await people.token(await people.account("Anna", Role.READER))
    assert (await house.get("reader", token, token)).status == 400
    answered = await ask(house.app, "GET", f"/as/reader?access_token={token}")
    assert answered.status in {400, 401}


async def test_who_may_not_write_learns_it_before_the_body_is_read(house: House, people: People) -> None:
    reader = await people.token(await people.account("Anna", Role.READER))
    for token, status in (("x", 401), (reader, 403)):
        answered = await ask(
            house.app,
            "POST",
            "/as/editor",
            headers=[("authorization", f"Bearer {token}"), ("content-type", "text/plain")],
            body=b"{" * 1000,
        )
        assert answered.status == status


async def test_an_editor_writes(house: House, people: People) -> None:
    token = await people.token(await people.account("Boris", Role.EDITOR), client="page")
    headers = [("authorization", f"Bearer {token}"), ("content-type", "application/json")]
    answered = await ask(house.app, "POST", "/as/editor", headers=headers, body=b'{"title":"a"}')
    assert answered.json == {"client": "page", "roles": ["editor", "reader"], "title": "a"}
    assert answered.header("cache-control") == "no-store"


Change = Callable[[People, Any, Any], Awaitable[object]]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda people, account, _: accounts.revoke(people.owner, account, Role.MODERATOR, actor=None), 403),
        (lambda people, _, session: end_session(people.owner, session, actor=None), 401),
        (lambda people, account, _: end_everything(people.owner, account, actor=account), 401),
        (lambda people, account, _: accounts.disable(people.owner, account, actor=None), 401),
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
    await accounts.grant(people.owner, account, Role.MODERATOR, actor=None)
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
    token = await issue_bot_token(people.owner, account, actor=None)
    assert (await house.get("reader", token)).json == {"account": str(account), "client": "bot"}
    stored = await people.owner.fetchval("select string_agg(t::text, '') from auth.bot_token t")
    assert token not in stored
    await end_everything(people.owner, account, actor=None)
    house.now += 1.01
    assert (await house.get("reader", token)).status == 401


async def test_a_bot_token_that_is_over_or_made_up_is_refused(house: House, people: People) -> None:
    account = await people.account("feed", Role.READER)
    past = clock.now() - timedelta(seconds=1)
    assert (
        await house.get("reader", await issue_bot_token(people.owner, account, actor=None, expires=past))
    ).status == 401
    assert (await house.get("reader", "fjb_" + "a" * 43)).status == 401


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
    async with asyncio.timeout(3):
        assert (await house.get("reader", token)).status == 503
    await house.pool.inner.release(held)
    assert (await house.get("reader", token)).status == 200
    await house.pool.inner.close()


def test_openapi_says_that_a_token_is_needed() -> None:
    api = FastAPI()
    api.include_router(router)
    schema = api.openapi()
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert schema["paths"]["/as/editor"]["post"]["security"] == [{"token": []}]
    assert schema["paths"]["/as/reader"]["get"]["security"] == [{"token": []}]
