"""What is dangerous asks somebody to show again who he is; what a program may do, its scopes bound."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kit.auth.roles import Role
from tests.journeys.accounts.administering import LONG_AGO
from tests.journeys.accounts.administrators import Hall, Person, hall
from tests.journeys.accounts.stranger import STRANGER, refusal
from tests.journeys.factors.refused import App

WHY = {"reason": "Asked for by the board"}
FELT = 1.1
TOKEN = {"name": "The feed", "scopes": ["read", "draft"], "expires_in_days": 30}
RIGHT = {"password": STRANGER["password"]}
DRAFT = {"locale": "en", "title": "A draft"}


async def grown_old(here: Hall) -> None:
    await here.owner.execute(LONG_AGO)
    await asyncio.sleep(FELT)


async def test_what_is_dangerous_asks_for_a_proof_of_the_last_ten_minutes(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Anna")
        place = f"/accounts/{anna.account}"
        await admin.done("PUT", f"{place}/roles/reader", WHY)
        await grown_old(here)
        dangerous: tuple[tuple[str, str, Any], ...] = (
            ("PUT", f"{place}/roles/editor", WHY),
            ("DELETE", f"{place}/roles/reader", WHY),
            ("PUT", f"{place}/disabled", WHY),
            ("DELETE", f"{place}/disabled", WHY),
            ("POST", "/me/tokens", TOKEN),
        )
        for one in dangerous:
            refused = await admin.send(*one)
            assert (403, "step-up-needed") == refusal(refused)
            assert "POST /v1/me/step-up with: password, code, passkey." in refused.json()["detail"]
        await admin.done("GET", "/accounts")
        assert (403, "wrong-password") == refusal(
            await admin.send("POST", "/me/step-up", {"password": "not that"})
        )
        await admin.done("POST", "/me/step-up", RIGHT)
        for one in dangerous:
            await admin.done(*one)


async def test_five_wrong_proofs_end_the_session_however_many_come_at_once(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        anna = await here.person("Anna")
        answers = await asyncio.gather(
            *(anna.send("POST", "/me/step-up", {"password": f"guess {n}"}) for n in range(20))
        )
        told = [refusal(one) for one in answers]
        assert 4 == told.count((403, "wrong-password"))
        assert {(403, "wrong-password"), (401, "token-invalid"), (503, "too-many-passwords")} >= set(told)
        await asyncio.sleep(FELT)
        assert (401, "token-invalid") == refusal(await anna.send("POST", "/me/step-up", RIGHT))


async def test_nobody_keeps_all_hashing_to_himself_by_showing_who_he_is_again_and_again(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, limits=1) as here:
        anna = await here.person("Anna")
        found = [(await anna.send("POST", "/me/step-up", RIGHT)).status_code for _ in range(32)]
        assert [204] * 30 + [429] * 2 == found


async def test_publishing_by_force_asks_for_a_proof_and_publishing_does_not(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        moderator = await here.person("Mod", Role.MODERATOR)
        made = await moderator.done("POST", "/articles", DRAFT)
        await grown_old(here)
        place = f"/v1/articles/{made['id']}/publication"
        headers = {"Authorization": f"Bearer {moderator.token}", "If-Match": '"v1"'}
        forced = {"revision": 1, "force": True, "reason": "Now"}
        refused = await here.stranger.client.put(place, json=forced, headers=headers)
        assert (403, "step-up-needed") == refusal(refused)
        plain = await here.stranger.client.put(place, json={"revision": 1}, headers=headers)
        assert (409, "not-the-submitted-revision") == refusal(plain)
        many = {"kind": "article", "ids": [made["id"]], "change": {"do": "publish", "force": True}}
        assert (403, "step-up-needed") == refusal(await moderator.send("POST", "/bulk", many | WHY))
        await moderator.done("POST", "/me/step-up", RIGHT)
        allowed = await here.stranger.client.put(place, json=forced, headers=headers)
        assert 403 != allowed.status_code, allowed.text


async def test_in_the_second_in_which_a_session_that_has_ended_is_believed_it_leaves_nothing_behind(
    database: str, tmp_path: Path
) -> None:
    """Else a thief whom the owner has put out would come back by what he made in that second."""
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        app = App((await admin.done("POST", "/me/app"))["secret"])
        await asyncio.sleep(FELT)
        await admin.done("GET", "/me")
        await here.owner.execute("update auth.session set revoked_at = clock_timestamp()")
        for one in (
            ("POST", "/invitations", WHY | {"role": "admin"}),
            ("POST", "/me/tokens", TOKEN),
            ("PUT", "/me/app", {"code": app.code()}),
        ):
            assert (401, "token-invalid") == refusal(await admin.send(*one)), one
        for table in ("invitation", "bot_token", "recovery_code"):
            assert 0 == await here.owner.fetchval(f"select count(*) from auth.{table}")


async def program(person: Person, *scopes: str) -> Person:
    made = await person.done("POST", "/me/tokens", TOKEN | {"scopes": list(scopes)})
    return person._replace(token=made["token"])


async def test_a_program_may_do_what_its_owner_may_as_far_as_its_scopes_go(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        moderator = await here.person("Mod", Role.MODERATOR)
        reads, drafts = await program(moderator, "read"), await program(moderator, "draft")
        made = await drafts.done("POST", "/articles", DRAFT)
        assert (403, "forbidden") == refusal(await reads.send("POST", "/articles", DRAFT))
        everything = await program(moderator, "read", "draft", "submit", "publish", "moderate", "stream")
        for forced in (await everything.send("PUT", f"/articles/{made['id']}/publication", {"revision": 1}),):
            assert 428 == forced.status_code
        headers = {"Authorization": f"Bearer {everything.token}", "If-Match": '"v1"'}
        refused = await here.stranger.client.put(
            f"/v1/articles/{made['id']}/publication",
            json={"revision": 1, "force": True, "reason": "Now"},
            headers=headers,
        )
        assert (403, "step-up-needed") == refusal(refused), "a program never shows who it is"
        for own in (
            ("POST", "/me/tokens", TOKEN),
            ("GET", "/me/sessions", None),
            ("DELETE", "/me/sessions", None),
        ):
            assert (403, "forbidden") == refusal(await everything.send(*own))
        reader = await here.person("Anna")
        bold = await program(reader, "draft", "publish")
        assert (403, "forbidden") == refusal(await bold.send("POST", "/articles", DRAFT))


async def test_tokens_of_programs_are_listed_and_revoked_by_their_owner_and_by_administrators(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna, boris = await here.person("Anna"), await here.person("Boris")
        made = await anna.done("POST", "/me/tokens", TOKEN)
        (listed,) = (await anna.done("GET", "/me/tokens"))["items"]
        assert (made["id"], "The feed", ["read", "draft"]) == (listed["id"], listed["name"], listed["scopes"])
        assert "token" not in listed
        assert [] == (await boris.done("GET", "/me/tokens"))["items"]
        assert 404 == (await boris.send("DELETE", f"/me/tokens/{made['id']}")).status_code
        place = f"/accounts/{anna.account}/tokens"
        assert [listed] == (await admin.done("GET", place))["items"]
        await admin.done("DELETE", f"{place}/{made['id']}", WHY)
        await asyncio.sleep(FELT)
        assert (401, "token-invalid") == refusal(await anna._replace(token=made["token"]).send("GET", "/me"))
        other = await anna.done("POST", "/me/tokens", TOKEN)
        await anna.done("DELETE", f"/me/tokens/{other['id']}")
        assert [] == (await anna.done("GET", "/me/tokens"))["items"]


@pytest.mark.parametrize(
    "wrong",
    [{"expires_in_days": 91}, {"expires_in_days": 0}, {"scopes": []}, {"scopes": ["admin"]}, {"name": ""}],
)
async def test_a_token_without_bounds_is_not_made(
    database: str, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    async with hall(database, tmp_path) as here:
        anna = await here.person("Anna")
        assert 422 == (await anna.send("POST", "/me/tokens", TOKEN | wrong)).status_code


async def test_the_log_is_told_of_the_sign_in_of_those_who_may_publish_and_of_nobody_else(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        await here.person("Anna", Role.EDITOR)
        mod = await here.person("Mod", Role.MODERATOR)
        chief = await here.person("Chief", Role.ADMIN)
        async with asyncio.timeout(30):
            while await here.owner.fetchval("select exists (select from auth.outbox)"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        rows = await here.owner.fetch(
            "select stream, payload, meta from log.event where type = 'account.signed_in' order by position"
        )
        assert [mod.account, chief.account] == [str(row["stream"]) for row in rows]
        told = str([dict(row) for row in rows])
        assert not [word for word in ("Chief", "Mod", "@", "127.0.0.1", "python") if word in told]
