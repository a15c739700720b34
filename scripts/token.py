"""`frankenjet token`: a token for a person at a terminal or for a bot, and the account behind it."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from kit import accounts, clock
from kit.auth.keys import ensure_signing_key, load_signing_key
from kit.auth.roles import Role, effective
from kit.auth.sessions import issue_bot_token, open_session
from kit.auth.tokens import LONGEST, mint
from kit.db import Connection, connect
from kit.errors import Problem
from kit.forms import Wrong
from kit.settings import Settings
from scripts.keys import signing_key

_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


async def token_for(
    settings: Settings, dsn: str, account: str, role: str, for_: str, *, grant: bool, bot: bool
) -> str:
    """Do what the verb says with the settings of this machine.

    Raises:
        Refused: there is no key that could sign it.
        Problem, ValueError: what `token` raises.
    """
    key_file = settings.signing_key_file or settings.state / "signing-key.pem"
    if not settings.database_url:
        ensure_signing_key(key_file)
    signing_key(settings)
    return await token(dsn, key_file, account=account, role=role, grant=grant, ttl=span(for_), bot=bot)


async def token(
    dsn: str, key_file: Path, *, account: str, role: str, grant: bool, ttl: timedelta, bot: bool
) -> str:
    """Return a token for an account, which is made when it is new.

    Args:
        dsn: address of the owner of schema `auth`.
        key_file: Ed25519 private key in PEM.
        account: display name.
        role: what a new account may do; an existing one has it already, or `grant` is set.
        grant: whether the roles of an existing account may be added to.
        ttl: how long the token and its session live, 24 hours at most; a bot's token has no end.
        bot: whether to make an opaque token for a program.

    Raises:
        Problem: when the account cannot be made or its roles would change without `grant`.
        ValueError: for an unknown role, a bad key file, or a token that would live too long.
        OSError, asyncpg.PostgresError: when file or database cannot be reached.
    """
    if role not in {known.value for known in Role}:
        raise Wrong(f"--role: a role is one of: {', '.join(Role)}")
    if not bot and ttl > LONGEST:
        raise Wrong("--for: a token lives 24 hours at most; a program takes one with --bot")
    key = load_signing_key(key_file)
    connection = await connect(dsn, "frankenjet token")
    try:
        async with connection.transaction():
            found = await _account_with(connection, account, Role(role), grant=grant)
            if bot:
                return await issue_bot_token(connection, found, actor=None)
            now = clock.now()
            session = await open_session(connection, found, expires=now + ttl, actor=None, longest_token=ttl)
        return mint(key, found, session, ttl, now)
    finally:
        await connection.close()


def span(text: str) -> timedelta:
    """Read a length of time such as 90s, 15m, 12h or 1d.

    Raises:
        ValueError: when it is none.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Wrong("--for: a length of time looks like 90s, 15m, 12h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


async def _account_with(connection: Connection, name: str, role: Role, *, grant: bool) -> UUID:
    known = await accounts.by_name(connection, name)
    if known is None:
        made = await accounts.create(connection, name, actor=None, reason="frankenjet token")
        await accounts.grant(connection, made, role, actor=None, reason="frankenjet token")
        return made
    if role not in effective(known.roles):
        if not grant:
            held = ", ".join(known.roles) or "no role"
            raise Problem(
                409, "needs-grant", f"This account exists with {held}; add --grant to make it {role}."
            )
        await accounts.grant(connection, known.id, role, actor=None, reason="frankenjet token --grant")
    return known.id
