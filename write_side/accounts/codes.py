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

type Purpose = Literal["registration", "password", "email", "email-undo", "telegram"]

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


def new_code() -> str:
    """Return a code that nobody guesses."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def is_code(text: str) -> bool:
    """Tell whether a text could be one of ours."""
    return _CODE.fullmatch(text) is not None


def digest(code: str) -> bytes:
    """Return the hash by which a code is kept."""
    return hashlib.sha256(code.encode()).digest()


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
    code = new_code()
    await connection.execute(_KEEP, digest(code), purpose, account, dict(facts or {}), lives)
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


async def _found(connection: Connection, sql: str, purpose: Purpose, code: str) -> KnownCode:
    row = await connection.fetchrow(sql, digest(code), purpose) if is_code(code) else None
    if row is None:
        raise Problem(CODE_INVALID)
    return KnownCode(row["account"], row["facts"], row["made_at"])
