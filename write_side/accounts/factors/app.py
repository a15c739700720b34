"""The app of an account, as its owner adds it, does without it, or gets other codes for a bad day."""

from uuid import UUID

from kit.auth.identity import CHALLENGE
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import TOKEN_INVALID
from write_side.accounts.audit import note
from write_side.accounts.factors import recovery, totp
from write_side.accounts.factors.second import forget_second, has_factor, require_shown
from write_side.accounts.factors.ways_in import tell_of_change
from write_side.accounts.locks import hold
from write_side.accounts.problem_types import NO_FACTOR

_OWNER = """
select name from auth.account where id = $1 and disabled_at is null for no key update"""

_STRONG = "update auth.session set strong = true where id = $1"


async def begin(connection: Connection, account: UUID, session: UUID) -> totp.NewSecret:
    """Return what is put into an app.

    Raises:
        Problem: 409, the account has one; 401, it is shut out at this moment; 403 as `require_shown`.
    """
    owner = await connection.fetchrow(_OWNER, account)
    if owner is None:
        raise Problem(TOKEN_INVALID, headers={"WWW-Authenticate": CHALLENGE})
    await require_shown(connection, account, session)
    return await totp.begin(connection, account, owner["name"])


async def confirm(connection: Connection, account: UUID, session: UUID, code: str) -> list[str]:
    """Let the app count, in the session that shows its code as well, and return the codes for a bad day.

    Raises:
        Problem: 403, it is not the code of now, or as `require_shown`.
    """
    await hold(connection, account)
    await require_shown(connection, account, session)
    await totp.confirm(connection, account, code)
    await connection.execute(_STRONG, session)
    await tell_of_change(connection, account, "factor.added", {"factor": "app"})
    return await recovery.new_codes(connection, account)


async def remove(connection: Connection, account: UUID, session: UUID) -> None:
    """Do without the app.

    Raises:
        Problem: 409, there is none; 403 as `require_shown`.
    """
    await hold(connection, account)
    await require_shown(connection, account, session)
    if not await totp.remove(connection, account):
        raise Problem(NO_FACTOR)
    await forget_second(connection, account)
    await tell_of_change(connection, account, "factor.removed", {"factor": "app"})


async def other_codes(connection: Connection, account: UUID, session: UUID) -> list[str]:
    """Return other codes for a bad day; the former ones work no longer.

    Raises:
        Problem: 409, there is nothing that could be lost; 403 as `require_shown`.
    """
    await hold(connection, account)
    await require_shown(connection, account, session)
    if not await has_factor(connection, account):
        raise Problem(NO_FACTOR)
    await note(connection, "recovery-codes.made", account, actor=account)
    return await recovery.new_codes(connection, account)
