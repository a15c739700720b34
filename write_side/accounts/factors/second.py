"""Asks anyone who has a second factor for it, after the password; a passkey alone is both."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from kit.auth.permission import STEP_UP
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import STEP_UP_NEEDED
from write_side.accounts.audit import note
from write_side.accounts.factors.recovery import forget_codes, use_code
from write_side.accounts.factors.totp import is_code
from write_side.accounts.locks import require_in_force
from write_side.accounts.problem_types import FACTOR_NEEDED, FACTOR_REFUSED

_HAS_APP = "select exists (select from auth.totp where account = $1 and confirmed_at is not null)"

_HAS_PASSKEY = "select exists (select from auth.passkey where account = $1)"

_STRONG = "select strong from auth.session where id = $1"

_WEAK = "update auth.session set strong = false where account = $1"

type Then[T] = Callable[[Connection, UUID, bool], Awaitable[T]]
"""Done in a transaction that holds an account: given its id, and whether a second factor was shown."""


async def has_app(connection: Connection, account: UUID) -> bool:
    """Tell whether an account has an app that shows codes."""
    return bool(await connection.fetchval(_HAS_APP, account))


async def has_factor(connection: Connection, account: UUID) -> bool:
    """Tell whether an account has a second factor: an app or a passkey."""
    return await has_app(connection, account) or bool(await connection.fetchval(_HAS_PASSKEY, account))


async def require_second(connection: Connection, account: UUID, code: str) -> bool:
    """Refuse somebody who has a second factor and does not show it; return whether one was shown.

    A code is used with the transaction. Who has a passkey and no app signs in with that, or with a code for a
    bad day.

    Args:
        connection: in a transaction that holds the account.
        account: whose.
        code: of the app, or one for a bad day; empty: none was sent.

    Raises:
        Problem: 403, a code is needed, or it is not the right one.
    """
    if not await has_factor(connection, account):
        return False
    if not code:
        raise Problem(FACTOR_NEEDED)
    if not await shows(connection, account, code):
        raise Problem(FACTOR_REFUSED)
    return True


async def shows(connection: Connection, account: UUID, code: str) -> bool:
    """Tell whether a code is one of the app, or for a bad day; it is used with the transaction.

    Args:
        connection: in a transaction that holds the account.
        account: whose.
        code: as it was typed.
    """
    if await is_code(connection, account, code):
        return True
    if not await use_code(connection, account, code):
        return False
    await note(connection, "recovery-code.used", account, actor=account)
    return True


async def require_shown(connection: Connection, account: UUID, session: UUID) -> None:
    """Refuse to change second factors in a session that has ended, or in which none of them was shown.

    Else a thief of the password with an older session, or of the account at a provider, would add a
    passkey of his own, or take away that of the owner.

    Args:
        connection: in a transaction that holds the account.
        account: whose.
        session: in which they are to be changed.

    Raises:
        Problem: 401, it has ended; 403, with the way to show one.
    """
    await require_in_force(connection, account, session)
    if await has_factor(connection, account) and not await connection.fetchval(_STRONG, session):
        raise Problem(STEP_UP_NEEDED, f"Show a second factor first: POST {STEP_UP} with a code or a passkey.")


async def forget_second(connection: Connection, account: UUID) -> None:
    """Forget codes for a bad day, and which sessions are strong, once there is no second factor any more."""
    if not await has_factor(connection, account):
        await forget_codes(connection, account)
        await connection.execute(_WEAK, account)
