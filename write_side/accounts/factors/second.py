"""Asks whoever has a second factor for a code of it, after the password."""

from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.factors.recovery import use_code
from write_side.accounts.factors.totp import is_code
from write_side.accounts.problem_types import FACTOR_NEEDED, FACTOR_REFUSED

_HAS = "select exists (select from auth.totp where account = $1 and confirmed_at is not null)"


async def has_factor(connection: Connection, account: UUID) -> bool:
    """Tell whether an account has a second factor."""
    return bool(await connection.fetchval(_HAS, account))


async def require_second(connection: Connection, account: UUID, code: str) -> None:
    """Refuse somebody who has a second factor and does not show it. A code is used with the transaction.

    Args:
        connection: in a transaction that holds the account.
        account: whose.
        code: of the app, or one for a bad day; empty: none was sent.

    Raises:
        Problem: 403, a code is needed, or it is not the right one.
    """
    if not await has_factor(connection, account):
        return
    if not code:
        raise Problem(FACTOR_NEEDED)
    if await is_code(connection, account, code):
        return
    if not await use_code(connection, account, code):
        raise Problem(FACTOR_REFUSED)
    await note(connection, "recovery-code.used", account, actor=account)
