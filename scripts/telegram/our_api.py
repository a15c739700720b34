"""What the bot asks of our API: pictures and names, and to do what somebody's button says."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

import httpx2
import orjson

from events.kinds.catalog import KINDS
from kit.ids import named_id

SECONDS = 8.0
MOST_PICTURE = 10_000_000
"""Bytes of a picture that Telegram takes."""

REFUSED = 400

READS, PAUSE_SECONDS = 15, 1.0
"""How often something is asked for that a message would be poorer without."""

PATHS = {kind.name: kind.path for kind in KINDS}


class OurAnswer(NamedTuple):
    """What became of a request."""

    status: int
    """0: there was no answer."""
    body: Mapping[str, Any]

    @property
    def good(self) -> bool:
        return 0 < self.status < REFUSED

    @property
    def away(self) -> bool:
        """Whether the same may be accepted later."""
        return self.status in {0, 429} or self.status >= 500  # noqa: PLR2004 - of HTTP

    @property
    def problem(self) -> str:
        """Name of the problem that it was refused with."""
        return str(self.body.get("type", "")).rpartition("/")[2]


class OurApi:
    """Our API, as the bot is known to it.

    Args:
        address: of the API.
        token: of the bot.
    """

    def __init__(self, address: str, token: str) -> None:
        self._token = token
        self._client = httpx2.AsyncClient(
            base_url=address, timeout=SECONDS, trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def link(self, user: int, code: str) -> OurAnswer:
        """Link the account of a code with a user of Telegram."""
        return await self._sent("POST", "/v1/telegram/links", self._token, {"user": user, "code": code})

    async def act(
        self, user: int, act: str, facts: Mapping[str, Any], body: Mapping[str, Any], key: str
    ) -> OurAnswer:
        """Do what somebody's button says, with his rights.

        Args:
            user: the number by which Telegram knows him.
            act: what the button does.
            facts: of its message: `on`, and of an entry `kind` and `version`.
            body: what the command says.
            key: the same for each try of one press.
        """
        wanted = {"user": user, "act": act, "on": facts["on"], "kind": facts.get("kind", "")}
        allowed = await self._sent("POST", "/v1/telegram/acts", self._token, wanted)
        if not allowed.good:
            return allowed
        headers: dict[str, str] = {}
        if facts.get("kind"):
            headers = {
                "If-Match": f'"v{facts["version"]}"',
                "Idempotency-Key": str(named_id("telegram", key)),
            }
        made = allowed.body
        return await self._sent(made["method"], made["path"], made["token"], body, headers)

    async def name(self, account: str) -> str:
        """Return the name of an account, or the end of its id where nobody tells."""
        if account == str(UUID(int=0)):
            return "operator"
        found = await self._read(f"/v1/accounts/{account}", self._token)
        return str(found.body.get("name") or account[-4:]) if found.good else account[-4:]

    async def picture(self, kind: str, entry: str, position: int) -> str:
        """Return the address of the first picture of an entry as readers see it after a position, or none."""
        path = f"/v1/{PATHS[kind]}/{entry}?fields=pictures&after={position}"
        pictures = (await self._read(path)).body.get("pictures")
        if not isinstance(pictures, list) or not pictures:
            return ""
        found = await self._read(f"/v1/media/{pictures[0].get('media')}")
        return str(found.body.get("url", ""))

    async def bytes_of(self, picture: str) -> bytes | None:
        """Return the bytes of a picture; None: it cannot be had, or is too large."""
        found = bytearray()
        try:
            async with self._client.stream("GET", picture) as answer:
                if answer.status_code != 200:  # noqa: PLR2004 - of HTTP
                    return None
                async for chunk in answer.aiter_bytes():
                    found += chunk
                    if len(found) > MOST_PICTURE:
                        return None
        except httpx2.HTTPError:
            return None
        return bytes(found)

    async def _read(self, path: str, token: str = "") -> OurAnswer:
        """Ask for something that is told, and for a while again where the API is away: it may be starting."""
        answer = await self._sent("GET", path, token)
        for _ in range(READS - 1):
            if not answer.away:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            answer = await self._sent("GET", path, token)
        return answer

    async def _sent(
        self,
        method: str,
        path: str,
        token: str = "",
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> OurAnswer:
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            answer = await self._client.request(
                method, path, content=content, headers=sent | dict(headers or {})
            )
            said = orjson.loads(answer.content) if answer.content else {}
        except (httpx2.HTTPError, ValueError):
            return OurAnswer(0, {})
        return OurAnswer(answer.status_code, said if isinstance(said, dict) else {})
