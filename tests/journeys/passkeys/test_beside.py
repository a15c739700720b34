"""Passkeys beside the other ways in: a provider, an app, an account that was taken back or erased."""

from pathlib import Path

from kit.postgres.connect import ACCOUNTS, connect, pooled
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import refusal, stranger
from tests.journeys.factors.refused import App
from tests.journeys.passkeys.wallet import SIGN_IN, SITE, added, comes_in, options, owner_of_an_account
from tests.journeys.providers.abroad import goes, google
from tests.servers.identity.authenticator import Authenticator
from write_side.accounts.forgetting import forget


async def test_a_provider_lets_in_who_has_a_passkey_but_it_is_no_second_factor(
    database: str, tmp_path: Path
) -> None:
    """Anyone who has an app is sent to his password; a passkey lets in alone, and is not asked for here."""
    with google(tmp_path) as (_, file):
        more = {"providers_file": file, "site_url": SITE, "second_factor": "publishers"}
        async with stranger(database, tmp_path, **more) as somebody:
            page, other, one = Browser(somebody.client), Browser(somebody.client), Authenticator(SITE)
            await goes(page)
            page.csrf = (await page.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            passkey = (await added(page, one))["id"]
            assert 204 == (await page.send("DELETE", "/v1/me/identities/google")).status_code
            refused = await page.send("DELETE", f"/v1/me/passkeys/{passkey}")
            assert (409, "last-way-in") == refusal(refused)
            await goes(page, "/v1/me/identities/google")
            me = (await page.send("GET", "/v1/me")).json()["id"]
            owner = await connect(database, "test")
            await owner.execute("insert into auth.account_role (account, role) values ($1, 'admin')", me)
            assert 303 == (await goes(other)).status_code
            assert (403, "forbidden") == refusal(await other.send("GET", "/v1/accounts"))
            assert 201 == (await comes_in(other, one)).status_code
            assert 200 == (await other.send("GET", "/v1/accounts")).status_code

            secret = (await page.send("POST", "/v1/me/app")).json()["secret"]
            assert 200 == (await page.send("PUT", "/v1/me/app", {"code": App(secret).code()})).status_code
            assert (403, "second-factor-needed") == refusal(await goes(Browser(somebody.client)))
            assert 204 == (await page.send("DELETE", "/v1/me/app")).status_code
            left = await owner.fetchval("select count(*) from auth.recovery_code")
            strong = await owner.fetchval("select bool_or(strong) from auth.session")
            await owner.close()
            assert (10, True) == (left, strong), "the passkey is one still"


async def test_who_has_shown_no_second_factor_changes_none_of_those_that_there_are(
    database: str, tmp_path: Path
) -> None:
    """Else a thief of an account at a provider would add a passkey of his own, and have shown one."""
    with google(tmp_path) as (_, file):
        more = {"providers_file": file, "site_url": SITE, "second_factor": "publishers"}
        async with stranger(database, tmp_path, **more) as somebody:
            page, thief = Browser(somebody.client), Browser(somebody.client)
            for browser in (page, thief):
                await goes(browser)
                browser.csrf = (await browser.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            secret = (await thief.send("POST", "/v1/me/app")).json()["secret"]
            begun = await options(thief, "/v1/me/passkeys/options")
            mine = await added(page, Authenticator(SITE))
            made = {"name": "Mine", "passkey": Authenticator(SITE).make(begun)}
            for method, path, body in (
                ("POST", "/v1/me/passkeys/options", None),
                ("POST", "/v1/me/passkeys", made),
                ("PUT", "/v1/me/app", {"code": App(secret).code()}),
                ("POST", "/v1/me/app", None),
                ("POST", "/v1/me/recovery-codes", None),
                ("DELETE", f"/v1/me/passkeys/{mine['id']}", None),
                ("POST", "/v1/me/tokens", {"name": "Feed", "scopes": ["publish"], "expires_in_days": 1}),
            ):
                refused = await thief.send(method, path, body)
                assert (403, "step-up-needed") == refusal(refused), path
            lost = {"code": mine["recovery_codes"][0]}
            assert 204 == (await thief.send("POST", "/v1/me/step-up", lost)).status_code
            assert (403, "wrong-password") == refusal(await thief.send("POST", "/v1/me/step-up", lost))
            assert 204 == (await thief.send("DELETE", f"/v1/me/passkeys/{mine['id']}")).status_code


async def test_a_passkey_and_an_app_of_a_thief_neither_let_in_nor_keep_out(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        new = {"email": "thief@example.org", "password": SIGN_IN["password"]}
        assert 202 == (await page.send("PUT", "/v1/me/email", new)).status_code
        code = {"code": await somebody.letters.code()}
        assert 204 == (await page.send("POST", "/v1/me/email/confirmation", code)).status_code
        undo = await somebody.letters.code()
        one = Authenticator(SITE)
        await added(page, one)
        secret = (await page.send("POST", "/v1/me/app")).json()["secret"]
        assert 200 == (await page.send("PUT", "/v1/me/app", {"code": App(secret).code()})).status_code
        for _ in range(2):
            await somebody.letters.next()
        await somebody.done("POST", "/v1/email-codes/undo", {"code": undo})
        own = {"code": await somebody.letters.code(), "password": "my own way to Murmansk"}
        await somebody.done("POST", "/v1/password-codes/use", own)
        assert (401, "passkey-refused") == refusal(await comes_in(Browser(somebody.client), one))
        await somebody.signed_in(SIGN_IN["email"], own["password"])


async def test_a_passkey_of_an_account_that_was_erased_is_unknown(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one = Authenticator(SITE)
        await added(page, one)
        me = (await page.send("GET", "/v1/me")).json()["id"]
        await options(page, "/v1/me/step-up/options")
        assert 204 == (await page.send("DELETE", "/v1/me", {"account": me})).status_code
        assert (401, "passkey-refused") == refusal(await comes_in(Browser(somebody.client), one))
        owner = await connect(database, "test")
        left = await owner.fetchval(
            "select (select count(*) from auth.passkey) + (select count(*) from auth.challenge)"
        )
        await owner.close()
        assert 0 == left


async def test_a_challenge_that_nobody_answered_is_forgotten(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        for path in ("/v1/passkey-options", "/v1/me/passkeys/options"):
            await options(page, path)
        owner = await connect(database, "test")
        async with pooled(database, "test", ACCOUNTS, size=1) as pool:
            await forget(pool)
            before = await owner.fetchval("select count(*) from auth.challenge")
            await owner.execute("update auth.challenge set expires_at = clock_timestamp()")
            await forget(pool)
        after = await owner.fetchval("select count(*) from auth.challenge")
        await owner.close()
        assert (2, 0) == (before, after)


async def test_where_no_browser_makes_passkeys_there_are_none(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path, site_url="http://192.0.2.1:8000") as somebody:
        assert (404, "not-found") == refusal(await somebody.send("POST", "/v1/passkey-options"))
        assert ["password", "token"] == (await somebody.client.get("/v1/settings")).json()["sign_in"]
