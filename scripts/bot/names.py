"""Names of accounts, asked of the HTTP API by a bot that may see them."""

import asyncio
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

MOST_NAMES = 10_000
ANSWER_SECONDS = 2.0
LEFT_ALONE_SECONDS = 10.0
"""Seconds for which an API that did not answer is left alone."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that it was given for, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Names:
    """Display names by account id, filled by asking.

    Args:
        base: address of the API, http:// or https://.
        token: of an account that may see accounts; empty: ask without one.

    Raises:
        ValueError: for another scheme.
    """

    def __init__(self, base: str, token: str) -> None:
        if urlsplit(base).scheme not in {"http", "https"}:
            raise ValueError("the address of the API begins with http:// or https://")
        self.known: dict[str, str] = {}
        self._base = base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._silent_until = 0.0

    async def learn(self, account: str) -> None:
        """Ask for a name unless it is known; without an answer the id has to do."""
        if account in self.known or time.monotonic() < self._silent_until:
            return
        try:
            name = await asyncio.to_thread(self._ask, account)
        except urllib.error.HTTPError as error:
            name = ""
            if error.code != 404:  # noqa: PLR2004 - an account that does not exist will not be asked for again
                self._silent_until = time.monotonic() + LEFT_ALONE_SECONDS
                return
        except (OSError, ValueError):
            self._silent_until = time.monotonic() + LEFT_ALONE_SECONDS
            return
        if len(self.known) >= MOST_NAMES:
            self.known.clear()
        self.known[account] = name

    def _ask(self, account: str) -> str:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self._base}/v1/accounts/{quote(account, safe='')}", headers=self._headers
        )
        with self._opener.open(request, timeout=ANSWER_SECONDS) as answer:
            found = orjson.loads(answer.read(65_536))
        return str(found.get("name") or found.get("display_name") or "")
