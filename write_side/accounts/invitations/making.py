"""Makes invitations."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.base import Locale
from kit.auth.roles import Identity, Role
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import FORBIDDEN
from write_side.accounts.addresses import MailAddress
from write_side.accounts.audit import has_administrator, note, said
from write_side.accounts.codes import digest, new_code
from write_side.accounts.invitations.revoking import revoke_those_of_operators
from write_side.accounts.locks import administrators_change, hold, require_in_force
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.problem_types import ADMINISTRATED

FIRST_LIVES = timedelta(days=1)
"""How long the invitation of the first administrator is good."""

LONGEST_DAYS = 30

_KEEP = """
insert into auth.invitation (id, sha256, email, email_key, locale, role, reason, actor, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $9) returning expires_at"""


class Invited(NamedTuple):
    """An invitation that was made just now."""

    id: UUID
    code: str
    """Where it was sent by mail, nobody but its reader may learn it: else who invites could come in."""
    expires_at: datetime


class Wish(NamedTuple):
    """What somebody is to be invited to."""

    address: MailAddress | None
    """Where the code is sent; None: it is for anyone who has it."""
    role: Role | None
    """What his account may do from the beginning; None: what a new one may."""
    locale: Locale
    """His language."""
    lives: timedelta
    reason: str


async def invite(connection: Connection, who: Identity, wish: Wish) -> Invited:
    """Make an invitation, and leave the mail that tells of it.

    Args:
        connection: of a role that may write schema `auth`, in a transaction.
        who: a moderator or an administrator.
        wish: to what.

    Raises:
        Problem: 401, his session has ended; 403, only an administrator gives a role with it; 422, the reason
            cannot be kept.
    """
    if wish.role is not None and Role.ADMIN not in who.roles:
        raise Problem(FORBIDDEN, "Only an administrator gives a role with an invitation.")
    await hold(connection, who.account)
    await require_in_force(connection, who.account, who.session)
    made = await _keep(connection, wish, who.account)
    facts = {"invitation": str(made.id), "role": wish.role}
    await note(connection, "invitation.made", who.account, actor=who.account, facts=facts, client=who.client)
    if wish.address is not None:
        await queue_mail(connection, "invitation", wish.address.written, wish.locale, code=made.code)
    return made


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
    await revoke_those_of_operators(connection)
    return (await _keep(connection, Wish(None, Role.ADMIN, "en", FIRST_LIVES, reason), None)).code


async def _keep(connection: Connection, wish: Wish, actor: UUID | None) -> Invited:
    made, code = new_id(), new_code()
    written, key = wish.address or (None, None)
    ends = await connection.fetchval(
        _KEEP, made, digest(code), written, key, wish.locale, wish.role, said(wish.reason), actor, wish.lives
    )
    return Invited(made, code, ends)
