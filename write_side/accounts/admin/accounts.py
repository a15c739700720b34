"""Makes accounts: by those who may, and those that a sample needs."""

from collections.abc import Sequence
from uuid import UUID

from events.account import AccountRegistered
from kit.auth.names import name_key
from kit.auth.roles import Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from write_side.accounts.admin.rights import disable
from write_side.accounts.audit import note, require_admin
from write_side.accounts.locks import administrators_change
from write_side.accounts.problem_types import NAME_TAKEN

_KNOWN = "select exists (select from auth.account where id = $1)"
_GIVE = "insert into auth.account_role (account, role) values ($1, $2)"
_SHUT = "update auth.account set disabled_at = clock_timestamp() where id = $1"
_EVER_SHUT = "select exists (select from auth.audit where account = $1 and action = 'account.disabled')"

SAMPLE = "sample"
"""Why there are accounts in which nobody signs in."""


async def create(
    connection: Connection,
    name: str,
    *,
    actor: UUID | None,
    reason: str = "",
) -> UUID:
    """Make an account without roles and return its id; the log is told.

    Args:
        connection: one of `kit.postgres.connect`, acting as the owner of schema `auth`.
        name: display name.
        actor: who makes it; None: the operator.
        reason: why.

    Raises:
        Problem: 422 for a bad name, 409 when one that reads alike is taken, 403 when the actor may not.
    """
    account = new_id()
    async with connection.transaction():
        await require_admin(connection, actor)
        await insert(connection, account, name)
        await note(
            connection, "account.created", account, actor=actor, reason=reason, event=AccountRegistered()
        )
    return account


async def insert(connection: Connection, account: UUID, name: str) -> None:
    """Insert the row of an account.

    Raises:
        Problem: 422 for a bad name, 409 when one that reads alike is taken.
    """
    made = await connection.fetchval(
        "insert into auth.account (id, name, name_key) values ($1, $2, $3)"
        " on conflict do nothing returning id",
        account,
        name,
        name_key(name),
    )
    if made is None:
        raise Problem(NAME_TAKEN)


async def ensure(dsn: str, accounts: Sequence[tuple[UUID, str, str]]) -> None:
    """Make the accounts that are missing, each with its role, and shut out those that never were.

    They are authors of what was written elsewhere, such as a sample, and nobody signs in as one of them: the
    log is not told of them. One that was let in again since is left as it is; one of a build that did not
    shut them out is shut out now.

    Args:
        dsn: address of the owner of schema `auth`.
        accounts: id, display name, role.

    Raises:
        Problem: 409 when another account has such a name.
    """
    async with watched_connection(dsn, "frankenjet accounts", None) as connection:
        for account, name, role in accounts:
            async with connection.transaction():
                await administrators_change(connection)
                if not await connection.fetchval(_KNOWN, account):
                    await insert(connection, account, name)
                    await connection.execute(_GIVE, account, Role(role).value)
                    await connection.execute(_SHUT, account)
                    for action in ("account.created", "account.disabled"):
                        await note(connection, action, account, actor=None, reason=SAMPLE)
                elif not await connection.fetchval(_EVER_SHUT, account):
                    await disable(connection, account, actor=None, reason=SAMPLE)
