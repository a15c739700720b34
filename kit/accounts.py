"""Accounts: the only place where people have names, and who may do what."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kit.auth.audit import note, require_admin
from kit.auth.rights import grant
from kit.auth.roles import Role
from kit.db import Connection, connect
from kit.errors import Problem
from kit.ids import new_id

MAX_NAME = 100
"""Characters of a display name."""

_MAX_KEY = 300
_ACCOUNT = """
select a.id, a.name, a.created_at, a.disabled_at,
       array(select r.role from auth.account_role r where r.account = a.id) as roles
from auth.account a
"""

_SHUT = "update auth.account set disabled_at = clock_timestamp() where id = $1"


@dataclass(frozen=True)
class Account:
    """An account as it is now."""

    id: UUID
    name: str
    roles: tuple[Role, ...]
    """As granted, lowest first; included ones are not repeated."""
    created_at: datetime
    disabled_at: datetime | None


def name_key(name: str) -> str:
    """Return the form in which two names are compared: compatibility forms and cases folded.

    Raises:
        Problem: 422 when it is no name: empty, long, padded, or with characters that cannot be seen.
    """
    good = (
        0 < len(name) <= MAX_NAME
        and name.isprintable()
        and name == " ".join(name.split(" ")).strip()
        and "  " not in name
        and unicodedata.is_normalized("NFC", name)
    )
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()) if good else ""
    if not key.strip() or len(key) > _MAX_KEY:
        raise Problem(
            422,
            "invalid-name",
            f"A name has 1 to {MAX_NAME} visible characters and no needless spaces.",
        )
    return key


async def create(
    connection: Connection,
    name: str,
    *,
    actor: UUID | None,
    reason: str = "",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Make an account without roles and return its id.

    Args:
        connection: one of `kit.db`, acting as the owner of schema `auth`.
        name: display name.
        actor: who makes it; None: the operator.
        reason: why.
        id: given by a sample or an import; None: a new one.

    Raises:
        Problem: 422 for a bad name, 409 when one that reads alike is taken, 403 when the actor may not.
    """
    account = id or new_id()
    async with connection.transaction():
        await require_admin(connection, actor)
        made = await connection.fetchval(
            "insert into auth.account (id, name, name_key) values ($1, $2, $3)"
            " on conflict do nothing returning id",
            account,
            name,
            name_key(name),
        )
        if made is None:
            raise Problem(409, "name-taken", "An account with such a name exists.")
        await note(connection, "account.created", account, actor=actor, reason=reason)
    return account


async def by_id(connection: Connection, account: UUID) -> Account | None:
    """Return an account, or None."""
    return _account(await connection.fetchrow(f"{_ACCOUNT} where a.id = $1", account))


async def by_name(connection: Connection, name: str) -> Account | None:
    """Return the account whose name reads like this one, or None.

    Raises:
        Problem: 422 when it is no name at all.
    """
    return _account(await connection.fetchrow(f"{_ACCOUNT} where a.name_key = $1", name_key(name)))


async def every(connection: Connection) -> list[Account]:
    """Return all accounts in the order of their names."""
    rows = await connection.fetch(f"{_ACCOUNT} order by a.name_key")
    return [account for row in rows if (account := _account(row)) is not None]


async def names(connection: Connection, accounts: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display names of accounts; unknown ones are missing from the answer."""
    rows = await connection.fetch(
        "select id, name from auth.account where id = any($1::uuid[])", list(set(accounts))
    )
    return {row["id"]: row["name"] for row in rows}


async def ensure(dsn: str, accounts: Sequence[tuple[UUID, str, str]]) -> None:
    """Make the accounts that are missing, each with its role; existing ones are left as they are.

    They are authors of what was written elsewhere, such as a sample: nobody signs in as one of them, so each
    is disabled from its first moment.

    Args:
        dsn: address of the owner of schema `auth`.
        accounts: id, display name, role.

    Raises:
        Problem: 409 when another account has such a name.
    """
    connection = await connect(dsn, "frankenjet accounts")
    try:
        known = await names(connection, [account for account, _, _ in accounts])
        for account, name, role in accounts:
            if account not in known:
                async with connection.transaction():
                    await create(connection, name, actor=None, id=account)
                    await grant(connection, account, Role(role), actor=None)
                    await connection.execute(_SHUT, account)
                    await note(connection, "account.disabled", account, actor=None, reason="sample")
    finally:
        await connection.close()


def _account(row: asyncpg.Record | None) -> Account | None:
    if row is None:
        return None
    held = [role for role in Role if role.value in row["roles"]]
    return Account(row["id"], row["name"], tuple(held), row["created_at"], row["disabled_at"])
