"""Opaque tokens of programs: each ends by itself, and can be listed and revoked before."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kit.auth.tokens import bot_digest, new_bot_token
from kit.ids import new_id
from kit.postgres.connect import Connection
from write_side.accounts.audit import note, require_admin
from write_side.accounts.sessions import end_one, require_enabled

USUAL = timedelta(days=90)
"""How long a program's token lives unless a longer time is asked for."""


class BotToken(NamedTuple):
    """A token of a program that is in force; what it is itself, nobody knows any more."""

    id: UUID
    account: UUID
    name: str
    """Display name of the account."""
    made_at: datetime
    expires_at: datetime


async def issue_bot_token(
    connection: Connection, account: UUID, *, expires: datetime, actor: UUID | None, reason: str = ""
) -> str:
    """Make an opaque token for a program and return it; it cannot be shown again, only its digest is kept.

    Raises:
        Problem: 403 when it is for somebody else and the actor is no administrator, 404 without such an
            account, 409 when it is disabled.
    """
    token = new_bot_token()
    made = new_id()
    async with connection.transaction():
        if account != actor:
            await require_admin(connection, actor)
        await require_enabled(connection, account)
        await connection.execute(
            "insert into auth.bot_token (id, account, sha256, expires_at) values ($1, $2, $3, $4)",
            made,
            account,
            bot_digest(token),
            expires,
        )
        await note(
            connection, "bot-token.issued", account, actor=actor, reason=reason, facts={"token": str(made)}
        )
    return token


async def bot_tokens(connection: Connection, account: UUID | None = None) -> list[BotToken]:
    """Return the tokens of programs that are in force, oldest first; of one account, or None: of all."""
    rows = await connection.fetch(
        "select b.id, b.account, a.name, b.made_at, b.expires_at"
        "  from auth.bot_token b join auth.account a on a.id = b.account"
        " where b.revoked_at is null and b.expires_at > clock_timestamp()"
        " and b.account = coalesce($1, b.account) order by b.made_at",
        account,
    )
    return [BotToken(*row) for row in rows]


async def revoke_bot_token(
    connection: Connection, token: UUID, *, actor: UUID | None, reason: str = ""
) -> bool:
    """Revoke one token by its id; it stops working within a second. False: there was none in force.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    return await end_one(connection, "bot_token", "bot-token.revoked", token, actor=actor, reason=reason)
