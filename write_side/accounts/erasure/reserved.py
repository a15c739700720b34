"""Names that nobody gets again, since somebody who was erased had them: kept as slow hashes."""

from collections.abc import Awaitable, Callable

from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import NAME_TAKEN

type Derive = Callable[[str, bytes], Awaitable[bytes]]
"""Makes the slow hash of a text with a salt; `kit.auth.passwords.Passwords.derive` is one."""

_SALT = "select value from auth.secret where name = 'names'"
_KNOWN = "select exists (select from auth.reserved_name where hash = $1)"
_RESERVE = "insert into auth.reserved_name (hash) values ($1) on conflict do nothing"


async def salt_of_names(connection: Connection) -> bytes:
    """Return what all hashes of names are made with."""
    salt: bytes = await connection.fetchval(_SALT)
    return salt


async def reserve(connection: Connection, hash_: bytes) -> None:
    """Keep a name from anyone who comes, by its hash."""
    await connection.execute(_RESERVE, hash_)


async def refuse_reserved(connection: Connection, hash_: bytes) -> None:
    """Refuse a name that is reserved; call it after the name was written, in the same transaction.

    Anyone who wrote it has waited for one who was giving it up, and sees now that it was reserved with that.

    Raises:
        Problem: 409.
    """
    if await connection.fetchval(_KNOWN, hash_):
        raise Problem(NAME_TAKEN)
