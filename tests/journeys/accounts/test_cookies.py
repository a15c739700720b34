"""Somebody signs in with a browser: the cookie, and what a page of another site does not get done with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kit.postgres.connect import connect
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal, stranger

EMAIL, PASSWORD = STRANGER["email"], STRANGER["password"]


@asynccontextmanager
async def signed_in(database: str, folder: Path, **more: Any) -> AsyncIterator[tuple[Stranger, Browser]]:
    """Yield somebody who has an account, and a browser of his that is signed in."""
    async with stranger(database, folder, **more) as somebody:
        await somebody.opened()
        page = Browser(somebody.client)
        assert 201 == (await page.sign_in(EMAIL, PASSWORD)).status_code
        yield somebody, page


async def test_a_browser_signs_in_with_a_cookie_that_no_script_reads_and_signs_out(
    database: str, tmp_path: Path
) -> None:
    async with signed_in(database, tmp_path) as (_, page):
        name, _, rest = page.set.partition("=")
        secret, *attributes = rest.split("; ")
        assert "__Host-frankenjet-session" == name
        assert {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax", "Secure"} == set(attributes)
        me = await page.send("GET", "/v1/me")
        assert (200, "no-store") == (me.status_code, me.headers["cache-control"])
        assert secret not in me.text
        assert {"csrf_token": page.csrf} == (await page.send("GET", "/v1/me/csrf")).json()
        assert 204 == (await page.send("PATCH", "/v1/me", {"name": "Anna P."})).status_code
        (_, this) = sorted(
            (await page.send("GET", "/v1/me/sessions")).json()["items"],
            key=lambda one: one["client"] == "page",
        )
        assert ("page", True) == (this["client"], this["this"])

        kept = page.cookie
        assert 204 == (await page.send("DELETE", "/v1/me/session")).status_code
        assert page.set.startswith("__Host-frankenjet-session=; Path=/; Max-Age=0; ")
        page.cookie = kept
        await asyncio.sleep(1.1)
        assert (401, "token-missing") == refusal(await page.send("GET", "/v1/me"))
        assert (401, "token-missing") == refusal(await page.send("PATCH", "/v1/me", {"name": "Anna Q."}))


FOREIGN: tuple[dict[str, str | None], str] = (
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "foreign-origin",
)

REFUSED: tuple[tuple[dict[str, str | None], str], ...] = (
    FOREIGN,
    ({"Origin": "https://evil.example", "Sec-Fetch-Site": None}, "foreign-origin"),
    ({"Origin": "null", "Sec-Fetch-Site": None}, "foreign-origin"),
    ({"Origin": "http://encyclopedia.example", "Sec-Fetch-Site": None}, "foreign-origin"),
    ({"Origin": "https://encyclopedia.example:8443", "Sec-Fetch-Site": None}, "foreign-origin"),
    ({"Origin": "https://encyclopedia.example.evil.example"}, "foreign-origin"),
    ({"Sec-Fetch-Site": "same-site"}, "foreign-origin"),
    ({"Sec-Fetch-Site": "none", "Origin": None}, "foreign-origin"),
    ({"Origin": None, "Sec-Fetch-Site": None}, "foreign-origin"),
    ({"FrankenJet-CSRF": None}, "csrf-token-needed"),
    ({"FrankenJet-CSRF": ""}, "csrf-token-needed"),
    ({"FrankenJet-CSRF": "nmbJrW4sgcUnmT0v2bHnBYF7WTYZ2KzSzpHBBuVRgcE"}, "csrf-token-needed"),
)


async def test_a_cookie_alone_changes_nothing(database: str, tmp_path: Path) -> None:
    async with signed_in(database, tmp_path) as (_, page):
        for headers, refused in REFUSED:
            for method, path, body in (
                ("PATCH", "/v1/me", {"name": "Evil"}),
                ("DELETE", "/v1/me/session", None),
                ("POST", "/v1/articles", {}),
            ):
                assert (403, refused) == refusal(await page.send(method, path, body, **headers))
        assert "Anna Petrova" == (await page.send("GET", "/v1/me")).json()["name"]


async def test_the_token_of_another_session_is_refused(database: str, tmp_path: Path) -> None:
    async with signed_in(database, tmp_path) as (somebody, page):
        other = Browser(somebody.client)
        await other.sign_in(EMAIL, PASSWORD)
        assert page.csrf != other.csrf
        page.csrf = other.csrf
        assert (403, "csrf-token-needed") == refusal(await page.send("PATCH", "/v1/me", {"name": "Evil"}))


async def test_a_page_of_another_site_signs_nobody_in(database: str, tmp_path: Path) -> None:
    async with signed_in(database, tmp_path) as (somebody, _):
        victim = Browser(somebody.client)
        for headers in (FOREIGN[0], {"Origin": None, "Sec-Fetch-Site": None}, {"Origin": "null"}):
            answer = await victim.sign_in(EMAIL, PASSWORD, **headers)
            assert (403, "foreign-origin") == refusal(answer)
            assert "set-cookie" not in answer.headers
        form = {"Host": victim.host, "Origin": victim.origin, "Content-Type": "text/plain"}
        answer = await somebody.client.post("/v1/browser-sessions", content=b"{}", headers=form)
        assert (415, "unsupported-media-type") == refusal(answer)


async def test_a_secret_that_was_planted_is_not_taken_over(database: str, tmp_path: Path) -> None:
    async with signed_in(database, tmp_path) as (somebody, attacker):
        for planted in (attacker.cookie, f"__Host-frankenjet-session=fjs_{'A' * 43}"):
            victim = Browser(somebody.client)
            victim.cookie = planted
            assert 201 == (await victim.sign_in(EMAIL, PASSWORD)).status_code
            assert planted != victim.cookie
            await asyncio.sleep(1.1)
            stranger_ = Browser(somebody.client)
            stranger_.cookie = planted
            assert 401 == (await stranger_.send("GET", "/v1/me")).status_code
            assert 200 == (await victim.send("GET", "/v1/me")).status_code


async def test_authorization_counts_and_the_cookie_does_not_where_both_are_sent(
    database: str, tmp_path: Path
) -> None:
    async with signed_in(database, tmp_path) as (somebody, page):
        tokens = await somebody.opened(name="Boris", email="boris@example.org")
        bearer = f"Bearer {tokens['access_token']}"
        me = await page.send("GET", "/v1/me", Authorization=bearer)
        assert "Boris" == me.json()["name"]
        answer = await page.send("GET", "/v1/me", Authorization="Bearer x")
        assert (401, "token-invalid") == refusal(answer)
        foreign = {"Authorization": bearer, **FOREIGN[0], "FrankenJet-CSRF": None}
        assert 204 == (await page.send("PATCH", "/v1/me", {"name": "Boris B."}, **foreign)).status_code


async def test_on_the_machine_itself_the_cookie_has_another_name_and_counts_nowhere_else(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        await somebody.opened()
        page = Browser(somebody.client, "localhost:8000", "http")
        assert 201 == (await page.sign_in(EMAIL, PASSWORD)).status_code
        assert page.set.startswith("frankenjet-session=fjs_")
        assert page.set.endswith("; HttpOnly; SameSite=Lax")
        assert 200 == (await page.send("GET", "/v1/me")).status_code
        assert 401 == (await page.send("GET", "/v1/me", Host="encyclopedia.example")).status_code
        answer = await Browser(somebody.client, "intranet:8000", "http").sign_in(EMAIL, PASSWORD)
        assert (403, "foreign-origin") == refusal(answer)


async def test_a_session_that_is_used_ends_later_and_one_that_is_not_ends(
    database: str, tmp_path: Path
) -> None:
    async with signed_in(database, tmp_path) as (_, page):
        owner = await connect(database, "test owner")
        try:
            await owner.execute(
                "update auth.session set seen_at = seen_at - interval '1 day',"
                " expires_at = expires_at - interval '1 day' where client = 'page'"
            )
            await page.send("GET", "/v1/me")
            asked = "select expires_at > clock_timestamp() + interval '6.9 days' from auth.session"
            async with asyncio.timeout(30):
                while not await owner.fetchval(f"{asked} where client = 'page'"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await owner.execute("update auth.session set expires_at = clock_timestamp()")
            await asyncio.sleep(1.1)
            assert 401 == (await page.send("GET", "/v1/me")).status_code
        finally:
            await owner.close()


async def test_what_is_sent_while_somebody_signs_out_is_done_or_refused_and_nothing_after_a_second(
    database: str, tmp_path: Path
) -> None:
    async with signed_in(database, tmp_path, limits=1_000) as (_, page):
        stolen = page.cookie
        ended = asyncio.Event()
        late: list[float] = []

        async def use(number: int) -> None:
            loop = asyncio.get_running_loop()
            while not ended.is_set() or loop.time() < ends + 1.5:
                began = loop.time()
                answer = await page.send("PATCH", "/v1/me", {"name": f"Anna {number}"}, Cookie=stolen)
                assert answer.status_code in {204, 401}
                if ended.is_set() and began > ends + 1 and answer.status_code == 204:
                    late.append(began - ends)
                await asyncio.sleep(0.01)

        ends = float("inf")
        using = [asyncio.create_task(use(number)) for number in range(4)]
        await asyncio.sleep(0.3)
        assert 204 == (await page.send("DELETE", "/v1/me/session", Cookie=stolen)).status_code
        ends = asyncio.get_running_loop().time()
        ended.set()
        await asyncio.gather(*using)
        assert [] == late


async def test_all_other_sessions_end_and_this_one_goes_on(database: str, tmp_path: Path) -> None:
    async with signed_in(database, tmp_path) as (somebody, page):
        tokens = await somebody.signed_in(EMAIL, PASSWORD)
        assert 204 == (await page.send("DELETE", "/v1/me/other-sessions")).status_code
        await asyncio.sleep(1.1)
        assert 401 == (await somebody.send("GET", "/v1/me", token=tokens["access_token"])).status_code
        asked = {"refresh_token": tokens["refresh_token"]}
        assert 401 == (await somebody.send("POST", "/v1/sessions/refresh", asked)).status_code
        (this,) = (await page.send("GET", "/v1/me/sessions")).json()["items"]
        assert this["this"]
