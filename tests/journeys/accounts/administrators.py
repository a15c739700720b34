"""Administrators who sign in as anybody does, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx2

from kit.auth.roles import Role
from kit.postgres.connect import Connection, connect
from tests.journeys.accounts.stranger import STRANGER, Letterbox, Stranger
from tests.servers.running import in_process
from write_side.accounts.admin.rights import grant


class Person(NamedTuple):
    """Somebody who is signed in."""

    account: str
    token: str
    session: str
    hall: "Hall"

    async def send(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        return await self.hall.stranger.send(method, f"/v1{path}", body, self.token)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        return await self.hall.stranger.done(method, f"/v1{path}", body, self.token)


class Hall(NamedTuple):
    """A running FrankenJet, its owner's connection, and those who come."""

    stranger: Stranger
    owner: Connection
    dsn: str

    async def person(self, name: str, *roles: Role, email: str = "") -> Person:
        """Open an account, give it roles, and sign in."""
        email = email or f"{name.lower().replace(' ', '-')}@example.org"
        made = await self.stranger.opened(name=name, email=email)
        for role in roles:
            await grant(self.owner, UUID(made["account"]), role, actor=None)
        if roles:  # with the roles, as it is told
            made = await self.stranger.signed_in(email, STRANGER["password"])
        return Person(made["account"], made["access_token"], made["session"], self)


@asynccontextmanager
async def hall(dsn: str, folder: Path, **more: Any) -> AsyncIterator[Hall]:
    async with in_process(dsn, folder, projector=False, **more) as site:
        owner = await connect(dsn, "test owner")
        try:
            yield Hall(Stranger(site.client, Letterbox(folder)), owner, dsn)
        finally:
            await owner.close()
