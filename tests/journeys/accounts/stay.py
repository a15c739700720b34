"""The whole stay of a stranger, with everything that an account can be refused on the way."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg

from kit.ids import new_id
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import STRANGER, Letterbox, Stranger
from tests.journeys.factors.refused import with_and_without_app
from tests.journeys.passkeys.refused import with_and_without_passkeys
from tests.servers.processes import free_port
from tests.servers.running import Site

HARDLY_EVER: dict[str, Any] = {"limits": 0.0001, "redis_url": f"redis://127.0.0.1:{free_port()}/0"}
"""Settings with which next to nothing may be done, and nobody signs in, since tries cannot be counted."""


async def too_often(site: Site) -> None:
    """Ask once more than may be asked, and for what is not counted."""
    for _ in range(2):
        await site.client.get("/v1/articles?limit=1")
        await site.editor.send("POST", "/articles", {})
        await site.client.post("/v1/sessions", json={"email": "a", "password": "b"})


async def stay(site: Site, folder: Path) -> None:
    """Open an account, and be refused wherever that can be."""
    somebody = Stranger(site.client, Letterbox(folder))
    tokens = await somebody.opened()
    own = tokens["access_token"]
    new = {"name": "B", "email": "b@example.org", "password": "a long way to Murmansk"}
    for wrong in (
        {"name": "two  blanks"},
        {"email": "nobody"},
        {"password": "qwertyuiop12"},
        {"name": STRANGER["name"]},
    ):
        await somebody.send("POST", "/v1/accounts", new | wrong)
    confirmed = {"code": "a" * 32, "password": new["password"]}
    await somebody.send("POST", "/v1/accounts/confirmation", confirmed)
    await somebody.send("POST", "/v1/password-codes", {"email": "b@example.org"})
    await somebody.send("POST", "/v1/password-codes/use", {"code": "a" * 32, "password": new["password"]})
    await somebody.send("GET", "/v1/me", token=own)
    await somebody.send("GET", "/v1/me/sessions", token=own)
    await somebody.send("PATCH", "/v1/me", {"name": "Anna P."}, own)
    await somebody.send("PUT", "/v1/me/password", {"old": "not that", "new": new["password"]}, own)
    change = {"old": STRANGER["password"], "new": new["password"]}
    await somebody.send("PUT", "/v1/me/password", change, own)
    await site.moderator.send("PUT", "/me/password", change)
    await with_and_without_app(somebody, own, {"email": STRANGER["email"], "password": new["password"]})
    await somebody.send("PUT", "/v1/me/email", {"email": "nobody", "password": new["password"]}, own)
    await somebody.send("PUT", "/v1/me/email", {"email": "c@example.org", "password": "not that"}, own)
    await somebody.send("PUT", "/v1/me/email", {"email": "c@example.org", "password": new["password"]}, own)
    await somebody.send("POST", "/v1/me/email/confirmation", {"code": "a" * 32}, own)
    await somebody.send("POST", "/v1/email-codes/undo", {"code": "a" * 32})
    await somebody.send("DELETE", f"/v1/me/sessions/{new_id()}", token=own)
    await somebody.send("DELETE", f"/v1/me/sessions/{tokens['session']}", token=own)
    for _ in range(2):
        await somebody.send("POST", "/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]})
    signing_in = {"email": "b@example.org", "password": "not that"}
    await asyncio.gather(*(somebody.send("POST", "/v1/sessions", signing_in) for _ in range(50)))
    await in_a_browser(site, new["password"])
    other = await somebody.signed_in(STRANGER["email"], new["password"])
    await somebody.send("POST", "/v1/sessions/refresh", {"refresh_token": other["refresh_token"]})
    await somebody.send("DELETE", "/v1/me/sessions", token=other["access_token"])
    await erased(site, somebody, new["password"])


async def erased(site: Site, somebody: Stranger, password: str) -> None:
    """Erase the account, and be refused while it is the only one that administrates."""
    token = (await somebody.signed_in(STRANGER["email"], password))["access_token"]
    me = (await somebody.done("GET", "/v1/me", token=token))["id"]
    await site.editor.send("DELETE", "/me", {"account": me})
    await asyncio.gather(*(somebody.send("GET", "/v1/me/export", token=token) for _ in range(2)))
    owner = await asyncpg.connect(site.dsn)
    try:
        await owner.execute("update auth.account_role set role = 'reader' where role = 'admin'")
        await owner.execute("insert into auth.account_role (account, role) values ($1, 'admin')", me)
        await somebody.send("DELETE", "/v1/me", {"account": me}, token)
        await owner.execute("update auth.account_role set role = 'admin' where role = 'reader'")
    finally:
        await owner.close()
    await somebody.send("DELETE", "/v1/me", {"account": me}, token)
    await somebody.send("GET", "/v1/me", token=token)


async def in_a_browser(site: Site, password: str) -> None:
    """Sign in with a page, be refused as that of another site would be, and sign out."""
    page = Browser(site.client)
    await page.sign_in(STRANGER["email"], "not that")
    await page.sign_in(STRANGER["email"], password, Origin="https://evil.example")
    await page.sign_in(STRANGER["email"], password)
    await page.send("GET", "/v1/me/csrf")
    await with_and_without_passkeys(page)
    await page.send("POST", "/v1/me/socket-tickets")
    await page.send("GET", "/v1/me/events", Sec_Fetch_Site="cross-site")
    await site.editor.send("GET", "/me/csrf")
    await page.send("PATCH", "/v1/me", {"name": "Anna Q."})
    page.csrf = "another"
    await page.send("PATCH", "/v1/me", {"name": "Anna P."})
    await page.send("DELETE", "/v1/me/session")
    await page.send("GET", "/v1/me/csrf")
    await page.sign_in(STRANGER["email"], password)
    await page.send("DELETE", "/v1/me/other-sessions")
    await page.send("DELETE", "/v1/me/session")
