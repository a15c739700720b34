"""Administrators find accounts, give and take rights, shut out, and see who did what; others do not."""

import asyncio
from pathlib import Path

import pytest

from kit.auth.roles import Role
from tests.journeys.accounts.administrators import hall
from tests.journeys.accounts.stranger import STRANGER, refusal

WHY = {"reason": "Asked for by the board"}
FELT = 1.1
"""Seconds after which every process knows."""


async def test_accounts_are_found_by_name_address_role_state_and_who_made_them(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Анна Петрова", Role.EDITOR, email="anna@example.org")
        boris = await here.person("Boris_1")
        await admin.done("PUT", f"/accounts/{boris.account}/disabled", WHY)

        async def found(query: str) -> list[str]:
            page = await admin.done("GET", f"/accounts?{query}&limit=100")
            assert page["next"] is None
            return [one["name"] for one in page["items"] if not one["name"].startswith(("editor-", "moder"))]

        assert ["Boris_1", "Chief", "Анна Петрова"] == await found("made_by=self")
        assert ["Анна Петрова"] == await found("name=ПЕТР")
        assert ["Boris_1"] == await found("name=s_1")
        assert [] == await found("name=%25")
        assert ["Анна Петрова"] == await found("role=editor&made_by=self")
        assert ["Boris_1"] == await found("state=disabled")
        assert ["Boris_1"] == await found("email=BORIS_1@")
        assert [] == await found("email=oris_1@")
        assert [] == await found("made_by=operator&name=chief")
        counted = await admin.done("GET", "/accounts?limit=1&total=true")
        assert {"count": 5, "more": False} == counted["total"]
        assert anna.account in {one["id"] for one in (await admin.done("GET", "/accounts"))["items"]}


async def test_pages_of_accounts_go_on_where_the_last_one_ended(database: str, tmp_path: Path) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        for name in ("Anna", "Boris", "Clara", "Dora"):
            await here.person(name)
        seen, cursor, pages = [], "", 0
        while pages == 0 or cursor:
            page = await admin.done("GET", "/accounts?made_by=self&limit=2" + cursor)
            seen += [one["name"] for one in page["items"]]
            following = page["next"]
            cursor, pages = f"&cursor={following}" if following else "", pages + 1
        assert (["Anna", "Boris", "Chief", "Clara", "Dora"], 3) == (seen, pages)
        first = (await admin.done("GET", "/accounts?limit=1"))["next"]
        for other in (f"/accounts?limit=1&role=admin&cursor={first}", f"/audit?cursor={first}"):
            assert (400, "invalid-cursor") == refusal(await admin.send("GET", other))


async def test_who_looks_for_an_address_leaves_a_trace_without_the_address(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        await admin.done("GET", "/accounts?email=someone@example.org")
        (row,) = (await admin.done("GET", "/audit?action=accounts.searched"))["items"]
        assert (admin.account, {"by": "email"}) == (row["actor"], row["facts"])
        assert "someone" not in str(row)


async def test_nobody_but_an_administrator_finds_accounts_or_sees_the_audit(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        moderator = await here.person("Mod", Role.MODERATOR)
        for path in (
            "/accounts",
            "/accounts?email=mod@example.org",
            "/audit",
            f"/accounts/{moderator.account}/audit",
        ):
            assert (403, "forbidden") == refusal(await moderator.send("GET", path))
        shown = await moderator.done("GET", f"/accounts/{moderator.account}")
        assert (None, "active", ["moderator"]) == (shown["details"], shown["state"], shown["roles"])
        assert "mod@example.org" not in str(shown)


async def test_an_administrator_sees_how_somebody_signs_in_and_how_often(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Anna")
        await here.stranger.signed_in("anna@example.org", STRANGER["password"])
        details = (await admin.done("GET", f"/accounts/{anna.account}"))["details"]
        assert {
            "email": "anna@example.org", "locale": "en", "disabled_at": None, "sessions": 2, "tokens": 0,
            "sign_in": ["password"],
        } == details  # fmt: skip


async def test_roles_are_given_and_taken_with_a_reason_and_the_audit_says_so(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Anna")
        place = f"/accounts/{anna.account}"
        for body in (None, {}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "a\nb"}):
            refused = await admin.send("PUT", f"{place}/roles/editor", body)
            assert 422 == refused.status_code, body
        for _ in range(2):
            await admin.done("PUT", f"{place}/roles/moderator", WHY)
        assert (409, "role-included") == refusal(await admin.send("DELETE", f"{place}/roles/editor", WHY))
        await asyncio.sleep(FELT)
        assert 200 == (await anna.send("GET", place)).status_code
        await admin.done("DELETE", f"{place}/roles/moderator", WHY)
        await asyncio.sleep(FELT)
        assert (403, "forbidden") == refusal(await anna.send("GET", place))
        rows = (await admin.done("GET", f"{place}/audit?actor={admin.account}"))["items"]
        told = [(one["action"], one["facts"], one["reason"], one["actor_name"]) for one in rows]
        role = {"role": "moderator"}
        assert [
            ("role.revoked", role, WHY["reason"], "Chief"),
            ("role.granted", role, WHY["reason"], "Chief"),
        ] == told
        for missing in ("PUT", "DELETE"):
            assert 404 == (await admin.send(missing, f"{place}/roles/king", WHY)).status_code
            nobody = "/accounts/0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
            assert 404 == (await admin.send(missing, f"{nobody}/roles/editor", WHY)).status_code


async def test_who_is_shut_out_is_out_within_a_second_and_can_be_let_in_again(
    database: str, tmp_path: Path
) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Anna")
        await admin.done("PUT", f"/accounts/{anna.account}/disabled", WHY)
        await asyncio.sleep(FELT)
        assert (401, "token-invalid") == refusal(await anna.send("GET", "/me"))
        again = {"email": "anna@example.org", "password": STRANGER["password"]}
        assert (401, "sign-in-refused") == refusal(await here.stranger.send("POST", "/v1/sessions", again))
        await admin.done("DELETE", f"/accounts/{anna.account}/disabled", WHY)
        await here.stranger.done("POST", "/v1/sessions", again)
        assert (401, "token-invalid") == refusal(await anna.send("GET", "/me"))


async def test_an_administrator_ends_all_sessions_of_somebody(database: str, tmp_path: Path) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        anna = await here.person("Anna")
        await admin.done("DELETE", f"/accounts/{anna.account}/sessions", WHY)
        await asyncio.sleep(FELT)
        assert (401, "token-invalid") == refusal(await anna.send("GET", "/me"))
        await here.stranger.signed_in("anna@example.org", STRANGER["password"])


@pytest.mark.parametrize("place", ["roles/reader", "roles/admin", "disabled"])
async def test_nobody_changes_his_own_rights(database: str, tmp_path: Path, place: str) -> None:
    async with hall(database, tmp_path) as here:
        admin = await here.person("Chief", Role.ADMIN)
        await here.person("Second", Role.ADMIN)
        for method in ("PUT", "DELETE"):
            refused = await admin.send(method, f"/accounts/{admin.account}/{place}", WHY)
            assert (403, "own-rights") == refusal(refused)
        assert ["admin"] == (await admin.done("GET", "/me"))["roles"]


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
async def test_of_administrators_who_remove_each_other_at_once_one_stays(
    database: str, tmp_path: Path, method: str
) -> None:
    place = "roles/admin" if method == "DELETE" else "disabled"
    async with hall(database, tmp_path) as here:
        crowd = [await here.person(f"Chief {n}", Role.ADMIN) for n in range(4)]
        answers = await asyncio.gather(
            *(
                one.send(method, f"/accounts/{other.account}/{place}", WHY)
                for one in crowd
                for other in crowd
                if one is not other
            )
        )
        # 401: somebody had shut out who asked before it was looked who that is.
        assert {204, 401, 403} >= {answer.status_code for answer in answers}, [a.text for a in answers]
        left = await here.owner.fetchval(
            "select count(*) from auth.account_role r join auth.account a on a.id = r.account"
            " where r.role = 'admin' and a.disabled_at is null"
        )
        assert 1 <= left < len(crowd)
