"""A day of an administrator, with everything that can be refused on the way."""

from typing import Any

from kit.ids import new_id
from tests.servers.running import Site

WHY = {"reason": "Asked for by the board"}


async def administering(site: Site, admin: dict[str, str]) -> None:
    """Find accounts, change what they may do, and be refused wherever that can be.

    Args:
        site: where.
        admin: the headers of an administrator.
    """

    async def send(method: str, path: str, body: Any = None) -> Any:
        return await site.client.request(method, f"/v1{path}", json=body, headers=admin)

    me = (await send("GET", "/me")).json()["id"]
    other = (await site.moderator.send("GET", "/me")).json()["id"]
    for query in ("", "?limit=1&total=true", "?cursor=abc", "?name=editor&state=active", "?email=anna"):
        await send("GET", f"/accounts{query}")
        await send("GET", f"/audit{query}" if "name" not in query else "/audit?action=role.granted")
        await send("GET", f"/accounts/{me}/audit{query}")
    await send("GET", f"/accounts/{new_id()}/audit")
    for account in (me, other, new_id()):
        for method in ("PUT", "DELETE"):
            await send(method, f"/accounts/{account}/roles/editor", WHY)
        await send("DELETE", f"/accounts/{account}/roles/reader", WHY)
        await send("DELETE", f"/accounts/{account}/sessions", WHY)
    for method in ("PUT", "DELETE"):
        await send(method, f"/accounts/{me}/disabled", WHY)
        await send(method, f"/accounts/{new_id()}/disabled", WHY)
        await send(method, f"/accounts/{other}/disabled", WHY)
    for account in (me, new_id()):
        await send("DELETE", f"/accounts/{account}", {"reason": "asked"})
