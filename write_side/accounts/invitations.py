"""Invitations: each opens one account for whoever has its code, once.

It is used up when the account is opened, not when it is asked for: a mail that went astray costs nobody his
invitation, and of many who have the same code one comes in.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from kit.auth.roles import Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from write_side.accounts.addresses import MailAddress
from write_side.accounts.admin.rights import has_administrator
from write_side.accounts.audit import said
from write_side.accounts.codes import look_at_code, make_code
from write_side.accounts.locks import administrators_change
from write_side.accounts.problem_types import ADMINISTRATED, CODE_INVALID, INVITATION_INVALID

FIRST_LIVES = timedelta(days=1)
"""How long the invitation of an administrator is good."""

_FORGET_FORMER = "delete from auth.code where purpose = 'invitation' and facts ? 'role'"

_USE = """
delete from auth.code where purpose = 'invitation' and facts ->> 'id' = $1 and expires_at > clock_timestamp()
returning facts"""


class Invitation(NamedTuple):
    """What somebody is invited to."""

    id: str
    role: Role | None
    """What his account may do from the beginning; None: what a new one may."""
    reason: str
    """Why it may."""


async def invite_administrator(connection: Connection, *, reason: str = "", force: bool = False) -> str:
    """Return the code of an invitation to become administrator; a former one that was not used ends.

    Args:
        connection: of the owner of schema `auth`, in a transaction.
        reason: why; kept in the audit when it is used.
        force: even if there is an administrator.

    Raises:
        Problem: 409, there is an administrator; 422, the reason cannot be kept.
    """
    await administrators_change(connection)
    if not force and await has_administrator(connection):
        raise Problem(ADMINISTRATED)
    await connection.execute(_FORGET_FORMER)
    facts = {"id": str(new_id()), "role": Role.ADMIN.value, "reason": said(reason)}
    return await make_code(connection, "invitation", facts=facts, lives=FIRST_LIVES)


async def look_at_invitation(connection: Connection, code: str, address: MailAddress) -> Invitation:
    """Return what a code invites the reader of an address to, and leave it as it is.

    Raises:
        Problem: 409, it invites nobody, or no longer, or another one.
    """
    try:
        facts = (await look_at_code(connection, "invitation", code)).facts
    except Problem as refused:
        if refused.type != CODE_INVALID.name:
            raise
        raise Problem(INVITATION_INVALID) from None
    if "email" in facts and facts["email"][1] != address.key:
        raise Problem(INVITATION_INVALID)
    return _invitation(facts)


async def use_invitation(connection: Connection, id_: str) -> Invitation:
    """Return what an invitation is to; it is gone with the transaction that opens the account.

    Args:
        connection: of a role that may write schema `auth`.
        id_: of the invitation, as the registration keeps it.

    Raises:
        Problem: 409, it was used or withdrawn meanwhile, or has ended.
    """
    facts = await connection.fetchval(_USE, id_)
    if facts is None:
        raise Problem(INVITATION_INVALID)
    return _invitation(facts)


def _invitation(facts: Mapping[str, Any]) -> Invitation:
    role = facts.get("role")
    return Invitation(facts["id"], Role(role) if role else None, facts.get("reason", ""))
