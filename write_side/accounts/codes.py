"""Codes that work once: made for a mail, kept as their hash, good for an hour."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import CODE_INVALID

type Purpose = Literal["registration", "password"]

CODE_LIVES = timedelta(hours=1)

CODE_LENGTH = 32
"""Characters, of 5 bits each that nobody can guess; none of them is mistaken for another."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE = re.compile(f"[{_ALPHABET}]{{{CODE_LENGTH}}}")

_KEEP = """
insert into auth.code (sha256, purpose, account, facts, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5)"""

_USE = """
delete from auth.code where sha256 = $1 and purpose = $2 and expires_at > clock_timestamp()
returning account, facts"""


class UsedCode(NamedTuple):
    """What a code was made for."""

    account: UUID | None
    facts: dict[str, Any]


async def make_code(
    connection: Connection,
    purpose: Purpose,
    *,
    account: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Keep a new code and return it; it cannot be shown again.

    Args:
        connection: of a role that may write schema `auth`.
        purpose: the one thing that it can be used for.
        account: whose it is.
        facts: what is to be known when it is used.
    """
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    await connection.execute(_KEEP, _digest(code), purpose, account, dict(facts or {}), CODE_LIVES)
    return code


async def use_code(connection: Connection, purpose: Purpose, code: str) -> UsedCode:
    """Return what a code was made for; it is gone with the transaction that uses it.

    Raises:
        Problem: 409, there is no such code, or no longer.
    """
    row = None
    if _CODE.fullmatch(code):
        row = await connection.fetchrow(_USE, _digest(code), purpose)
    if row is None:
        raise Problem(CODE_INVALID)
    return UsedCode(row["account"], row["facts"])


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
