"""The order in which commands of accounts take locks, so that no two of them wait for each other.

First the table of roles, by those who change rights or erase (`administrators_change`). Then the row of the
account (`hold`). Then what is the account's: its sessions, and after them their refresh tokens and tickets;
codes, which are looked at before and used now; factors, passkeys, tokens of programs, identities. A command
that begins further down takes nothing that stands further up: a refresh holds its session, never an account.

Anyone who cleans up waits for nobody: it passes over rows that somebody holds, and finds them the next time.
"""

from uuid import UUID

from kit.auth.identity import CHALLENGE
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import TOKEN_INVALID

_ROLES = "lock table auth.account_role in exclusive mode"

_ACCOUNT = "select true from auth.account where id = $1 for no key update"

_SESSIONS = "select from auth.session where account = $1 order by id for update"

_IN_FORCE = """
select exists (select from auth.session where id = $1 and account = $2 and revoked_at is null
                  and expires_at > clock_timestamp())"""


async def administrators_change(connection: Connection) -> None:
    """Wait until nobody else changes who administrates; others wait until this transaction ends."""
    await connection.execute(_ROLES)


async def hold(connection: Connection, account: UUID | None) -> bool:
    """Hold an account until the transaction ends; who else changes it waits. False: there is none."""
    return bool(await connection.fetchval(_ACCOUNT, account))


async def hold_sessions(connection: Connection, account: UUID) -> None:
    """Hold all sessions of an account that is held, before anything that hangs on them is deleted."""
    await connection.execute(_SESSIONS, account)


async def require_in_force(connection: Connection, account: UUID, session: UUID | None) -> None:
    """Refuse a session that has ended: for a second it is still believed, and what it makes now would stay.

    Args:
        connection: in a transaction that holds the account, so that nobody ends the session meanwhile.
        account: whose.
        session: which.

    Raises:
        Problem: 401.
    """
    if not await connection.fetchval(_IN_FORCE, session, account):
        raise Problem(TOKEN_INVALID, "The session has ended.", headers={"WWW-Authenticate": CHALLENGE})
