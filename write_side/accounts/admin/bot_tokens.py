"""Opaque tokens of programs: each ends by itself, and can be listed and revoked before."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kit.auth.roles import USUAL_SCOPES, Scope
from kit.auth.tokens import bot_digest, new_bot_token
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import note, require_admin
from write_side.accounts.mail.queue import tell_owner
from write_side.accounts.problem_types import TOO_MANY_TOKENS
from write_side.accounts.sessions import end_one, require_enabled

USUAL = timedelta(days=90)
"""How long a program's token lives unless a longer time is asked for."""

MOST = 50
"""Tokens of an account that are in force."""

_HELD = """
select count(*) from auth.bot_token
 where account = $1 and revoked_at is null and expires_at > clock_timestamp()"""

_ADD = """
insert into auth.bot_token (id, account, sha256, expires_at, name, scopes, strong)
values ($1, $2, $3, $4, $5, $6, $7 or exists (select from auth.session where id = $8 and strong))"""
"""A program is no way round a second factor: its token is as strong as the session that it was made in."""

_USED = """
update auth.bot_token set used_at = date_trunc('minute', clock_timestamp())
 where id = any(array(
   select id from auth.bot_token
    where id = any($1::uuid[]) and used_at is distinct from date_trunc('minute', clock_timestamp())
    for no key update skip locked))"""
"""One that is being revoked at this moment is passed over: many rows are never waited for together."""

_IS_OF = "select exists (select from auth.bot_token where id = $1 and account = $2)"


class NewBotToken(NamedTuple):
    """A token that was made just now."""

    id: UUID
    token: str
    """Told this once."""


class BotToken(NamedTuple):
    """A token of a program that is in force; what it is itself, nobody knows any more."""

    id: UUID
    account: UUID
    name: str
    """Display name of the account."""
    made_at: datetime
    expires_at: datetime
    label: str
    """What its owner calls it."""
    scopes: tuple[Scope, ...]
    used_at: datetime | None
    """To the minute; None: not yet."""


async def issue_bot_token(
    connection: Connection,
    account: UUID,
    *,
    expires: datetime,
    actor: UUID | None,
    reason: str = "",
    session: UUID | None = None,
    label: str = "",
    scopes: Iterable[Scope] = USUAL_SCOPES,
) -> NewBotToken:
    """Make an opaque token for a program, and tell its owner; it cannot be shown again, its digest is kept.

    Args:
        connection: one of `kit.postgres.connect`, which may change accounts.
        account: whose; the token never may more than its owner.
        expires: when it ends by itself.
        actor: who makes it; None: the operator.
        reason: why.
        session: in which the actor asks for it.
        label: what its owner calls it.
        scopes: what it may be used for.

    Raises:
        Problem: 403 when it is for somebody else and the actor is no administrator, 404 without such an
            account, 409 when it is disabled, or has as many as it may.
    """
    token = new_bot_token()
    made = new_id()
    async with connection.transaction():
        if account != actor:
            await require_admin(connection, actor)
        await require_enabled(connection, account)
        if await connection.fetchval(_HELD, account) >= MOST:
            raise Problem(TOO_MANY_TOKENS)
        said = [scope.value for scope in Scope if scope in set(scopes)]
        added = made, account, bot_digest(token), expires, label, said, actor is None, session
        await connection.execute(_ADD, *added)
        facts = {"token": str(made), "scopes": said}
        await note(connection, "bot-token.issued", account, actor=actor, reason=reason, facts=facts)
        await tell_owner(connection, "token-made", account)
    return NewBotToken(made, token)


async def bot_tokens(connection: Connection, account: UUID | None = None) -> list[BotToken]:
    """Return the tokens of programs that are in force, oldest first; of one account, or None: of all."""
    rows = await connection.fetch(
        "select b.id, b.account, a.name, b.made_at, b.expires_at, b.name as label, b.scopes, b.used_at"
        "  from auth.bot_token b join auth.account a on a.id = b.account"
        " where b.revoked_at is null and b.expires_at > clock_timestamp()"
        " and b.account = coalesce($1, b.account) order by b.made_at",
        account,
    )
    return [BotToken(**dict(row) | {"scopes": tuple(map(Scope, row["scopes"]))}) for row in rows]


async def revoke_one_of(
    connection: Connection, token: UUID, account: UUID, *, actor: UUID, reason: str = ""
) -> None:
    """Revoke a token of an account; one that was revoked stays so.

    Raises:
        Problem: 404, the account has and had none of this id; 403 as `revoke_bot_token` raises it.
    """
    if not await connection.fetchval(_IS_OF, token, account):
        raise Problem(NOT_FOUND, "There is no such token.")
    await revoke_bot_token(connection, token, actor=actor, reason=reason)


async def note_use(connection: Connection, tokens: Collection[UUID]) -> None:
    """Note that tokens were used in this minute."""
    await connection.execute(_USED, list(tokens))


async def revoke_bot_token(
    connection: Connection, token: UUID, *, actor: UUID | None, reason: str = ""
) -> bool:
    """Revoke one token by its id; it stops working within a second. False: there was none in force.

    Raises:
        Problem: 403 when it is somebody else's and the actor is no administrator.
    """
    return await end_one(connection, "bot_token", "bot-token.revoked", token, actor=actor, reason=reason)
