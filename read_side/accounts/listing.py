"""Which accounts there are: some by name, by address, by role, by state, and by who made them."""

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from kit.auth.names import folded
from kit.auth.roles import Role
from kit.postgres.connect import Connection

COUNTED = 10_000
"""Accounts that are counted exactly."""

type State = Literal["active", "disabled"]
type MadeBy = Literal["self", "administrator", "operator", "import"]
"""Self: registered. Import: the author of content from elsewhere; nobody signs in as one."""

_MADE_BY = """(select case when u.facts ? 'disabled' then 'import' when u.actor is null then 'operator'
                  when u.actor = u.account then 'self' else 'administrator' end
   from auth.audit u where u.account = a.id and u.action = 'account.created' order by u.number limit 1)"""

_ACCOUNTS = f"""
select a.id, a.name, a.name_key, a.email, a.created_at, {_MADE_BY} as made_by,
       case when a.disabled_at is null then 'active' else 'disabled' end as state,
       array(select r.role from auth.account_role r where r.account = a.id) as roles
  from auth.account a"""


class Wanted(NamedTuple):
    """Which accounts are asked for, none that was erased; None: whatever it is."""

    name: str | None = None
    """A part of the name, in any spelling that reads alike."""
    email: str | None = None
    """What the address begins with."""
    role: str | None = None
    """That was granted to it; what is included in a higher one is not."""
    state: State | None = None
    made_by: MadeBy | None = None


async def page(
    connection: Connection, wanted: Wanted, *, after: str | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Return accounts in the order of their names.

    Args:
        connection: one that may read schema `auth`.
        wanted: which.
        after: the `name_key` of the last one seen.
        limit: how many at the most.
    """
    conditions, bound = _conditions(wanted)
    if after is not None:
        bound.append(after)
        conditions.append(f"a.name_key > ${len(bound)}")
    sql = f"{_ACCOUNTS}{_where(conditions)} order by a.name_key limit {limit:d}"
    found = await connection.fetch(sql, *bound)
    return [dict(row) | {"roles": [role for role in Role if role.value in row["roles"]]} for row in found]


async def total(connection: Connection, wanted: Wanted) -> int:
    """Return how many accounts those are, counted up to one more than `COUNTED`."""
    conditions, bound = _conditions(wanted)
    items = f"select from auth.account a{_where(conditions)} limit {COUNTED + 1}"
    counted: int = await connection.fetchval(f"select count(*) from ({items}) found", *bound)
    return counted


def _where(conditions: Sequence[str]) -> str:
    return " where " + " and ".join(conditions)


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """Return conditions of SQL, and what is bound in them."""
    said: tuple[tuple[str, str | None], ...] = (
        ("a.name_key like {}", wanted.name and f"%{_literally(folded(wanted.name))}%"),
        ("a.email_key like {}", wanted.email and f"{_literally(wanted.email.lower())}%"),
        (
            "exists (select from auth.account_role r where r.account = a.id and r.role = {})",
            wanted.role,
        ),
        ("(a.disabled_at is not null) = ({} = 'disabled')", wanted.state),
        (_MADE_BY + " = {}", wanted.made_by),
    )
    given = [(condition, value) for condition, value in said if value is not None]
    asked = [one.format(f"${n}::text") for n, (one, _) in enumerate(given, 1)]
    return ["a.erased_at is null", *asked], [value for _, value in given]


def _literally(text: str) -> str:
    """Return a text as a pattern that means itself."""
    return re.sub(r"([\\%_])", r"\\\1", text)
