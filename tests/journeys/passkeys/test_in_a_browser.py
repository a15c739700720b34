"""In a real browser with an authenticator of its own: a passkey is made, and signs in without an address."""

import json
from pathlib import Path
from typing import Any

from tests.journeys.accounts.stranger import Letterbox, Stranger
from tests.journeys.accounts.test_chromium import fetched, sent
from tests.journeys.passkeys.wallet import SIGN_IN
from tests.servers.pages.chromium import Page, chromium
from tests.servers.running import as_processes

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

MAKE = """
navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(%s)})
  .then(made => made.toJSON()).catch(refused => refused.name)"""

USE = """
navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(%s)})
  .then(used => used.toJSON()).catch(refused => refused.name)"""


async def answered(page: Page, script: str, path: str, **headers: str) -> Any:
    """Ask for options, and return what the browser makes of them."""
    status, text = await fetched(page, path, method="POST", headers=headers)
    assert 200 == status, text
    return await page.run(script % json.dumps(json.loads(text)["options"]))


async def test_in_a_browser_a_passkey_is_made_and_signs_in_without_an_address(
    database: str, tmp_path: Path
) -> None:
    async with as_processes(database, tmp_path) as (running, site), chromium(tmp_path / "browser") as page:
        account = (await Stranger(site.client, Letterbox(tmp_path)).opened())["account"]
        await page.ask("WebAuthn.enable")
        made = await page.ask("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)
        ours = f"http://localhost:{running.port}"
        await page.go(f"{ours}/docs")
        status, text = await fetched(page, "/v1/browser-sessions", **sent("POST", SIGN_IN))
        assert 201 == status, text
        csrf = {"FrankenJet-CSRF": json.loads(text)["csrf_token"]}
        passkey = await answered(page, MAKE, "/v1/me/passkeys/options", **csrf)
        added = sent("POST", {"name": "This computer", "passkey": passkey}, **csrf)
        status, text = await fetched(page, "/v1/me/passkeys", **added)
        assert 201 == status, text
        again = await answered(page, MAKE, "/v1/me/passkeys/options", **csrf)
        assert "InvalidStateError" == again, "it has one for this account"
        assert 204 == (await fetched(page, "/v1/me/session", method="DELETE", headers=csrf))[0]
        assert 401 == (await fetched(page, "/v1/me"))[0]

        for _ in range(2):
            used = await answered(page, USE, "/v1/passkey-options")
            status, text = await fetched(
                page, "/v1/browser-sessions/passkey", **sent("POST", {"passkey": used})
            )
            assert (201, account) == (status, json.loads(text).get("account")), text
        assert "" == await page.run("document.cookie"), "no script reads it"
        status, text = await fetched(page, "/v1/me/passkeys")
        assert ["This computer"] == [one["name"] for one in json.loads(text)["items"]]
        csrf = {"FrankenJet-CSRF": json.loads((await fetched(page, "/v1/me/csrf"))[1])["csrf_token"]}
        shown = await answered(page, USE, "/v1/me/step-up/options", **csrf)
        step = sent("POST", {"passkey": shown}, **csrf)
        assert 204 == (await fetched(page, "/v1/me/step-up", **step))[0]

        await page.ask(
            "WebAuthn.setUserVerified", authenticatorId=made["authenticatorId"], isUserVerified=False
        )
        assert "NotAllowedError" == await answered(page, USE, "/v1/passkey-options")
