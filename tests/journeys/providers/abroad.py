"""Somebody who signs in with a provider in a browser, and everything that can be refused on that way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.journeys.accounts.browser import Browser
from tests.servers.identity.openid import OpenId
from tests.servers.identity.provider import CLIENT, Person
from tests.servers.running import Site


@contextmanager
def google(folder: Path) -> Iterator[tuple[OpenId, Path]]:
    """Run a provider, and yield it with the file that offers it."""
    provider = OpenId()
    with provider.listening():
        folder.mkdir(exist_ok=True)
        file = folder / "providers.toml"
        lines = [
            f'client_id = "{CLIENT}"',
            f'client_secret = "{provider.SECRET}"',
            f'address = "{provider.address}"',
        ]
        file.write_text("\n".join(["[google]", *lines]))
        yield provider, file


async def goes(page: Browser, place: str = "/v1/sign-in/google") -> httpx2.Response:
    """Begin, agree at the provider, and come back."""
    begun = await page.send("POST", place, {"next": "/me"})
    if begun.status_code != 200:
        return begun
    return await comes_back(page, begun.json()["address"])


async def comes_back(page: Browser, address: str) -> httpx2.Response:
    """Agree at the provider, and come back from it."""
    async with httpx2.AsyncClient() as client:
        answer = await client.get(address)
    back = urlsplit(answer.headers["location"])
    return await page.send("GET", f"{back.path}?{back.query}")


async def abroad(site: Site, provider: OpenId) -> None:
    """Sign in with a provider, link and let go of it, and be refused wherever that can be."""
    page, other = Browser(site.client), Browser(site.client)
    provider.person = Person("1", "Clara", email="clara@gmail.com", email_verified=True)
    await goes(page)
    page.csrf = (await page.send("GET", "/v1/me/csrf")).json()["csrf_token"]
    await page.send("GET", "/v1/me/identities")
    provider.person = Person("2", "Clara", email="clara@gmail.com", email_verified=True)
    await goes(other)  # the address is known
    provider.person = Person("3", "Dora")
    await goes(other)
    other.csrf = (await other.send("GET", "/v1/me/csrf")).json()["csrf_token"]
    await goes(other, "/v1/me/identities/google")
    await goes(page, "/v1/me/identities/google")  # another account's
    provider.person = Person("4", "Clara")
    await goes(page, "/v1/me/identities/google")  # the account has one
    await other.send("DELETE", "/v1/me/identities/google")  # the last way in
    await page.send("DELETE", "/v1/me/identities/google")
    await page.send("DELETE", "/v1/me/identities/google")
    await page.send("GET", "/v1/sign-in/google/callback?state=x&code=y")
    await page.send("GET", f"/v1/sign-in/google/callback?state={'x' * 200}")
    await page.send("POST", "/v1/sign-in/google", {"next": "//evil.example"})
    for place in ("/v1/sign-in/vk", "/v1/me/identities/vk"):
        await page.send("POST", place, {})
    await page.send("GET", "/v1/sign-in/vk/callback")
    provider.back = {"code": "guessed"}
    await goes(page)
    provider.back = {}
    begun = await page.send("POST", "/v1/sign-in/google", {})
    provider.status = 500
    await comes_back(page, begun.json()["address"])
    provider.status = 0
