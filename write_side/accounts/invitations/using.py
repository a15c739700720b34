"""What an invitation is to, and that it is used once."""

from typing import Any, NamedTuple
from uuid import UUID

from events.base import Locale
from kit.auth.roles import Role, effective
from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.addresses import MailAddress
from write_side.accounts.codes import digest, is_code
from write_side.accounts.problem_types import INVITATION_INVALID

_GOOD = """
select id, role, reason, actor, email, email_key, locale from auth.invitation
 where used_at is null and revoked_at is null and expires_at > clock_timestamp()"""

_LOOK = f"{_GOOD} and sha256 = $1"

_TAKE = f"{_GOOD} and id = $1 for no key update"

_USE = "update auth.invitation set used_at = clock_timestamp(), account = $2 where id = $1"

_ROLES = """
select r.role from auth.account_role r join auth.account a on a.id = r.account
 where r.account = $1 and a.disabled_at is null"""


class Invitation(NamedTuple):
    """What somebody is invited to."""

    id: UUID
    role: Role | None
    """What his account may do from the beginning; None: what a new one may."""
    reason: str
    """Why he is invited."""
    actor: UUID | None
    """By whom; None: the operator."""
    address: MailAddress | None
    """Where its code was sent, so that anyone who has it reads the mail there; None: nowhere."""
    locale: Locale


async def look_at_invitation(connection: Connection, code: str, address: MailAddress) -> Invitation:
    """Return what a code invites the reader of an address to, and leave it as it is.

    Raises:
        Problem: 409, it invites nobody, or no longer, or another one.
    """
    row = await connection.fetchrow(_LOOK, digest(code)) if is_code(code) else None
    found = await _invitation(connection, row)
    if found.address is not None and found.address.key != address.key:
        raise Problem(INVITATION_INVALID)
    return found


async def use_invitation(connection: Connection, id_: UUID, account: UUID) -> Invitation:
    """Return what an invitation is to; it is used up with the transaction that opens the account.

    Args:
        connection: in a transaction in which nobody else changes who administrates (`administrators_change`):
            who invited must not lose his role while it is used.
        id_: of the invitation.
        account: which is opened with it in this transaction.

    Raises:
        Problem: 409, it was used or revoked meanwhile, has ended, or who invited may not any more.
    """
    found = await _invitation(connection, await connection.fetchrow(_TAKE, id_))
    await connection.execute(_USE, id_, account)
    return found


async def _invitation(connection: Connection, row: Any) -> Invitation:
    """Return what was found, if who invited may still do so."""
    if row is None:
        raise Problem(INVITATION_INVALID)
    role = Role(row["role"]) if row["role"] else None
    if row["actor"] is not None:
        held = effective(one["role"] for one in await connection.fetch(_ROLES, row["actor"]))
        if (Role.MODERATOR if role is None else Role.ADMIN) not in held:
            raise Problem(INVITATION_INVALID)
    address = MailAddress(row["email"], row["email_key"]) if row["email"] else None
    return Invitation(row["id"], role, row["reason"], row["actor"], address, row["locale"])
