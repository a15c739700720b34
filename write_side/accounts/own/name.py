"""The name that is shown beside what somebody writes."""

from uuid import UUID

import asyncpg

from kit.auth.names import name_key
from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.problem_types import NAME_TAKEN


async def rename(connection: Connection, account: UUID, name: str, *, actor: UUID) -> None:
    """Give an account another display name; what it was before is nowhere kept.

    Raises:
        Problem: 422 for a bad name, 409 when one that reads alike is another account's.
    """
    async with connection.transaction():
        try:
            await connection.execute(
                "update auth.account set name = $2, name_key = $3 where id = $1",
                account,
                name,
                name_key(name),
            )
        except asyncpg.UniqueViolationError:
            raise Problem(NAME_TAKEN) from None
        await note(connection, "account.renamed", account, actor=actor)
