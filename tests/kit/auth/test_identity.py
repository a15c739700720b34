"""Who may call: by the roles that the database has, never by what a token claims."""

from datetime import timedelta

from fastapi import FastAPI

from kit import clock
from kit.auth.roles import Role
from tests.given.people import People
from tests.kit.auth.application import House, router
from tests.kit.http.asking import ask
from write_side.accounts.admin.bot_tokens import issue_bot_token

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


async def test_a_token_is_shown_as_a_bearer_and_in_no_other_way(house: House, people: People) -> None:
    token = await people.token(await people.account("editor", Role.EDITOR))
    for scheme in ("DPoP", "Basic", "Token", "JWT", "Bearer Bearer"):
        answered = await ask(
            house.app, "GET", "/as/editor", headers=[("authorization", f"{scheme} {token}"), ("dpop", token)]
        )
        assert 401 == answered.status, scheme
        assert "dpop" not in (answered.header("www-authenticate") or "").lower()


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


async def test_a_bot_token_that_is_over_or_made_up_is_refused(house: House, people: People) -> None:
    account = await people.account("feed", Role.READER)
    past = clock.now() - timedelta(seconds=1)
    assert (
        await house.get(
            "reader", (await issue_bot_token(people.owner, account, actor=None, expires=past)).token
        )
    ).status == 401
    assert (await house.get("reader", "fjb_" + "a" * 43)).status == 401


def test_openapi_says_that_a_token_is_needed() -> None:
    api = FastAPI()
    api.include_router(router)
    schema = api.openapi()
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert schema["paths"]["/as/editor"]["post"]["security"] == [{"token": []}]
    assert schema["paths"]["/as/reader"]["get"]["security"] == [{"token": []}]
