"""Makes a token for an account, and the account behind it where it is new."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.auth.keys import ensure_signing_key, load_signing_key
from kit.auth.roles import USUAL_SCOPES, Role, Scope, effective
from kit.auth.tokens import MAX_LIFE, mint
from kit.errors import Problem, ProblemType
from kit.forms import Wrong
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from kit.problem_types import NOT_FOUND
from kit.settings import Settings
from read_side.accounts.accounts import by_name
from scripts.keys import signing_key
from write_side.accounts.admin import rights
from write_side.accounts.admin.accounts import create
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token
from write_side.accounts.sessions import open_session

_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
NEEDS_GRANT = ProblemType(409, "needs-grant", "The account has other roles; --grant adds this one.")

PERSONAL = timedelta(hours=12)
"""How long a person's token lives unless something else is asked for."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Issued(NamedTuple):
    """A token, and what it is worth."""

    token: str
    account: UUID
    roles: frozenset[Role]
    expires: datetime


async def token_for(
    settings: Settings,
    dsn: str,
    account: str,
    role: str,
    for_: str,
    *,
    grant: bool,
    bot: bool,
    reason: str = "",
    scopes: Sequence[Scope] = (),
) -> Issued:
    """Do what the verb says with the settings of this machine.

    Raises:
        Refused: there is no key that could sign it.
        Problem, ValueError: what `token` raises.
    """
    key_file = settings.signing_key_file or settings.state / "signing-key.pem"
    if not settings.database_url:
        ensure_signing_key(key_file)
    signing_key(settings)
    ttl = span(for_) if for_ else (USUAL if bot else PERSONAL)
    return await token(
        dsn, key_file, account=account, role=role, grant=grant, ttl=ttl, bot=bot, reason=reason, scopes=scopes
    )


async def token(
    dsn: str,
    key_file: Path,
    *,
    account: str,
    role: str,
    grant: bool,
    ttl: timedelta,
    bot: bool,
    reason: str = "",
    scopes: Sequence[Scope] = (),
) -> Issued:
    """Return a token for an account, which is made when it is new.

    Args:
        dsn: address of the owner of schema `auth`.
        key_file: Ed25519 private key in PEM.
        account: display name.
        role: what the account may do, neither more nor less; empty: what an existing one may.
        grant: whether an existing account that has another role gets this one in its place.
        ttl: how long the token and its session live, 24 hours at most; a bot's may live longer.
        bot: whether to make an opaque token for a program.
        reason: why; kept in the audit.
        scopes: what a program may use it for; none: for all but to speak for users of Telegram.

    Raises:
        Problem: when the account cannot be made, is disabled, or has another role without `grant`.
        ValueError: for an unknown role, a bad key file, or a token that would live too long.
        OSError, asyncpg.PostgresError: when file or database cannot be reached.
    """
    if role not in {"", *(known.value for known in Role)}:
        raise Wrong(f"--role: a role is one of: {', '.join(Role)}")
    if not bot and ttl > MAX_LIFE:
        raise Wrong("--for: a token lives 24 hours at most; a program takes one with --bot")
    key = load_signing_key(key_file)
    why = reason or "frankenjet token"
    async with watched_connection(dsn, "frankenjet token", None) as connection:
        async with connection.transaction():
            wanted = Role(role) if role else None
            found, roles = await _account_with(connection, account, wanted, grant=grant, reason=why)
            now = clock.now()
            expires = now + ttl
            if bot:
                opaque = await issue_bot_token(
                    connection,
                    found,
                    actor=None,
                    expires=expires,
                    reason=reason,
                    scopes=scopes or USUAL_SCOPES,
                )
                return Issued(opaque.token, found, roles, expires)
            session = await open_session(
                connection, found, expires=expires, actor=None, longest_token=ttl, reason=reason
            )
        return Issued(mint(key, found, session, ttl, now), found, roles, expires)


def span(text: str) -> timedelta:
    """Read a length of time such as 90s, 15m, 12h or 1d.

    Raises:
        ValueError: when it is none.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Wrong("--for: a length of time looks like 90s, 15m, 12h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


async def _account_with(
    connection: Connection, name: str, role: Role | None, *, grant: bool, reason: str
) -> tuple[UUID, frozenset[Role]]:
    """Return the account and what it may do: exactly the role, if one is given."""
    known = await by_name(connection, name)
    if known is None:
        if role is None:
            raise Problem(NOT_FOUND, "There is no such account; --role makes it.")
        made = await create(connection, name, actor=None, reason=reason)
        await rights.grant(connection, made, role, actor=None, reason=reason)
        return made, role.included
    may = effective(known.roles)
    if role is None or may == role.included:
        return known.id, may
    if not grant:
        held = ", ".join(known.roles) or "no role"
        raise Problem(NEEDS_GRANT, f"This account has {held}; --grant makes it {role} in place of that.")
    await rights.set_role(connection, known.id, role, actor=None, reason=reason)
    return known.id, role.included
