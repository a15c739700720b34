"""An operator prints a link once; anyone who opens an account with it administrates, and nobody else does."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from kit.ids import parse_id
from tests.journeys.accounts.administrators import hall
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal
from tests.scripts.verbs import answered

INVITED = {"name": "Vera", "email": "vera@example.org"}


async def verb(database: str, folder: Path, *words: str) -> Any:
    """Run `frankenjet admin create`; return what it says, or its exit code and its complaint."""
    place = {"DATABASE_URL": database, "FRANKENJET_SITE_URL": "https://a.org"}
    return await asyncio.to_thread(answered, "admin", "create", *words, "--state", str(folder), **place)


async def ask(somebody: Stranger, code: str, **more: str) -> Any:
    return await somebody.send("POST", "/v1/accounts", STRANGER | INVITED | {"invitation": code} | more)


async def test_anyone_who_opens_an_account_with_the_link_administrates_and_the_link_works_once(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, registration="off") as place:
        made = await verb(database, tmp_path, "--reason", "The first one")
        assert f"https://a.org/register#invitation={made['code']}" == made["link"]
        vera = await place.stranger.opened(**INVITED, invitation=made["code"])
        me = await place.stranger.done("GET", "/v1/me", token=vera["access_token"])
        assert ("Vera", ["admin"]) == (me["name"], me["roles"])
        row = await place.owner.fetchrow("select * from auth.audit where facts ->> 'role' = 'admin'")
        assert (None, "The first one", {"role": "admin"}, parse_id(me["id"])) == (
            row["actor"], row["reason"], row["facts"], row["account"],
        )  # fmt: skip
        again = await ask(place.stranger, made["code"], name="Other", email="other@example.org")
        assert (409, "invitation-invalid") == refusal(again)
        assert 0 == await place.owner.fetchval("select count(*) from auth.code")


async def test_where_there_is_an_administrator_another_one_is_made_by_force_alone(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, registration="off") as place:
        first, second = await verb(database, tmp_path), await verb(database, tmp_path)
        assert (409, "invitation-invalid") == refusal(await ask(place.stranger, first["code"]))
        await place.stranger.opened(**INVITED, invitation=second["code"])
        code, said = await verb(database, tmp_path)
        assert (1, True) == (code, "--force" in said), said
        forced = await verb(database, tmp_path, "--force")
        assert 202 == (await ask(place.stranger, forced["code"], name="B", email="b@example.org")).status_code


async def test_of_ten_who_hold_the_link_at_once_one_administrates_and_nine_have_no_account(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, registration="off") as place:
        made = await verb(database, tmp_path)
        for at in range(10):
            await ask(place.stranger, made["code"], name=f"N {at}", email=f"n{at}@example.org")
        codes = [await place.stranger.letters.code() for _ in range(10)]
        send = place.stranger.send
        answers = await asyncio.gather(
            *(
                send("POST", "/v1/accounts/confirmation", {"code": one, "password": STRANGER["password"]})
                for one in codes
            )
        )
        assert {201: 1, 409: 9} == Counter(one.status_code for one in answers)
        assert {"invitation-invalid"} == {refusal(one)[1] for one in answers if one.status_code == 409}
        assert 1 == await place.owner.fetchval("select count(*) from auth.account where name like 'N %'")
        assert 1 == await place.owner.fetchval("select count(*) from auth.account_role where role = 'admin'")


async def test_a_reason_that_cannot_be_kept_and_codes_that_are_none_are_refused(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, registration="off") as place:
        assert 1 == (await verb(database, tmp_path, "--reason", "for vera@example.org"))[0]
        assert 0 == await place.owner.fetchval("select count(*) from auth.invitation")
        for wrong in ("k" * 32, "K" * 32, "k", "\u0000"):
            answer = await ask(place.stranger, wrong)
            assert answer.status_code in {409, 422}, answer.text
        made = await verb(database, tmp_path)
        await place.owner.execute("update auth.invitation set expires_at = clock_timestamp()")
        assert (409, "invitation-invalid") == refusal(await ask(place.stranger, made["code"]))
