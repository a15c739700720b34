"""A process that changes accounts and tells the log of it, until somebody kills it.

`python -m tests.faults.accounts.changing DSN SEED [outside]`: with the last word its events are left after
the change and not with it, as they must not be.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

from events.account import AccountRoleGranted
from events.codec import CODEC
from kit import clock
from kit.auth.roles import Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import ACCOUNTS, AWAY, WRITER, Connection, Pool, pooled
from write_side.accounts.admin import rights
from write_side.accounts.audit import note
from write_side.accounts.outbox import leave
from write_side.accounts.relay import relay
from write_side.accounts.sessions import end_sessions, open_session
from write_side.log.appender import Appender
from write_side.main import bus

RELAYS = 2
"""Loops that take the outbox to the log at the same time, as processes of several machines do."""

GIVE = "insert into auth.account_role (account, role) values ($1, 'editor') on conflict do nothing"


class Changer:
    """Changes one account after the other way, so that the audit has its changes in their order."""

    def __init__(self, pool: Pool, account: UUID, chance: random.Random, *, outside: bool) -> None:
        self._pool = pool
        self._account = account
        self._chance = chance
        self._outside = outside

    async def change(self) -> None:
        """Change the account again and again; what is refused or fails is no change."""
        while True:
            with suppress(Problem, *AWAY):
                async with self._pool.acquire(timeout=1) as connection:
                    await self._once(connection)

    async def _once(self, connection: Connection) -> None:
        account = self._account
        if self._outside:
            await self._granted_and_told_later(connection)
            return
        match self._chance.randrange(6):
            case 0:
                await rights.grant(connection, account, Role.MODERATOR, actor=None)
            case 1:
                await rights.revoke(connection, account, Role.MODERATOR, actor=None)
            case 2:
                await rights.disable(connection, account, actor=None)
            case 3:
                await rights.enable(connection, account, actor=None)
            case 4:
                expires = clock.now() + timedelta(hours=1)
                await open_session(connection, account, expires=expires, actor=account)
            case _:
                await end_sessions(connection, account, actor=account)

    async def _granted_and_told_later(self, connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(GIVE, self._account)
            await note(connection, "role.granted", self._account, actor=None, facts={"role": "editor"})
        event = AccountRoleGranted(role="editor")
        await leave(connection, self._account, new_id(), event, actor=None, client="api")


@asynccontextmanager
async def telling(pool: Pool, appender: Appender) -> AsyncIterator[asyncio.TaskGroup]:
    """Take to the log what the outbox holds, without a pause."""

    async def keep_telling() -> None:
        while True:
            with suppress(Problem, *AWAY):
                await relay(pool, appender)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(RELAYS):
            tasks.create_task(keep_telling())
        yield tasks


async def main(dsn: str, seed: str, how: str = "") -> None:
    """Change all accounts at once, and say so when the first one is about to be."""
    async with (
        bus(dsn, CODEC),
        pooled(dsn, "frankenjet accounts", ACCOUNTS) as accounts,
        pooled(dsn, "frankenjet streams", WRITER) as streams,
        Appender(dsn) as appender,
        telling(streams, appender) as tasks,
    ):
        async with accounts.acquire() as connection:
            known = await connection.fetch("select id from auth.account order by id")
        for number, row in enumerate(known):
            chance = random.Random(f"{seed} {number}")  # noqa: S311 - repeatable, not secret
            changer = Changer(accounts, row["id"], chance, outside=how == "outside")
            tasks.create_task(changer.change())
        sys.stdout.write("at work\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
