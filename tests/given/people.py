"""Makes accounts, sessions and tokens for tests, on a real database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit import clock
from kit.auth.keys import SigningKey
from kit.auth.roles import Role
from kit.auth.tokens import ORDINARY, mint
from kit.postgres.connect import Connection
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.rights import grant
from write_side.accounts.sessions import open_session


@dataclass
class People:
    """Makes accounts, sessions and tokens on the owner's connection."""

    owner: Connection
    key: SigningKey

    async def account(self, name: str, *roles: Role) -> UUID:
        made = await create(self.owner, name, actor=None)
        for role in roles:
            await grant(self.owner, made, role, actor=None)
        return made

    async def session(self, account: UUID, **more: Any) -> UUID:
        expires: datetime = more.pop("expires", clock.now() + timedelta(hours=1))
        return await open_session(self.owner, account, expires=expires, actor=None, **more)

    async def token(self, account: UUID, *, ttl: timedelta = ORDINARY, **more: Any) -> str:
        return mint(self.key, account, await self.session(account, **more), ttl, clock.now())
