"""Somebody with an account, a browser of his, and an authenticator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.journeys.accounts.browser import HOST, Browser
from tests.journeys.accounts.stranger import STRANGER, Stranger, stranger
from tests.servers.identity.authenticator import Authenticator, Key

SITE = f"https://{HOST}"
SIGN_IN = {"email": STRANGER["email"], "password": STRANGER["password"]}


@asynccontextmanager
async def owner_of_an_account(
    database: str, folder: Path, **more: Any
) -> AsyncIterator[tuple[Stranger, Browser]]:
    """Yield somebody who has an account, and a browser of his that is signed in."""
    async with stranger(database, folder, site_url=SITE, **more) as somebody:
        await somebody.opened()
        page = Browser(somebody.client)
        assert 201 == (await page.sign_in(**SIGN_IN)).status_code
        yield somebody, page


async def options(page: Browser, path: str = "/v1/passkey-options") -> dict[str, Any]:
    """Ask for what a browser is handed."""
    answer = await page.send("POST", path)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()["options"]
    return found


async def adds(page: Browser, one: Authenticator, name: str = "Phone") -> httpx2.Response:
    """Add a passkey."""
    made = one.make(await options(page, "/v1/me/passkeys/options"))
    return await page.send("POST", "/v1/me/passkeys", {"name": name, "passkey": made})


async def added(page: Browser, one: Authenticator, name: str = "Phone") -> dict[str, Any]:
    """Add a passkey that is taken, and return the answer."""
    answer = await adds(page, one, name)
    assert 201 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def comes_in(page: Browser, one: Authenticator, key: Key | None = None) -> httpx2.Response:
    """Sign in with a passkey alone."""
    used = one.use(await options(page), key)
    answer = await page.send("POST", "/v1/browser-sessions/passkey", {"passkey": used})
    if answer.status_code == 201:
        page.csrf = answer.json()["csrf_token"]
    return answer


async def shows(page: Browser, one: Authenticator) -> httpx2.Response:
    """Show again who he is."""
    used = one.use(await options(page, "/v1/me/step-up/options"))
    return await page.send("POST", "/v1/me/step-up", {"passkey": used})
