"""A stranger opens an account, signs in, stays so, forgets the password, and signs out everywhere."""

import asyncio
from pathlib import Path

from tests.journeys.accounts.stranger import STRANGER, refusal, stranger


async def test_a_stranger_comes_in_by_mail_and_goes_out_everywhere(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        me = await somebody.done("GET", "/v1/me", token=made["access_token"])
        assert (me["name"], me["email"], me["roles"]) == ("Anna Petrova", "Anna@example.org", [])
        assert me["id"] == made["account"]

        next_ = await somebody.done("POST", "/v1/sessions/refresh", {"refresh_token": made["refresh_token"]})
        other = await somebody.signed_in("anna@example.org", STRANGER["password"])
        sessions = await somebody.done("GET", "/v1/me/sessions", token=next_["access_token"])
        assert [one["this"] for one in sessions["items"]] == [False, True]

        await somebody.done("DELETE", "/v1/me/sessions", token=other["access_token"])
        await asyncio.sleep(1.1)
        for token in (made["access_token"], next_["access_token"], other["access_token"]):
            assert refusal(await somebody.send("GET", "/v1/me", token=token)) == (401, "token-invalid")
        answer = await somebody.send(
            "POST", "/v1/sessions/refresh", {"refresh_token": next_["refresh_token"]}
        )
        assert refusal(answer) == (401, "refresh-refused")


async def test_a_known_address_is_told_in_a_mail_and_nowhere_else(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        await somebody.opened()
        unknown = await somebody.send(
            "POST", "/v1/accounts", STRANGER | {"name": "B", "email": "b@example.org"}
        )
        assert "Confirm" in (await somebody.letters.next())["Subject"]
        known = await somebody.send("POST", "/v1/accounts", STRANGER | {"name": "C"})
        assert "already" in (await somebody.letters.next())["Subject"]
        assert (
            (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, '{"mail":"sent"}')
        )

        unknown = await somebody.send("POST", "/v1/password-codes", {"email": "nobody@example.org"})
        assert "no account" in (await somebody.letters.next())["Subject"]
        known = await somebody.send("POST", "/v1/password-codes", {"email": "ANNA@example.org"})
        assert "new password" in (await somebody.letters.next())["Subject"]
        assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


async def test_a_forgotten_password_is_set_by_mail_once_and_ends_all_sessions(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        for _ in range(2):
            await somebody.done("POST", "/v1/password-codes", {"email": "anna@example.org"})
        code, other = await somebody.letters.code(), await somebody.letters.code()
        new = {"code": code, "password": "another way to Murmansk"}
        await somebody.done("POST", "/v1/password-codes/use", new)
        assert "was changed" in (await somebody.letters.next())["Subject"]
        for used in (code, other):
            answer = await somebody.send("POST", "/v1/password-codes/use", new | {"code": used})
            assert refusal(answer) == (409, "code-invalid")
        answer = await somebody.send("POST", "/v1/sessions/refresh", {"refresh_token": made["refresh_token"]})
        assert refusal(answer) == (401, "refresh-refused")
        answer = await somebody.send(
            "POST", "/v1/sessions", {"email": "anna@example.org", "password": STRANGER["password"]}
        )
        assert refusal(answer) == (401, "sign-in-refused")
        await somebody.signed_in("anna@example.org", new["password"])


async def test_a_token_of_a_program_is_told_by_mail_and_ends_with_the_password_only_if_that_is_said(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        wanted = {"name": "Feed", "scopes": ["read"], "expires_in_days": 9}
        program = (await somebody.done("POST", "/v1/me/tokens", wanted, made["access_token"]))["token"]
        letter = await somebody.letters.next()
        assert ("A token for a program was made", "Anna@example.org") == (letter["Subject"], letter["To"])
        for more, expected in (({}, 200), ({"end_tokens": True}, 401)):
            await somebody.done("POST", "/v1/password-codes", {"email": STRANGER["email"]})
            new = {"code": await somebody.letters.code(), "password": STRANGER["password"]} | more
            await somebody.done("POST", "/v1/password-codes/use", new)
            assert "was changed" in (await somebody.letters.next())["Subject"]
            await asyncio.sleep(1.1)
            assert expected == (await somebody.send("GET", "/v1/me", token=program)).status_code


async def test_a_changed_password_ends_the_other_sessions_alone(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        other = await somebody.signed_in("anna@example.org", STRANGER["password"])
        change = {"old": "not that one", "new": "another way to Murmansk"}
        answer = await somebody.send("PUT", "/v1/me/password", change, made["access_token"])
        assert refusal(answer) == (403, "wrong-password")
        await somebody.done(
            "PUT", "/v1/me/password", change | {"old": STRANGER["password"]}, made["access_token"]
        )
        for tokens, expected in ((made, 200), (other, 401)):
            answer = await somebody.send(
                "POST", "/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]}
            )
            assert answer.status_code == expected


async def test_fifty_uses_of_one_refresh_token_give_one_next_token(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        asked = {"refresh_token": made["refresh_token"]}
        answers = await asyncio.gather(
            *(somebody.send("POST", "/v1/sessions/refresh", asked) for _ in range(50))
        )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_refresh_token_that_was_left_behind_ends_its_session_and_tells_the_owner(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        first = await somebody.opened()
        second = await somebody.done(
            "POST", "/v1/sessions/refresh", {"refresh_token": first["refresh_token"]}
        )
        third = await somebody.done(
            "POST", "/v1/sessions/refresh", {"refresh_token": second["refresh_token"]}
        )
        stolen = await somebody.send(
            "POST", "/v1/sessions/refresh", {"refresh_token": first["refresh_token"]}
        )
        assert refusal(stolen) == (401, "refresh-refused")
        assert "session was ended" in (await somebody.letters.next())["Subject"]
        owner = await somebody.send("POST", "/v1/sessions/refresh", {"refresh_token": third["refresh_token"]})
        assert refusal(owner) == (401, "refresh-refused")
        await asyncio.sleep(1.1)
        assert (await somebody.send("GET", "/v1/me", token=third["access_token"])).status_code == 401


async def test_where_no_accounts_are_opened_nobody_opens_one(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path, registration="off") as somebody:
        answer = await somebody.send("POST", "/v1/accounts", STRANGER)
        assert refusal(answer) == (403, "registration-closed")


async def test_you_open_no_account_for_a_stranger_who_asked_for_it_with_your_address(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        his = {"password": "what he has chosen"}
        await somebody.done("POST", "/v1/accounts", STRANGER | {"name": "H"} | his)
        followed = {"code": await somebody.letters.code()}
        answer = await somebody.send("POST", "/v1/accounts/confirmation", followed)
        assert (422, "invalid-body") == refusal(answer)
        yours = {"email": STRANGER["email"], "password": STRANGER["password"]}
        followed["password"] = yours["password"]
        answer = await somebody.send("POST", "/v1/accounts/confirmation", followed)
        assert (403, "wrong-password") == refusal(answer)
        for tried in (yours, yours | his):
            answer = await somebody.send("POST", "/v1/sessions", tried)
            assert (401, "sign-in-refused") == refusal(answer)
        await somebody.opened()
        answer = await somebody.send("POST", "/v1/sessions", yours | his)
        assert (401, "sign-in-refused") == refusal(answer)
        answer = await somebody.send("POST", "/v1/accounts/confirmation", followed | his)
        assert (409, "code-invalid") == refusal(answer)


async def test_a_name_that_was_taken_meanwhile_is_given_again_with_the_code(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        await somebody.done("POST", "/v1/accounts", STRANGER | {"email": "first@example.org"})
        first = await somebody.letters.code()
        await somebody.opened()
        confirmed = {"code": first, "password": STRANGER["password"]}
        answer = await somebody.send("POST", "/v1/accounts/confirmation", confirmed)
        assert refusal(answer) == (409, "name-taken")
        await somebody.done("POST", "/v1/accounts/confirmation", confirmed | {"name": "Anna P."})
        answer = await somebody.send("POST", "/v1/accounts/confirmation", confirmed | {"name": "Other"})
        assert refusal(answer) == (409, "code-invalid")
