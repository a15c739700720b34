"""Ten codes for the day when an app or a key is lost; each works once."""

import hashlib
import re
import secrets
from uuid import UUID

from kit.postgres.connect import Connection

HOW_MANY = 10

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 16
"""Characters of 5 bits each: 80 bits are not guessed in the few tries that there are."""

_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")

_USE = "delete from auth.recovery_code where account = $1 and sha256 = $2 returning true"


async def new_codes(connection: Connection, account: UUID) -> list[str]:
    """Keep new codes instead of the former ones, and return them; they cannot be shown again."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(HOW_MANY)]
    await connection.execute("delete from auth.recovery_code where account = $1", account)
    await connection.executemany(
        "insert into auth.recovery_code (account, sha256) values ($1, $2)",
        [(account, _digest(code)) for code in codes],
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


async def use_code(connection: Connection, account: UUID, code: str) -> bool:
    """Tell whether a code is one of the account's; it is gone with the transaction.

    Args:
        connection: in a transaction.
        account: whose.
        code: as it was typed; blanks, hyphens and capitals do not matter.
    """
    plain = re.sub(r"[\s-]", "", code).lower()
    return bool(_CODE.fullmatch(plain) and await connection.fetchval(_USE, account, _digest(plain)))


async def forget_codes(connection: Connection, account: UUID) -> None:
    """Delete the codes of an account that has nothing any more that could be lost."""
    await connection.execute("delete from auth.recovery_code where account = $1", account)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
