"""The name that is shown beside what somebody writes."""

from uuid import UUID

import asyncpg

from kit.auth.names import name_key
from kit.errors import Problem
from write_side.accounts.audit import note
from write_side.accounts.erasure.reserved import refuse_reserved
from write_side.accounts.problem_types import NAME_TAKEN
from write_side.accounts.work import AccountWork

_TAKEN = "select exists (select from auth.account where name_key = $2 and id <> $1)"
"""Asked first: two who want each other's name at the same moment would wait for each other."""

_RENAME = """
update auth.account set name = $2, name_key = $3 where id = $1 and disabled_at is null returning id"""


async def rename(work: AccountWork, account: UUID, name: str) -> None:
    """Give an account another display name; what it was before is nowhere kept.

    Raises:
        Problem: 422 for a bad name, 409 when one that reads alike is another account's, or was that of
            one who was erased.
    """
    key = name_key(name)
    hash_ = await work.hash_of_name(key)
    async with work.transaction() as connection:
        if await connection.fetchval(_TAKEN, account, key):
            raise Problem(NAME_TAKEN)
        try:
            renamed = await connection.fetchval(_RENAME, account, name, key)
        except asyncpg.UniqueViolationError:
            raise Problem(NAME_TAKEN) from None
        if renamed is not None:  # else it was shut out in this very moment
            await refuse_reserved(connection, hash_)
            await note(connection, "account.renamed", account, actor=account)
