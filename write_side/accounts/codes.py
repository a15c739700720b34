"""Codes that work once: made for a mail, kept as their hash, good for an hour."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import CODE_INVALID

type Purpose = Literal["registration", "password", "invitation", "email", "email-undo"]

CODE_LIVES = timedelta(hours=1)

CODE_LENGTH = 32
"""Characters, of 5 bits each that nobody can guess; none of them is mistaken for another."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE = re.compile(f"[{_ALPHABET}]{{{CODE_LENGTH}}}")

_KEEP = """
insert into auth.code (sha256, purpose, account, facts, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5)"""

_LOOK = """
select account, facts, made_at from auth.code
 where sha256 = $1 and purpose = $2 and expires_at > clock_timestamp()"""

_USE = """
delete from auth.code where sha256 = $1 and purpose = $2 and expires_at > clock_timestamp()
returning account, facts, made_at"""


class KnownCode(NamedTuple):
    """What a code was made for."""

    account: UUID | None
    facts: dict[str, Any]
    made_at: datetime


async def make_code(
    connection: Connection,
    purpose: Purpose,
    *,
    account: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    lives: timedelta = CODE_LIVES,
) -> str:
    """Keep a new code and return it; it cannot be shown again.

    Args:
        connection: of a role that may write schema `auth`.
        purpose: the one thing that it can be used for.
        account: whose it is.
        facts: what is to be known when it is used.
        lives: how long it is good.
    """
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    await connection.execute(_KEEP, _digest(code), purpose, account, dict(facts or {}), lives)
    return code


async def use_code(connection: Connection, purpose: Purpose, code: str) -> KnownCode:
    """Return what a code was made for; it is gone with the transaction that uses it.

    Raises:
        Problem: 409, there is no such code, or no longer.
    """
    return await _found(connection, _USE, purpose, code)


async def look_at_code(connection: Connection, purpose: Purpose, code: str) -> KnownCode:
    """Return what a code was made for, and leave it as it is.

    Raises:
        Problem: 409, there is no such code, or no longer.
    """
    return await _found(connection, _LOOK, purpose, code)


async def forget_old_codes(connection: Connection) -> None:
    """Delete the codes that have run out, and with them what was said of accounts that nobody opened."""
    await connection.execute("delete from auth.code where expires_at <= clock_timestamp()")


async def _found(connection: Connection, sql: str, purpose: Purpose, code: str) -> KnownCode:
    row = await connection.fetchrow(sql, _digest(code), purpose) if _CODE.fullmatch(code) else None
    if row is None:
        raise Problem(CODE_INVALID)
    return KnownCode(row["account"], row["facts"], row["made_at"])


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
