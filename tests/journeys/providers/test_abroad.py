"""People come in from a provider, over HTTP, in a browser."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from kit.auth.standing import FRESH_SECONDS
from kit.errors import Refused
from tests.journeys.accounts.administering import LONG_AGO, statement
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import refusal, stranger
from tests.journeys.providers.abroad import goes, google
from tests.servers.identity.provider import Person
from write_side.accounts.providers.settings import read_providers

SITE = "https://encyclopedia.example"


async def test_somebody_comes_in_from_a_provider_and_is_signed_in(database: str, tmp_path: Path) -> None:
    with google(tmp_path) as (_, file):
        async with stranger(database, tmp_path, providers_file=file, site_url=SITE) as somebody:
            page = Browser(somebody.client)
            back = await goes(page)
            assert (303, f"{SITE}/me") == (back.status_code, back.headers["location"])
            me = await page.send("GET", "/v1/me")
            assert ("Anna Petrova", None) == (me.json()["name"], me.json()["email"])
            linked = (await page.send("GET", "/v1/me/identities")).json()["items"]
            assert ["google"] == [one["provider"] for one in linked]
            page.csrf = (await page.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            assert (409, "last-way-in") == refusal(await page.send("DELETE", "/v1/me/identities/google"))
            offered = (await somebody.client.get("/v1/settings")).json()["sign_in"]
            assert ["password", "token", "passkey", "google"] == offered


async def test_who_came_from_a_provider_alone_gets_an_address_and_a_password(
    database: str, tmp_path: Path
) -> None:
    with google(tmp_path) as (_, file):
        async with stranger(database, tmp_path, providers_file=file, site_url=SITE) as somebody:
            page = Browser(somebody.client)
            await goes(page)
            page.csrf = (await page.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            wish = {"email": "anna@example.org"}
            await statement(database, LONG_AGO)
            await asyncio.sleep(FRESH_SECONDS + 0.1)
            assert (403, "step-up-needed") == refusal(await page.send("PUT", "/v1/me/email", wish))
            await goes(page)
            page.csrf = (await page.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            assert 202 == (await page.send("PUT", "/v1/me/email", wish)).status_code
            code = {"code": await somebody.letters.code()}
            assert 204 == (await page.send("POST", "/v1/me/email/confirmation", code)).status_code
            await somebody.done("POST", "/v1/password-codes", wish)
            new = {"code": await somebody.letters.code(), "password": "a long way to Arkhangelsk"}
            await somebody.done("POST", "/v1/password-codes/use", new)
            await somebody.signed_in(wish["email"], new["password"])
            refused = await page.sign_in(wish["email"], "not that")
            assert (401, "sign-in-refused") == refusal(refused)
            await page.sign_in(wish["email"], new["password"])
            assert (403, "wrong-password") == refusal(await page.send("PUT", "/v1/me/email", wish))
            assert 204 == (await page.send("DELETE", "/v1/me/identities/google")).status_code


async def test_a_person_with_a_password_links_a_provider_and_lets_go_of_it(
    database: str, tmp_path: Path
) -> None:
    with google(tmp_path) as (_, file):
        async with stranger(database, tmp_path, providers_file=file, site_url=SITE) as somebody:
            made = await somebody.opened()
            page = Browser(somebody.client)
            await page.sign_in("anna@example.org", "a long way to Arkhangelsk")
            back = await goes(page, "/v1/me/identities/google")
            assert (303, None) == (back.status_code, back.headers.get("set-cookie"))
            assert "Another way" in (await somebody.letters.next())["Subject"]
            other = Browser(somebody.client)
            await goes(other)
            assert made["account"] == (await other.send("GET", "/v1/me")).json()["id"]
            other.csrf = (await other.send("GET", "/v1/me/csrf")).json()["csrf_token"]
            assert 204 == (await other.send("DELETE", "/v1/me/identities/google")).status_code
            assert [] == (await page.send("GET", "/v1/me/identities")).json()["items"]


async def test_nobody_is_signed_in_to_the_account_of_a_stranger_by_a_link_of_his(
    database: str, tmp_path: Path
) -> None:
    """Login CSRF: the attacker begins, keeps the way back, and lets the victim's browser take it."""
    with google(tmp_path) as (_, file):
        async with stranger(database, tmp_path, providers_file=file, site_url=SITE) as somebody:
            attacker, victim = Browser(somebody.client), Browser(somebody.client)
            begun = await attacker.send("POST", "/v1/sign-in/google", {})
            async with httpx2.AsyncClient() as client:
                back = urlsplit((await client.get(begun.json()["address"])).headers["location"])
            answer = await victim.send("GET", f"{back.path}?{back.query}")
            assert (409, "attempt-unknown") == refusal(answer)
            assert {} == victim.cookies


async def test_a_new_sign_in_takes_the_place_of_the_session_that_the_browser_had(
    database: str, tmp_path: Path
) -> None:
    with google(tmp_path) as (provider, file):
        async with stranger(database, tmp_path, providers_file=file, site_url=SITE) as somebody:
            page, former = Browser(somebody.client), Browser(somebody.client)
            await goes(page)
            former.cookie = page.cookie
            provider.person = Person("2", "Boris")
            await goes(page)
            assert "Boris" == (await page.send("GET", "/v1/me")).json()["name"]
            assert former.cookie != page.cookie
            assert 401 == (await former.send("GET", "/v1/me")).status_code


@pytest.mark.parametrize(
    "next_", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nX: y", "/ a", "/é"]
)
async def test_the_way_goes_on_nowhere_but_on_the_site(database: str, tmp_path: Path, next_: str) -> None:
    with google(tmp_path) as (_, file):
        async with stranger(database, tmp_path, providers_file=file) as somebody:
            answer = await Browser(somebody.client).send("POST", "/v1/sign-in/google", {"next": next_})
            assert 422 == answer.status_code
            assert ["/next"] == [one["pointer"] for one in answer.json()["errors"]]


async def test_a_provider_that_is_not_in_the_file_is_not_offered(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        page = Browser(somebody.client)
        assert (404, "not-found") == refusal(await page.send("POST", "/v1/sign-in/google", {}))
        assert (404, "not-found") == refusal(await page.send("GET", "/v1/sign-in/google/callback"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[google", "no TOML"),
        ("[google]\n", "client_id"),
        ('[google]\nclient_id = " "', "client_id"),
        ('[facebook]\nclient_id = "x"', "facebook"),
        ('[google]\nclient_id = "x"\naddress = "ftp://x"', "address"),
        ('[google]\nclient_id = "x"\nsecret = "hush-hush"', "secret"),
    ],
)
def test_a_file_of_providers_that_says_something_else_is_refused(tmp_path: Path, said: str, why: str) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(said)
    with pytest.raises(Refused, match=why) as refused:
        read_providers(file)
    assert 1 == len(refused.value.lines)
    assert "hush" not in str(refused.value)
