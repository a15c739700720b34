"""Somebody who has nothing but the address of the API and a letterbox."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.running import in_process

STRANGER = {"name": "Anna Petrova", "email": "Anna@Example.org", "password": "a long way to Arkhangelsk"}


class Letterbox:
    """The mails that were kept in a state folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "mail"
        self._seen: set[str] = set()

    async def next(self) -> EmailMessage:
        """Return the next mail; there has to be one soon."""
        async with asyncio.timeout(30):
            while True:
                for path in sorted(self._folder.glob("*.eml")):
                    if path.name not in self._seen and path.stat().st_size:
                        self._seen.add(path.name)
                        return message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
                await asyncio.sleep(0.05)

    async def code(self) -> str:
        """Return the code of the next mail that has one; there has to be one soon."""
        while True:
            part = (await self.next()).get_body(("plain",))
            body = "" if part is None else part.get_content()
            found = re.search(r"#(?:code|invitation)=([a-z0-9]{32})\b", body)
            if found is not None:
                return found[1]


class Stranger:
    """Somebody who has nothing but an address of the API."""

    def __init__(self, client: httpx2.AsyncClient, letters: Letterbox) -> None:
        self.client = client
        self.letters = letters

    async def send(self, method: str, path: str, body: Any = None, token: str = "") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.client.request(method, path, json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        answer = await self.send(method, path, body, token)
        assert answer.status_code < 300, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json() if answer.content else None

    async def opened(self, **more: str) -> dict[str, Any]:
        """Open an account and sign in."""
        said = STRANGER | more
        await self.done("POST", "/v1/accounts", said)
        await self.confirmed(await self.letters.code(), said["password"])
        return await self.signed_in(said["email"], said["password"])

    async def confirmed(self, code: str, password: str = STRANGER["password"]) -> Any:
        return await self.done("POST", "/v1/accounts/confirmation", {"code": code, "password": password})

    async def signed_in(self, email: str, password: str) -> dict[str, Any]:
        made = await self.done("POST", "/v1/sessions", {"email": email, "password": password})
        assert isinstance(made, dict)
        return made


@asynccontextmanager
async def stranger(dsn: str, folder: Path, **more: Any) -> AsyncIterator[Stranger]:
    async with in_process(dsn, folder, projector=False, **more) as site:
        yield Stranger(site.client, Letterbox(folder))


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
