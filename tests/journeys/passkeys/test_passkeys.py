"""A passkey is added, signs in alone, is asked for after the password, is named and taken away."""

import asyncio
from pathlib import Path

from kit.auth.standing import FRESH_SECONDS
from kit.postgres.connect import connect
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import STRANGER, refusal
from tests.journeys.passkeys.wallet import (
    SIGN_IN,
    SITE,
    added,
    adds,
    comes_in,
    options,
    owner_of_an_account,
    shows,
)
from tests.servers.identity.authenticator import EDDSA, Authenticator


async def test_a_passkey_signs_in_alone_and_asks_nobody_for_an_address(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        phone, key = Authenticator(SITE, EDDSA), Authenticator(SITE, can_be_copied=True, counts=False)
        first, second = await added(page, phone), await added(page, key, "Key on the ring")
        assert (10, 0) == (len(first["recovery_codes"]), len(second["recovery_codes"]))
        told = [(await somebody.letters.next())["Subject"] for _ in range(2)]
        assert ["Another way to sign in"] * 2 == told

        me = (await page.send("GET", "/v1/me")).json()["id"]
        for one in (phone, key, phone):
            other = Browser(somebody.client)
            answer = await comes_in(other, one)
            assert (201, "no-store") == (answer.status_code, answer.headers["cache-control"])
            assert other.set.startswith("__Host-frankenjet-session=")
            assert me == answer.json()["account"] == (await other.send("GET", "/v1/me")).json()["id"]
            assert 204 == (await other.send("PATCH", "/v1/me", {"name": "Anna P."})).status_code

        listed = (await other.send("GET", "/v1/me/passkeys")).json()["items"]
        assert [("Phone", False), ("Key on the ring", False)] == [
            (one["name"], one["copied"]) for one in listed
        ]
        assert None not in [one["used_at"] for one in listed]
        assert ["password", "token", "passkey"] == (await page.send("GET", "/v1/settings")).json()["sign_in"]


async def test_a_program_signs_in_with_a_passkey_for_tokens(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, program = Authenticator(SITE), Browser(somebody.client)
        await added(page, one)
        used = one.use(await options(program))
        answer = await program.send("POST", "/v1/sessions/passkey", {"passkey": used}, Origin=None)
        assert 201 == answer.status_code
        token = answer.json()["access_token"]
        assert "api" in {
            one["client"] for one in (await somebody.done("GET", "/v1/me/sessions", token=token))["items"]
        }
        await somebody.done("POST", "/v1/sessions/refresh", {"refresh_token": answer.json()["refresh_token"]})


async def test_a_new_sign_in_by_a_passkey_takes_the_place_of_the_session_that_the_browser_had(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, former = Authenticator(SITE), Browser(somebody.client)
        await added(page, one)
        former.cookie = page.cookie
        assert 201 == (await comes_in(page, one)).status_code
        assert former.cookie != page.cookie
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        assert (200, 401) == tuple(
            [(await each.send("GET", "/v1/me")).status_code for each in (page, former)]
        )


async def test_who_has_a_passkey_does_not_sign_in_with_a_password_alone(
    database: str, tmp_path: Path
) -> None:
    """The passkey is the second step, and so is a code for a bad day."""
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one = Authenticator(SITE)
        codes = (await added(page, one))["recovery_codes"]
        for path in ("/v1/sessions", "/v1/browser-sessions"):
            answer = await Browser(somebody.client).send("POST", path, SIGN_IN)
            assert (403, "second-factor-needed") == refusal(answer)
            assert "passkey" in answer.json()["title"]
        assert 201 == (await comes_in(Browser(somebody.client), one)).status_code
        await somebody.done("POST", "/v1/sessions", SIGN_IN | {"code": codes[0]})
        again = await somebody.send("POST", "/v1/sessions", SIGN_IN | {"code": codes[0]})
        assert (403, "factor-refused") == refusal(again)
        others = await page.send("POST", "/v1/me/recovery-codes")
        assert 200 == others.status_code


async def test_a_passkey_is_a_second_factor_where_one_is_asked_for(database: str, tmp_path: Path) -> None:
    """In the session that it was added in, in those that it opens, and in those where it is shown."""
    async with owner_of_an_account(database, tmp_path, second_factor="publishers") as (somebody, page):
        me = (await page.send("GET", "/v1/me")).json()["id"]
        weak = (await somebody.signed_in(**SIGN_IN))["access_token"]
        owner = await connect(database, "test")
        await owner.execute("insert into auth.account_role (account, role) values ($1, 'admin')", me)
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        assert (403, "forbidden") == refusal(await page.send("GET", "/v1/accounts"))
        one, other = Authenticator(SITE), Browser(somebody.client)
        passkey = (await added(page, one))["id"]
        assert 201 == (await comes_in(other, one)).status_code
        told = await owner.fetchval("select count(*) from auth.outbox where type = 'account.signed_in'")
        await owner.close()
        assert 1 == told, "of the one who may publish by now"
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        for each in (page, other):
            assert 200 == (await each.send("GET", "/v1/accounts")).status_code
        shown = (await page.send("GET", f"/v1/accounts/{me}")).json()
        assert ["password", "passkey"] == shown["details"]["sign_in"]
        assert (403, "forbidden") == refusal(await somebody.send("GET", "/v1/accounts", token=weak))
        asked = (await somebody.done("POST", "/v1/me/step-up/options", token=weak))["options"]
        await somebody.done("POST", "/v1/me/step-up", {"passkey": one.use(asked)}, weak)
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        await somebody.done("GET", "/v1/accounts", token=weak)
        assert 204 == (await page.send("DELETE", f"/v1/me/passkeys/{passkey}")).status_code
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        for each in (page, other):
            assert (403, "forbidden") == refusal(await each.send("GET", "/v1/accounts"))


async def test_a_passkey_is_a_proof_before_what_is_dangerous(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        one = Authenticator(SITE)
        assert (409, "no-factor") == refusal(await page.send("POST", "/v1/me/step-up/options"))
        passkey = (await added(page, one))["id"]
        owner = await connect(database, "test")
        await owner.execute("update auth.session set proved_at = clock_timestamp() - interval '1 hour'")
        await owner.close()
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        for method, path in (
            ("POST", "/v1/me/passkeys/options"),
            ("POST", "/v1/me/passkeys"),
            ("DELETE", f"/v1/me/passkeys/{passkey}"),
        ):
            answer = await page.send(method, path)
            assert (403, "step-up-needed") == refusal(answer)
            assert "passkey" in answer.json()["detail"]
        assert 204 == (await shows(page, one)).status_code
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        assert 204 == (await page.send("DELETE", f"/v1/me/passkeys/{passkey}")).status_code


async def test_a_passkey_is_named_and_taken_away_and_signs_in_no_longer(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, nobody = Authenticator(SITE), "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
        passkey = (await added(page, one))["id"]
        place = f"/v1/me/passkeys/{passkey}"
        assert 204 == (await page.send("PATCH", place, {"name": "Old phone"})).status_code
        assert ["Old phone"] == [
            each["name"] for each in (await page.send("GET", "/v1/me/passkeys")).json()["items"]
        ]
        told = [(await somebody.letters.next())["Subject"]]
        await somebody.opened(name="Boris", email="boris@example.org")
        other = Browser(somebody.client)
        await other.sign_in("boris@example.org", STRANGER["password"])
        for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
            assert (404, "not-found") == refusal(await other.send(method, place, body))
        assert (404, "not-found") == refusal(await page.send("DELETE", f"/v1/me/passkeys/{nobody}"))
        assert 204 == (await page.send("DELETE", place)).status_code
        told.append((await somebody.letters.next())["Subject"])
        assert ["Another way to sign in"] * 2 == told
        assert (401, "passkey-refused") == refusal(await comes_in(Browser(somebody.client), one))
        await somebody.signed_in(**SIGN_IN)
        owner = await connect(database, "test")
        codes = await owner.fetchval("select count(*) from auth.recovery_code")
        audit = await owner.fetch("select action from auth.audit where facts ->> 'passkey' = $1", passkey)
        await owner.close()
        assert 0 == codes
        assert ["factor.added", "passkey.renamed", "factor.removed"] == [row["action"] for row in audit]


async def test_the_last_way_in_is_not_taken_away_however_many_are_at_once(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        made = [(await added(page, Authenticator(SITE)))["id"] for _ in range(3)]
        owner = await connect(database, "test")
        await owner.execute("update auth.account set email = null, email_key = null, password = null")
        await owner.close()
        answers = await asyncio.gather(*(page.send("DELETE", f"/v1/me/passkeys/{one}") for one in made))
        assert [204, 204, 409] == sorted(one.status_code for one in answers)
        (refused,) = (one for one in answers if one.status_code == 409)
        assert (409, "last-way-in") == refusal(refused)


async def test_an_account_has_ten_passkeys_however_many_are_added_at_once(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        for _ in range(8):
            await added(page, Authenticator(SITE))
        answers = await asyncio.gather(*(adds(page, Authenticator(SITE)) for _ in range(4)))
        assert [201, 201, 409, 409] == sorted(one.status_code for one in answers)
        assert (409, "too-many-passkeys") == refusal(await page.send("POST", "/v1/me/passkeys/options"))


async def test_a_new_password_by_mail_ends_the_passkeys_only_if_that_is_said(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one = Authenticator(SITE)
        await added(page, one)
        await somebody.letters.next()
        for more, expected in (({}, 201), ({"end_passkeys": True}, 401)):
            await somebody.done("POST", "/v1/password-codes", {"email": STRANGER["email"]})
            new = {"code": await somebody.letters.code(), "password": STRANGER["password"]} | more
            await somebody.done("POST", "/v1/password-codes/use", new)
            assert "was changed" in (await somebody.letters.next())["Subject"]
            assert expected == (await comes_in(Browser(somebody.client), one)).status_code
