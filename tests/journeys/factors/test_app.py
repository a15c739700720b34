"""An app that shows codes: added, asked for, lost, taken away; and what one may not do without it."""

import asyncio
from pathlib import Path
from typing import Any

from kit.auth.standing import FRESH_SECONDS
from kit.postgres.connect import connect
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal, stranger
from tests.journeys.factors.refused import App

SIGN_IN = {"email": "anna@example.org", "password": STRANGER["password"]}


async def with_app(somebody: Stranger) -> tuple[App, dict[str, Any], list[str]]:
    """Open an account, add an app, and return it with the tokens and the codes for a bad day."""
    made = await somebody.opened()
    own = made["access_token"]
    begun = await somebody.done("POST", "/v1/me/app", token=own)
    assert begun["secret"] in begun["address"]
    app = App(begun["secret"])
    kept = await somebody.done("PUT", "/v1/me/app", {"code": app.code()}, own)
    assert "Another way" in (await somebody.letters.next())["Subject"]
    return app, made, kept["recovery_codes"]


async def test_who_has_an_app_is_asked_for_a_code_that_works_once(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        app, _, _ = await with_app(somebody)
        for code, refused in (
            ("", (403, "second-factor-needed")),
            (app.code(), (403, "factor-refused")),  # it was used to add the app
            ("000000", (403, "factor-refused")),
            (app.code(3), (403, "factor-refused")),
        ):
            asked = SIGN_IN | ({"code": code} if code else {})
            assert refused == refusal(await somebody.send("POST", "/v1/sessions", asked)), code
        wrong = SIGN_IN | {"password": "not that one", "code": app.code(1)}
        assert (401, "sign-in-refused") == refusal(await somebody.send("POST", "/v1/sessions", wrong))
        at_once = await asyncio.gather(
            *(somebody.send("POST", "/v1/sessions", SIGN_IN | {"code": app.code(1)}) for _ in range(4))
        )
        assert [201, 403, 403, 403] == sorted(one.status_code for one in at_once)


async def test_a_browser_is_asked_as_well(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        app, _, _ = await with_app(somebody)
        page = Browser(somebody.client)
        answer = await page.sign_in("anna@example.org", STRANGER["password"])
        assert (403, "second-factor-needed") == refusal(answer)
        answer = await page.send("POST", "/v1/browser-sessions", SIGN_IN | {"code": app.code(1)})
        assert 201 == answer.status_code


async def test_a_code_for_a_bad_day_works_once_and_others_can_be_had(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        _, made, codes = await with_app(somebody)
        assert 10 == len(set(codes))
        typed = codes[0].upper().replace("-", " ")
        await somebody.done("POST", "/v1/sessions", SIGN_IN | {"code": typed})
        again = await somebody.send("POST", "/v1/sessions", SIGN_IN | {"code": codes[0]})
        assert (403, "factor-refused") == refusal(again)
        others = await somebody.done("POST", "/v1/me/recovery-codes", token=made["access_token"])
        assert set(codes).isdisjoint(others["recovery_codes"])
        former = await somebody.send("POST", "/v1/sessions", SIGN_IN | {"code": codes[1]})
        assert (403, "factor-refused") == refusal(former)


async def test_an_app_is_taken_away_and_nobody_is_asked_any_more(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        _, made, _ = await with_app(somebody)
        own = made["access_token"]
        assert (409, "factor-known") == refusal(await somebody.send("POST", "/v1/me/app", token=own))
        await somebody.done("DELETE", "/v1/me/app", token=own)
        for method, path in (("DELETE", "/v1/me/app"), ("POST", "/v1/me/recovery-codes")):
            assert (409, "no-factor") == refusal(await somebody.send(method, path, token=own))
        await somebody.signed_in("anna@example.org", STRANGER["password"])


async def test_a_secret_that_no_app_has_shown_counts_for_nothing(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        own = made["access_token"]
        first = await somebody.done("POST", "/v1/me/app", token=own)
        second = await somebody.done("POST", "/v1/me/app", token=own)
        code = App(first["secret"]).code()
        answer = await somebody.send("PUT", "/v1/me/app", {"code": code}, own)
        assert (403, "factor-refused") == refusal(answer)
        await somebody.signed_in("anna@example.org", STRANGER["password"])
        await somebody.done("PUT", "/v1/me/app", {"code": App(second["secret"]).code()}, own)


async def test_a_code_is_a_proof_before_what_is_dangerous(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        app, made, _ = await with_app(somebody)
        own = made["access_token"]
        owner = await connect(database, "test", None)
        await owner.execute("update auth.session set proved_at = clock_timestamp() - interval '1 hour'")
        await owner.close()
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        answer = await somebody.send("DELETE", "/v1/me/app", token=own)
        assert (403, "step-up-needed") == refusal(answer)
        assert "code" in answer.json()["detail"]
        both = {"code": app.code(1), "password": STRANGER["password"]}
        for wrong in ({}, both):
            assert 422 == (await somebody.send("POST", "/v1/me/step-up", wrong, own)).status_code
        await somebody.done("POST", "/v1/me/step-up", {"code": app.code(1)}, own)
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        await somebody.done("DELETE", "/v1/me/app", token=own)


async def test_who_may_publish_can_be_made_to_use_one(database: str, tmp_path: Path) -> None:
    """Until then he may only edit; he is not locked out of his own account."""
    async with stranger(database, tmp_path, second_factor="publishers") as somebody:
        made = await somebody.opened()
        owner = await connect(database, "test", None)
        await owner.execute(
            "insert into auth.account_role (account, role) values ($1, 'admin')", made["account"]
        )
        await owner.close()
        weak = await somebody.signed_in("anna@example.org", STRANGER["password"])
        own = weak["access_token"]
        assert (403, "forbidden") == refusal(await somebody.send("GET", "/v1/accounts", token=own))
        begun = await somebody.done("POST", "/v1/me/app", token=own)
        app = App(begun["secret"])
        await somebody.done("PUT", "/v1/me/app", {"code": app.code()}, own)
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        await somebody.done("GET", "/v1/accounts", token=own)
        strong = await somebody.done("POST", "/v1/sessions", SIGN_IN | {"code": app.code(1)})
        await somebody.done("GET", "/v1/accounts", token=strong["access_token"])
        await somebody.done("DELETE", "/v1/me/app", token=own)
        await asyncio.sleep(FRESH_SECONDS + 0.1)
        for one in (own, strong["access_token"]):
            assert (403, "forbidden") == refusal(await somebody.send("GET", "/v1/accounts", token=one))


async def test_a_program_is_no_way_round_a_second_factor(database: str, tmp_path: Path) -> None:
    """Its token may what the session could in which it was made."""
    wanted = {"name": "Robot", "scopes": ["read", "moderate"], "expires_in_days": 1}
    async with stranger(database, tmp_path, second_factor="publishers") as somebody:
        made = await somebody.opened()
        owner = await connect(database, "test", None)
        await owner.execute(
            "insert into auth.account_role (account, role) values ($1, 'moderator')", made["account"]
        )
        await owner.close()
        own = (await somebody.signed_in("anna@example.org", STRANGER["password"]))["access_token"]
        weak = await somebody.done("POST", "/v1/me/tokens", wanted, own)
        answer = await somebody.send("GET", "/v1/broken-links", token=weak["token"])
        assert (403, "forbidden") == refusal(answer)
        app = App((await somebody.done("POST", "/v1/me/app", token=own))["secret"])
        await somebody.done("PUT", "/v1/me/app", {"code": app.code()}, own)
        strong = await somebody.done("POST", "/v1/me/tokens", wanted, own)
        allowed = await somebody.send("GET", "/v1/broken-links", token=strong["token"])
        assert 200 == allowed.status_code
        answer = await somebody.send("GET", "/v1/broken-links", token=weak["token"])
        assert (403, "forbidden") == refusal(answer)
