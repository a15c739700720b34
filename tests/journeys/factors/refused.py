"""An app that shows codes, and everything that can be refused of one."""

from datetime import timedelta

import pyotp

from kit import clock
from tests.journeys.accounts.stranger import Stranger


class App:
    """What shows the codes."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of some steps later."""
        return self._totp.at(clock.now() + timedelta(seconds=30 * steps))


async def with_and_without_app(somebody: Stranger, own: str, sign_in: dict[str, str]) -> None:
    """Add an app, do without it, and be refused wherever that can be.

    Args:
        somebody: with an account.
        own: a token of his, whose session has shown lately who he is.
        sign_in: with what he signs in.
    """
    await somebody.send("DELETE", "/v1/me/app", token=own)
    await somebody.send("POST", "/v1/me/recovery-codes", token=own)
    await somebody.send("POST", "/v1/me/step-up", {"code": "000000"}, own)
    begun = await somebody.done("POST", "/v1/me/app", token=own)
    await somebody.send("PUT", "/v1/me/app", {"code": "none"}, own)
    await somebody.done("PUT", "/v1/me/app", {"code": App(begun["secret"]).code()}, own)
    await somebody.send("POST", "/v1/me/app", token=own)
    await somebody.send("POST", "/v1/me/recovery-codes", token=own)
    for code in ({}, {"code": "none"}):
        await somebody.send("POST", "/v1/sessions", sign_in | code)
    await somebody.send("DELETE", "/v1/me/app", token=own)
