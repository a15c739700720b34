"""Questions about accounts: who there is, by id or by name, and the names of many."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from kit.auth.names import name_key, shown_name
from kit.auth.roles import Role
from kit.postgres.connect import Connection

_ACCOUNT = """
select a.id, a.name, a.created_at, a.disabled_at, a.erased_at,
       array(select r.role from auth.account_role r where r.account = a.id) as roles
from auth.account a
"""

_DETAILS = """
select a.email, a.locale, a.disabled_at, a.has_password,
       exists (select from auth.passkey p where p.account = a.id) as has_passkey,
       (select count(*) from auth.session s
         where s.account = a.id and s.revoked_at is null and s.expires_at > clock_timestamp()) as sessions,
       (select count(*) from auth.bot_token b
         where b.account = a.id and b.revoked_at is null and b.expires_at > clock_timestamp()) as tokens
  from auth.account a where a.id = $1"""


@dataclass(frozen=True)
class Account:
    """An account as it is now."""

    id: UUID
    name: str
    """What is shown: of one that was erased, that it was."""
    roles: tuple[Role, ...]
    """As granted, lowest first; included ones are not repeated."""
    created_at: datetime
    disabled_at: datetime | None
    erased_at: datetime | None

    @property
    def state(self) -> Literal["active", "disabled", "erased"]:
        if self.erased_at is not None:
            return "erased"
        return "active" if self.disabled_at is None else "disabled"


async def by_id(connection: Connection, account: UUID, locale: str = "en") -> Account | None:
    """Return an account, or None; the locale is for what stands in place of a name that was erased."""
    return _account(await connection.fetchrow(f"{_ACCOUNT} where a.id = $1", account), locale)


async def by_name(connection: Connection, name: str) -> Account | None:
    """Return the account whose name reads like this one, or None.

    Raises:
        Problem: 422 when it is no name at all.
    """
    return _account(await connection.fetchrow(f"{_ACCOUNT} where a.name_key = $1", name_key(name)))


async def details(connection: Connection, account: UUID) -> dict[str, Any]:
    """Return what administrators alone see of an account that is there."""
    found = dict(await connection.fetchrow(_DETAILS, account))
    found["sign_in"] = [way for way in ("password", "passkey") if found.pop(f"has_{way}")]
    return found


async def every(connection: Connection) -> list[Account]:
    """Return all accounts in the order of their names, those that were erased last."""
    rows = await connection.fetch(f"{_ACCOUNT} order by a.name_key nulls last, a.id")
    return [account for row in rows if (account := _account(row)) is not None]


async def names(connection: Connection, accounts: Iterable[UUID], locale: str = "en") -> dict[UUID, str]:
    """Return what is shown as the names of accounts; unknown ones are missing from the answer."""
    rows = await connection.fetch(
        "select id, name from auth.account where id = any($1::uuid[])", list(set(accounts))
    )
    return {row["id"]: shown_name(row["name"], locale) for row in rows}


def _account(row: asyncpg.Record | None, locale: str = "en") -> Account | None:
    if row is None:
        return None
    held = [role for role in Role if role.value in row["roles"]]
    name = shown_name(row["name"], locale)
    return Account(row["id"], name, tuple(held), row["created_at"], row["disabled_at"], row["erased_at"])
