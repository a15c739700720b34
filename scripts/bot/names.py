"""Names of accounts and titles of entries, asked of the HTTP API by a bot that may see them."""

import asyncio
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from events.kinds.catalog import KINDS
from scripts.bot.words import spoken

MOST_NAMES = 10_000
LONGEST_ANSWER = 4_000_000
"""Bytes: a draft comes with its whole text."""

ANSWER_SECONDS = 2.0
LEFT_ALONE_SECONDS = 10.0
"""Seconds for which an API that did not answer is left alone."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that it was given for, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Names:
    """Display names by account id, filled by asking; titles of entries of which no event has told one.

    Args:
        base: address of the API, http:// or https://.
        token: of a moderator; empty: only titles that readers see are asked for.

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
        """Ask for a name unless it is known; without a token or an answer the id has to do."""
        if not self._headers or account in self.known:
            return
        found = await self._answer(f"accounts/{quote(account, safe='')}")
        if found is not None:  # an account that does not exist will not be asked for again
            if len(self.known) >= MOST_NAMES:
                self.known.clear()
            self.known[account] = str(found.get("name") or found.get("display_name") or "")

    def forget(self, account: str) -> None:
        """Forget a name: its account was erased, and the API tells that from now on."""
        self.known.pop(account, None)

    async def title(self, kind: str, entry: str) -> str | None:
        """Return the title of an entry as it is now: readers' title, or that of its draft.

        Returns:
            An empty text when it has none that may be seen; None when there was no answer.
        """
        declared = next((one for one in KINDS if one.name == kind), None)
        if declared is None:
            return ""
        address = f"{declared.path}/{quote(entry, safe='')}"
        for path in (f"{address}?fields=title", *([f"{address}/draft"] if self._headers else [])):
            found = await self._answer(path)
            if found is None:
                return None
            if (title := spoken(found.get("title"))) is not None:
                return title
        return ""

    async def _answer(self, path: str) -> dict[str, Any] | None:
        """Return what the API answers, {} for what does not exist; None when there was no answer."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            return await asyncio.to_thread(self._ask, path)
        except urllib.error.HTTPError as error:
            if error.code == 404:  # noqa: PLR2004 - an answer
                return {}
        except (OSError, ValueError):
            pass
        self._silent_until = time.monotonic() + LEFT_ALONE_SECONDS
        return None

    def _ask(self, path: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self._base}/v1/{path}", headers=self._headers
        )
        with self._opener.open(request, timeout=ANSWER_SECONDS) as answer:
            found: dict[str, Any] = orjson.loads(answer.read(LONGEST_ANSWER))
        return found
