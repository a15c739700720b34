"""Somebody is invited, and opens an account: once, with the role that who invited may give, while he may."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from kit.auth.roles import Role
from tests.journeys.accounts.administrators import Hall, Person, hall
from tests.journeys.accounts.stranger import STRANGER, refusal
from write_side.accounts.admin.rights import disable, enable, revoke

WHY = {"reason": "Writes about engines"}
VERA = {"name": "Vera", "email": "vera@example.org", "password": STRANGER["password"]}


async def invited(by: Person, **wish: Any) -> Any:
    return await by.done("POST", "/invitations", WHY | wish)


async def comes(place: Hall, code: str, **more: Any) -> Any:
    return await place.stranger.send("POST", "/v1/accounts", VERA | {"invitation": code} | more)


async def listed(by: Person, query: str = "") -> list[Any]:
    items: list[Any] = (await by.done("GET", f"/invitations{query}"))["items"]
    return items


async def test_who_is_invited_by_mail_opens_an_account_with_a_role_at_once(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, registration="open") as opening:
        admin = await opening.person("Admin", Role.ADMIN)
    async with hall(database, tmp_path, registration="invitation") as place:
        admin = admin._replace(hall=place)
        assert (403, "invitation-needed") == refusal(await place.stranger.send("POST", "/v1/accounts", VERA))
        made = await invited(admin, email="Vera@example.org", role="editor", locale="ru", expires_in_days=3)
        assert (None, None) == (made["code"], made["link"]), "who invites never learns the code"
        letter = await place.stranger.letters.next()
        while "Вас приглашают" != letter["Subject"]:
            letter = await place.stranger.letters.next()
        assert "Vera@example.org" == letter["To"]
        part = letter.get_body(("plain",))
        assert part is not None
        code = part.get_content().partition("#invitation=")[2][:32]
        other = await comes(place, code, email="other@example.org")
        assert (409, "invitation-invalid") == refusal(other)
        answer = await comes(place, code)
        assert 201 == answer.status_code, answer.text
        assert (409, "invitation-invalid") == refusal(await comes(place, code, name="B"))
        tokens = await place.stranger.signed_in("vera@example.org", VERA["password"])
        me = await place.stranger.done("GET", "/v1/me", token=tokens["access_token"])
        assert ("Vera", "ru", ["editor"], answer.json()["account"]) == tuple(
            me[one] for one in ("name", "locale", "roles", "id")
        )
        (one,) = await listed(admin)
        assert ("used", me["id"], admin.account, WHY["reason"]) == tuple(
            one[name] for name in ("state", "account", "actor", "reason")
        )
        actions = await place.owner.fetch(
            "select action, actor, reason, facts from auth.audit where facts ->> 'invitation' = $1"
            " or (account = $2 and action = 'role.granted') order by number",
            made["id"],
            answer.json()["account"],
        )
        assert ["invitation.made", "account.created", "role.granted"] == [row["action"] for row in actions]
        assert (admin.account, WHY["reason"]) == (str(actions[2]["actor"]), actions[2]["reason"])


async def test_a_moderator_invites_without_a_role_and_sees_his_own(database: str, tmp_path: Path) -> None:
    async with hall(database, tmp_path) as place:
        admin, moderator = [
            await place.person(one.title(), role)
            for one, role in (("admin", Role.ADMIN), ("mod", Role.MODERATOR))
        ]
        editor = await place.person("Editor", Role.EDITOR)
        assert (403, "forbidden") == refusal(await editor.send("POST", "/invitations", WHY))
        for role in Role:
            answer = await moderator.send("POST", "/invitations", WHY | {"role": role})
            assert (403, "forbidden") == refusal(answer)
        first, second = await invited(admin, role="admin"), await invited(moderator)
        assert second["link"].endswith(f"/register#invitation={second['code']}")
        assert [second["id"], first["id"]] == [one["id"] for one in await listed(admin)]
        assert [second["id"]] == [one["id"] for one in await listed(moderator)]
        page = await admin.done("GET", "/invitations?limit=1")
        assert [first["id"]] == [one["id"] for one in await listed(admin, f"?limit=1&cursor={page['next']}")]
        answer = await moderator.send("DELETE", f"/invitations/{first['id']}", WHY)
        assert (404, "not-found") == refusal(answer)
        for _ in range(2):
            await admin.done("DELETE", f"/invitations/{second['id']}", WHY)
        assert ["revoked", "open"] == [one["state"] for one in await listed(admin)]
        assert [] == await listed(moderator, "?state=open")
        assert (409, "invitation-invalid") == refusal(await comes(place, second["code"]))
        await place.owner.execute("update auth.invitation set expires_at = clock_timestamp()")
        assert (409, "invitation-invalid") == refusal(await comes(place, first["code"]))
        assert ["revoked", "ended"] == [one["state"] for one in await listed(admin)]


async def test_of_many_who_hold_a_code_one_comes_in_however_it_was_told_them(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as place:
        admin = await place.person("Admin", Role.ADMIN)
        await invited(admin, email=VERA["email"], role="editor")
        code = await place.stranger.letters.code()
        answers = await asyncio.gather(*(comes(place, code, name=f"N {at}") for at in range(8)))
        assert {201: 1, 409: 7} == Counter(one.status_code for one in answers)
        told = await invited(admin)
        said = VERA | {"invitation": told["code"]}
        for at in range(4):
            await place.stranger.done(
                "POST", "/v1/accounts", said | {"name": f"M {at}", "email": f"m{at}@x.org"}
            )
        codes = [await place.stranger.letters.code() for _ in range(4)]
        answers = await asyncio.gather(
            *(
                place.stranger.send(
                    "POST", "/v1/accounts/confirmation", {"code": one, "password": VERA["password"]}
                )
                for one in codes
            )
        )
        assert {201: 1, 409: 3} == Counter(one.status_code for one in answers)


async def test_what_somebody_made_who_may_not_invite_any_more_invites_nobody(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as place:
        admin = await place.person("Admin", Role.ADMIN, Role.MODERATOR)
        account = await place.owner.fetchval("select id from auth.account where name = 'Admin'")
        with_role, without = await invited(admin, role="admin"), await invited(admin)
        await revoke(place.owner, account, Role.ADMIN, actor=None, force=True)
        assert (409, "invitation-invalid") == refusal(await comes(place, with_role["code"]))
        assert 202 == (await comes(place, without["code"])).status_code
        asked = {"code": await place.stranger.letters.code(), "password": VERA["password"]}
        await disable(place.owner, account, actor=None)
        answer = await place.stranger.send("POST", "/v1/accounts/confirmation", asked)
        assert (409, "invitation-invalid") == refusal(answer)
        await enable(place.owner, account, actor=None)
        answer = await comes(place, without["code"], name="B")
        assert (409, "invitation-invalid") == refusal(answer), "what was ended with the account stays so"


async def test_where_no_accounts_are_opened_any_more_an_invitation_of_before_opens_none(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as place:
        admin = await place.person("Admin", Role.ADMIN)
        assert 202 == (await comes(place, (await invited(admin))["code"])).status_code
        asked = {"code": await place.stranger.letters.code(), "password": VERA["password"]}
    async with hall(database, tmp_path, registration="off") as place:
        answer = await place.stranger.send("POST", "/v1/accounts/confirmation", asked)
        assert (403, "registration-closed") == refusal(answer)


async def test_a_new_password_by_mail_ends_what_a_thief_of_the_account_invited_to(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as place:
        admin = await place.person("Admin", Role.ADMIN)
        backdoor = await invited(admin, role="admin")
        await place.stranger.done("POST", "/v1/password-codes", {"email": "admin@example.org"})
        new = {"code": await place.stranger.letters.code(), "password": "my own way to Murmansk"}
        await place.stranger.done("POST", "/v1/password-codes/use", new)
        assert (409, "invitation-invalid") == refusal(await comes(place, backdoor["code"]))


async def test_an_invitation_to_an_address_with_an_account_tells_its_reader_alone(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path, limits=1) as place:
        admin = await place.person("Admin", Role.ADMIN)
        await place.stranger.opened()
        await invited(admin, email=STRANGER["email"])
        code = await place.stranger.letters.code()
        answer = await comes(place, code, email=STRANGER["email"])
        assert (409, "address-known") == refusal(answer)
        statuses = []
        for _ in range(3):
            answer = await admin.send("POST", "/invitations", WHY | {"email": STRANGER["email"]})
            statuses.append(answer.status_code)
        assert [201, 201, 429] == statuses, "nobody's letterbox is filled"
