"""The passkeys of an account, as its owner adds, names and removes them."""

from typing import NamedTuple
from uuid import UUID

from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND, TOKEN_INVALID
from write_side.accounts.audit import note
from write_side.accounts.factors.recovery import new_codes
from write_side.accounts.factors.second import forget_second, has_factor, require_shown
from write_side.accounts.factors.ways_in import require_way_in, tell_of_change
from write_side.accounts.passkeys.checking import NewPasskey
from write_side.accounts.passkeys.options import KnownPasskey
from write_side.accounts.problem_types import PASSKEY_KNOWN, TOO_MANY_PASSKEYS

MOST = 10
"""Passkeys of an account."""

_KNOWN = "select credential, transports from auth.passkey where account = $1 order by made_at"

_COUNT = "select count(*) from auth.passkey where account = $1"

_HELD = "select name from auth.account where id = $1 and disabled_at is null for no key update"

_ADD = """
insert into auth.passkey
       (id, account, credential, public_key, sign_count, can_be_copied, copied, transports, name)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (credential) do nothing returning true"""

_STRONG = "update auth.session set strong = true where id = $1"

_RENAME = "update auth.passkey set name = $3 where id = $1 and account = $2 returning true"

_REMOVE = "delete from auth.passkey where id = $1 and account = $2 returning true"


class AddedPasskey(NamedTuple):
    """A passkey that was kept."""

    id: UUID
    recovery_codes: list[str]
    """For a bad day, where it is the first second factor of its account."""


async def known_passkeys(connection: Connection, account: UUID) -> list[KnownPasskey]:
    """Return the passkeys of an account, oldest first."""
    return [KnownPasskey(*row) for row in await connection.fetch(_KNOWN, account)]


async def require_room(connection: Connection, account: UUID, session: UUID) -> str:
    """Return the name of an account that may have one more passkey; who else changes it waits.

    Raises:
        Problem: 401 and 403 as `require_shown`; 409, it has as many as it may.
    """
    name = await _held(connection, account)
    await require_shown(connection, account, session)
    if await connection.fetchval(_COUNT, account) >= MOST:
        raise Problem(TOO_MANY_PASSKEYS)
    return name


async def add_passkey(
    connection: Connection, account: UUID, session: UUID, new: NewPasskey, name: str
) -> AddedPasskey:
    """Keep a passkey, and tell its owner. It counts as a second factor, in this session as well.

    Args:
        connection: in a transaction.
        account: whose.
        session: in which it was made, and which has to be in force still.
        new: what was made.
        name: by which its owner knows it.

    Raises:
        Problem: 401 and 403 as `require_shown`; 409, the passkey is known, or there is no
            room for it.
    """
    await require_room(connection, account, session)
    first, id_ = not await has_factor(connection, account), new_id()
    if not await connection.fetchval(_ADD, id_, account, *new, name):
        raise Problem(PASSKEY_KNOWN)
    await connection.execute(_STRONG, session)
    facts = {"factor": "passkey", "passkey": str(id_)}
    await tell_of_change(connection, account, "factor.added", facts)
    return AddedPasskey(id_, await new_codes(connection, account) if first else [])


async def rename_passkey(connection: Connection, account: UUID, passkey: UUID, name: str) -> None:
    """Give a passkey another name.

    Raises:
        Problem: 404, the account has no such passkey.
    """
    if not await connection.fetchval(_RENAME, passkey, account, name):
        raise Problem(NOT_FOUND, "You have no such passkey.")
    await note(connection, "passkey.renamed", account, actor=account, facts={"passkey": str(passkey)})


async def remove_passkey(connection: Connection, account: UUID, session: UUID, passkey: UUID) -> None:
    """Let a passkey no longer sign in, and tell its owner.

    Raises:
        Problem: 401 and 403 as `require_shown`; 404, the account has no such passkey; 409, there would be no
            way to sign in.
    """
    await _held(connection, account)
    await require_shown(connection, account, session)
    if not await connection.fetchval(_REMOVE, passkey, account):
        raise Problem(NOT_FOUND, "You have no such passkey.")
    await require_way_in(connection, account)
    await forget_second(connection, account)
    facts = {"factor": "passkey", "passkey": str(passkey)}
    await tell_of_change(connection, account, "factor.removed", facts)


async def _held(connection: Connection, account: UUID) -> str:
    """Hold an account until the transaction ends, and return its name; who was shut out has no session."""
    name: str | None = await connection.fetchval(_HELD, account)
    if name is None:
        raise Problem(TOKEN_INVALID, "The session has ended.")
    return name
