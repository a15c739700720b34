"""Everything that can be refused of passkeys."""

from tests.journeys.accounts.browser import Browser
from tests.journeys.passkeys.wallet import added, adds, comes_in, options, shows
from tests.servers.identity.authenticator import Authenticator, base64url

SITE = "http://localhost:8000"
"""Where nobody says where the site is."""


async def with_and_without_passkeys(page: Browser) -> None:
    """Add passkeys, sign in with one, do without them, and be refused wherever that can be.

    Args:
        page: signed in; its session has shown lately who he is.
    """
    one, wrong, other = Authenticator(SITE), Authenticator(SITE, verified=False), Browser(page.client)
    await page.send("POST", "/v1/me/step-up/options")
    first = await added(page, one)
    await adds(page, Authenticator(SITE, id=one.keys[0].id))
    await adds(page, wrong)
    await page.send("GET", "/v1/me/passkeys")
    place = f"/v1/me/passkeys/{first['id']}"
    await page.send("PATCH", place, {"name": "Phone"})
    await comes_in(other, one)
    await comes_in(other, wrong)
    for used in (one.use(await options(other)), wrong.use(await options(other))):
        for _ in range(2):
            await other.send("POST", "/v1/sessions/passkey", {"passkey": used})
    unknown = one.use({"rpId": "localhost", "challenge": base64url(b"c" * 32)})
    for path in ("/v1/browser-sessions/passkey", "/v1/sessions/passkey", "/v1/me/step-up"):
        await page.send("POST", path, {"passkey": unknown})
    unread = Authenticator(SITE, challenge="A").make(await options(page, "/v1/me/passkeys/options"))
    await page.send("POST", "/v1/me/passkeys", {"name": "Phone", "passkey": unread})
    await shows(page, one)
    for _ in range(9):
        await adds(page, Authenticator(SITE))
    await page.send("POST", "/v1/me/passkeys/options")
    listed = (await page.send("GET", "/v1/me/passkeys")).json()["items"]
    for each in (*listed, listed[0]):
        await page.send("DELETE", f"/v1/me/passkeys/{each['id']}")
