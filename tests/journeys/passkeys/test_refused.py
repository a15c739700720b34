"""What lets nobody in: other browsers, purposes, sessions, times, keys, counts, accounts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kit.auth.standing import FRESH_SECONDS
from kit.postgres.connect import connect
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal
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
from tests.servers.identity.authenticator import Authenticator, base64url

REFUSED = (401, "passkey-refused")
OVER = (409, "attempt-unknown")


async def sent(page: Browser, used: dict[str, Any]) -> tuple[int, str]:
    answer = await page.send("POST", "/v1/browser-sessions/passkey", {"passkey": used})
    return (201, "") if answer.status_code == 201 else refusal(answer)


async def other_account(somebody: Stranger) -> Browser:
    """Return a browser that is signed in to another account."""
    await somebody.opened(name="Boris", email="boris@example.org")
    page = Browser(somebody.client)
    await page.sign_in("boris@example.org", STRANGER["password"])
    return page


async def test_a_challenge_is_answered_once_in_its_browser_for_its_purpose_and_in_five_minutes(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, other = Authenticator(SITE), Browser(somebody.client)
        await added(page, one)
        asked = await options(other)
        used = one.use(asked)
        assert OVER == await sent(Browser(somebody.client), used), "no browser of ours"
        assert OVER == await sent(page, used), "another browser"
        at_once = await asyncio.gather(*(sent(other, used) for _ in range(4)))
        assert [(201, ""), OVER, OVER, OVER] == sorted(at_once)

        one.verified = False
        asked = await options(other)
        assert REFUSED == await sent(other, one.use(asked))
        one.verified = True
        assert OVER == await sent(other, one.use(asked)), "whatever came of it, it was answered"

        for place in ("/v1/me/step-up/options", "/v1/me/passkeys/options"):
            asked = {"rpId": "encyclopedia.example", "challenge": (await options(page, place))["challenge"]}
            assert OVER == await sent(page, one.use(asked)), place
        adding = await options(page, "/v1/me/passkeys/options")
        for asked in (await options(page), adding, {"challenge": base64url(b"c" * 32)}):
            used = one.use({"rpId": "encyclopedia.example", "challenge": asked["challenge"]})
            assert OVER == refusal(await page.send("POST", "/v1/me/step-up", {"passkey": used}))
        for asked in (await options(page), await options(page, "/v1/me/step-up/options")):
            made = Authenticator(SITE).make(adding | {"challenge": asked["challenge"]})
            answer = await page.send("POST", "/v1/me/passkeys", {"name": "Phone", "passkey": made})
            assert OVER == refusal(answer)

        asked = await options(other)
        owner = await connect(database, "test")
        await owner.execute("update auth.challenge set expires_at = clock_timestamp()")
        assert OVER == await sent(other, one.use(asked))
        await owner.close()


async def test_a_challenge_of_one_session_is_not_answered_in_another(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        second = Browser(somebody.client)
        await second.sign_in(**SIGN_IN)
        boris = await other_account(somebody)
        one = Authenticator(SITE)
        for stranger in (second, boris):
            made = one.make(await options(page, "/v1/me/passkeys/options"))
            answer = await stranger.send("POST", "/v1/me/passkeys", {"name": "Phone", "passkey": made})
            assert OVER == refusal(answer)
        await added(page, one)
        asked = await options(page, "/v1/me/step-up/options")
        assert OVER == refusal(await second.send("POST", "/v1/me/step-up", {"passkey": one.use(asked)}))


async def test_what_is_unknown_and_what_did_not_sign_get_the_same_answer(
    database: str, tmp_path: Path
) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, stranger, boris_has = (Authenticator(SITE) for _ in range(3))
        await added(page, one)
        await somebody.letters.next()
        await added(await other_account(somebody), boris_has)
        stranger.make(await options(page, "/v1/me/passkeys/options"))
        forged = Authenticator(SITE, keys=[*stranger.keys])
        forged.keys[0].id, forged.keys[0].user = one.keys[0].id, one.keys[0].user
        other = Browser(somebody.client)

        told = [await comes_in(other, stranger), await comes_in(other, forged)]
        for lie in (
            {"origin": "https://evil.example"}, {"site": "evil.example"}, {"verified": False},
            {"present": False}, {"handle": None}, {"handle": boris_has.keys[0].user}, {"handle": b"x"},
            {"after": b"more"},
        ):  # fmt: skip
            liar = Authenticator(**({"origin": SITE, "keys": one.keys} | lie))
            told.append(await comes_in(other, liar))
        swapped = one.use(await options(other)) | {"id": base64url(boris_has.keys[0].id)}
        told.append(await other.send("POST", "/v1/browser-sessions/passkey", {"passkey": swapped}))
        owner = await connect(database, "test")
        await owner.execute("update auth.account set disabled_at = now() where name = 'Boris'")
        told.append(await comes_in(other, boris_has))
        refused = await owner.fetchval("select count(*) from auth.audit where action = 'sign-in.refused'")
        await owner.close()
        assert {REFUSED} == {refusal(each) for each in told}
        bodies = [{k: v for k, v in each.json().items() if k != "request_id"} for each in told]
        assert all(bodies[0] == each for each in bodies)
        assert refused >= 8
        assert "set-cookie" not in {name for each in told for name in each.headers}
        assert 201 == (await comes_in(other, one)).status_code


async def test_a_count_that_goes_back_is_refused_and_the_owner_is_told(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, other = Authenticator(SITE), Browser(somebody.client)
        await added(page, one)
        await somebody.letters.next()
        assert 201 == (await comes_in(other, one)).status_code
        (key,) = one.keys
        for count in (0, key.count - 1):  # the same again, and none any more
            key.count, one.counts = count, count > 0
            assert REFUSED == refusal(await comes_in(Browser(somebody.client), one))
            assert "A passkey was refused" == (await somebody.letters.next())["Subject"]
        key.count, one.counts = 0, True
        assert (403, "wrong-password") == refusal(await shows(other, one))
        assert "A passkey was refused" == (await somebody.letters.next())["Subject"]
        key.count = 41
        assert 201 == (await comes_in(Browser(somebody.client), one)).status_code
        key.count, forged = 1, Authenticator(SITE, site="evil.example", keys=one.keys)
        assert REFUSED == refusal(await comes_in(Browser(somebody.client), forged))
        owner = await connect(database, "test")
        told = await owner.fetchval("select count(*) from auth.audit where action = 'passkey.refused'")
        await owner.close()
        assert 3 == told, "who did not sign tells the owner nothing"


async def test_a_passkey_belongs_to_one_account_and_is_added_once(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one = Authenticator(SITE, id=b"the same for all")
        await added(page, one)
        await somebody.letters.next()
        boris = await other_account(somebody)
        for each in (page, boris):
            assert (409, "passkey-known") == refusal(await adds(each, one))
        assert [] == (await boris.send("GET", "/v1/me/passkeys")).json()["items"]
        at_once = [Authenticator(SITE, id=b"another for all") for _ in range(3)]
        answers = await asyncio.gather(*(adds(each, two) for each, two in zip((page, boris, page), at_once)))  # noqa: B905
        assert [201, 409, 409] == sorted(each.status_code for each in answers)
        anna_has = Authenticator(SITE)
        await added(page, anna_has)
        await added(boris, Authenticator(SITE))
        assert (403, "wrong-password") == refusal(await shows(boris, anna_has))


async def test_a_session_that_ended_adds_no_passkey(database: str, tmp_path: Path) -> None:
    """Its end is felt within a second; what is kept is decided when it is kept."""
    async with owner_of_an_account(database, tmp_path) as (_, page):
        one = Authenticator(SITE)
        made = one.make(await options(page, "/v1/me/passkeys/options"))
        owner = await connect(database, "test")
        await owner.execute("update auth.session set revoked_at = now()")
        answer = await page.send("POST", "/v1/me/passkeys", {"name": "Phone", "passkey": made})
        kept = await owner.fetchval("select count(*) from auth.passkey")
        await owner.close()
        assert (401, 0) == (answer.status_code, kept)


async def test_five_wrong_passkeys_end_the_session(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        one, wrong = Authenticator(SITE), Authenticator(SITE, verified=False)
        await added(page, one)
        wrong.keys = one.keys
        told = [refusal(await shows(page, wrong)) for _ in range(5)]
        assert [(403, "wrong-password")] * 4 + [(401, "token-invalid")] == told
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        assert 401 == (await page.send("GET", "/v1/me")).status_code


async def test_a_page_of_another_site_signs_nobody_in(database: str, tmp_path: Path) -> None:
    async with owner_of_an_account(database, tmp_path) as (somebody, page):
        one, other = Authenticator(SITE), Browser(somebody.client)
        await added(page, one)
        used = one.use(await options(other))
        for told in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
            answer = await other.send("POST", "/v1/browser-sessions/passkey", {"passkey": used}, **told)
            assert (403, "foreign-origin") == refusal(answer)
        page.csrf = ""
        answer = await page.send("POST", "/v1/me/passkeys/options")
        assert (403, "csrf-token-needed") == refusal(answer)


WRONG: dict[str, Any] = {
    "null": None,
    "a text": "passkey",
    "nothing": {},
    "no answer": {"id": "AAAA"},
    "an answer that is none": {"id": "AAAA", "response": []},
    "padding": {"id": "AAA=", "response": {}},
    "a number": {"id": 5, "response": {}},
    "too much": {"id": "A" * 5_000, "response": {}},
}


@pytest.mark.parametrize("path", ["/v1/browser-sessions/passkey", "/v1/me/passkeys", "/v1/me/step-up"])
async def test_what_is_no_passkey_is_refused_in_words(database: str, tmp_path: Path, path: str) -> None:
    async with owner_of_an_account(database, tmp_path) as (_, page):
        one = Authenticator(SITE)
        await added(page, one)
        for name, wrong in WRONG.items():
            answer = await page.send("POST", path, {"name": "Phone", "passkey": wrong})
            assert 422 == answer.status_code, name
            if path != "/v1/me/step-up":
                body = {"passkey": wrong} if path != "/v1/me/passkeys" else {"name": "P", "passkey": wrong}
                assert "errors" in (await page.send("POST", path, body)).json(), name
        asked = await options(page, "/v1/me/passkeys/options")
        good = one.make(asked) if path == "/v1/me/passkeys" else one.use(asked | {"rpId": "x"})
        response = good["response"]
        members = [each for each in response if isinstance(response[each], str)]
        for member in members:
            for broken in ("", "A", "AAAA", "%%%%", "A" * 8_001, "gqFhYqFh", 5, None, ["A"]):
                said = good | {"response": response | {member: broken}}
                body = {"passkey": said} | ({"name": "Phone"} if path == "/v1/me/passkeys" else {})
                answer = await page.send("POST", path, body)
                assert answer.status_code in {401, 403, 409, 422}, (member, broken, answer.text)
                if answer.status_code == 401:
                    assert REFUSED == refusal(answer)
