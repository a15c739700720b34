"""A day of an administrator, with everything that can be refused on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from kit.auth.standing import FRESH_SECONDS
from kit.ids import new_id
from tests.servers.running import Site
from write_side.accounts.admin.bot_tokens import MOST

LONG_AGO = "update auth.session set proved_at = clock_timestamp() - interval '11 minutes'"

WHY = {"reason": "Asked for by the board"}


async def administering(site: Site, admin: dict[str, str]) -> None:
    """Find accounts, change what they may do, and be refused wherever that can be.

    Args:
        site: where.
        admin: the headers of an administrator.
    """

    async def send(method: str, path: str, body: Any = None) -> Any:
        return await site.client.request(method, f"/v1{path}", json=body, headers=admin)

    token = {"name": "The feed", "scopes": ["read"], "expires_in_days": 90}
    for _ in range(MOST + 1):
        await send("POST", "/me/tokens", token)
    mine = (await send("GET", "/me/tokens")).json()["items"][0]["id"]
    await send("DELETE", f"/me/tokens/{mine}")
    await send("DELETE", f"/me/tokens/{new_id()}")
    await inviting(site, send)
    await linking(site, send)
    me = (await send("GET", "/me")).json()["id"]
    other = (await site.moderator.send("GET", "/me")).json()["id"]
    for query in ("", "?limit=1&total=true", "?cursor=abc", "?name=editor&state=active", "?email=anna"):
        await send("GET", f"/accounts{query}")
        await send("GET", f"/audit{query}" if "name" not in query else "/audit?action=role.granted")
        await send("GET", f"/accounts/{me}/audit{query}")
    await send("GET", f"/accounts/{new_id()}/audit")
    for account in (me, other, new_id()):
        await send("GET", f"/accounts/{account}/tokens")
        await send("DELETE", f"/accounts/{account}/tokens/{mine}", WHY)
        for method in ("PUT", "DELETE"):
            await send(method, f"/accounts/{account}/roles/editor", WHY)
        await send("DELETE", f"/accounts/{account}/roles/reader", WHY)
        if account != me:
            await send("DELETE", f"/accounts/{account}/sessions", WHY)
    for method in ("PUT", "DELETE"):
        await send(method, f"/accounts/{me}/disabled", WHY)
        await send(method, f"/accounts/{new_id()}/disabled", WHY)
        await send(method, f"/accounts/{other}/disabled", WHY)
    for account in (me, new_id()):
        await send("DELETE", f"/accounts/{account}", {"reason": "asked"})
    await statement(site.dsn, LONG_AGO)
    await asyncio.sleep(FRESH_SECONDS + 0.1)
    refused = await send("PUT", f"/accounts/{other}/roles/editor", WHY)
    assert "/problems/step-up-needed" == refused.json()["type"]
    await send("POST", "/me/step-up", {"password": "none is set"})


async def linking(site: Site, send: Callable[..., Awaitable[Any]]) -> None:
    """Link two accounts with users of Telegram, and be refused wherever that can be."""
    made = await send("POST", "/me/tokens", {"name": "T", "scopes": ["telegram"], "expires_in_days": 1})
    bot = {"Authorization": f"Bearer {made.json()['token']}"}

    async def by_bot(path: str, body: Any) -> Any:
        return await site.client.post(f"/v1/telegram/{path}", json=body, headers=bot)

    for user, wrong in ((1, "a" * 32), (1, ""), (2, ""), (1, "")):
        code = wrong or (await send("POST", "/me/telegram-codes")).json()["code"]
        await by_bot("links", {"code": code, "user": user})
    await send("GET", "/me/telegram")
    press = {"user": 1, "act": "publish", "kind": "article", "on": str(new_id())}
    for change in ({}, {"user": 3}, {"kind": ""}, {"on": "a" * 36}, {"act": "erase"}):
        await by_bot("acts", press | change)
    await send("POST", "/telegram/acts", press)
    for _ in range(2):
        await send("DELETE", "/me/telegram")
    code = (await site.moderator.send("POST", "/me/telegram-codes")).json()["code"]
    whose = "select account from auth.code where purpose = 'telegram'"
    shut = f"update auth.account set disabled_at = {{}} where id = ({whose})"
    await statement(site.dsn, shut.format("now()"))
    await by_bot("links", {"code": code, "user": 9})
    await statement(site.dsn, shut.format("null"))


async def inviting(site: Site, send: Callable[..., Awaitable[Any]]) -> None:
    """Invite somebody who comes, and somebody who does not; let moderators be refused."""
    invited = {"email": "invited@example.org", "role": "editor"} | WHY
    made = (await send("POST", "/invitations", invited)).json()["id"]
    await send("POST", "/invitations", invited | {"email": "nobody"})
    await site.moderator.send("POST", "/invitations", invited)
    await send("GET", "/invitations?limit=1&state=open")
    await send("GET", "/invitations?cursor=abc")
    await site.moderator.send("DELETE", f"/invitations/{made}", WHY)
    await send("DELETE", f"/invitations/{made}", WHY)
    code = (await send("POST", "/invitations", WHY)).json()["code"]
    said = {"name": "Invited", "email": "a@example.org", "password": "a long way to Omsk", "invitation": code}
    await site.client.post("/v1/accounts", json=said)


async def statement(dsn: str, sql: str) -> None:
    """Run SQL as the owner of the database."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
