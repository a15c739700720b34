"""Revokes invitations: one of them, or all that somebody has made."""

from uuid import UUID

from kit.auth.roles import Identity, Role
from kit.errors import Problem
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import note

_REVOKE = """
update auth.invitation set revoked_at = clock_timestamp()
 where used_at is null and revoked_at is null and expires_at > clock_timestamp()"""

_ONE = f"{_REVOKE} and id = $1 returning true"

_ALL_OF = f"{_REVOKE} and actor = $1"

_OF_OPERATORS = f"{_REVOKE} and actor is null and role = 'admin'"

_WHOSE = "select actor from auth.invitation where id = $1"


async def revoke_invitation(connection: Connection, who: Identity, id_: UUID, *, reason: str) -> None:
    """Let an invitation open no account any more; one that is over stays as it is.

    Raises:
        Problem: 404, there is none of this id, or it is another's and who asks is no administrator.
    """
    row = await connection.fetchrow(_WHOSE, id_)
    if row is None or (row["actor"] != who.account and Role.ADMIN not in who.roles):
        raise Problem(NOT_FOUND, "There is no such invitation.")
    if await connection.fetchval(_ONE, id_):
        facts = {"invitation": str(id_)}
        await note(
            connection, "invitation.revoked", row["actor"] or who.account, actor=who.account,
            reason=reason, facts=facts, client=who.client,
        )  # fmt: skip


async def revoke_invitations_of(connection: Connection, account: UUID) -> None:
    """Revoke what somebody has made: it may be of anyone who had his account for a while."""
    await connection.execute(_ALL_OF, account)


async def revoke_those_of_operators(connection: Connection) -> None:
    """Revoke what was made at a command line for a first administrator."""
    await connection.execute(_OF_OPERATORS)
