"""Codes of six digits that an app shows for half a minute (RFC 6238); each is taken once."""

import re
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import FACTOR_KNOWN, FACTOR_REFUSED

ISSUER = "FrankenJet"
"""How apps call what the code is for."""

EARLIER_AND_LATER = 1
"""Steps by which the clock of the app may differ."""

_KEEP = """
insert into auth.totp (account, secret) values ($1, $2)
on conflict (account) do update set secret = excluded.secret where totp.confirmed_at is null returning true"""

_FIND = (
    "select secret, last_step from auth.totp where account = $1 and (confirmed_at is null) = $2 for update"
)

_TAKE = """
update auth.totp set last_step = $2, confirmed_at = coalesce(confirmed_at, clock_timestamp())
 where account = $1"""


class NewSecret(NamedTuple):
    """What is shown once, to be put into an app."""

    secret: str
    """Base32, to be typed."""
    address: str
    """The same as an address, for a picture that the app reads."""


async def begin(connection: Connection, account: UUID, name: str) -> NewSecret:
    """Keep a secret that counts as soon as a code of it was shown.

    Args:
        connection: in a transaction.
        account: whose.
        name: of the account, as the app shows it.

    Raises:
        Problem: 409, the account has one that counts.
    """
    import pyotp

    secret = pyotp.random_base32()
    if not await connection.fetchval(_KEEP, account, secret):
        raise Problem(FACTOR_KNOWN)
    return NewSecret(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


async def confirm(connection: Connection, account: UUID, code: str) -> None:
    """Let the secret count that `begin` made, since the app shows a code of it.

    Raises:
        Problem: 403, it is not the code, or nothing was begun.
    """
    if not await _taken(connection, account, code, unconfirmed=True):
        raise Problem(FACTOR_REFUSED)


async def is_code(connection: Connection, account: UUID, code: str) -> bool:
    """Tell whether it is the code of now, and not the last one again; the transaction takes it."""
    return await _taken(connection, account, code, unconfirmed=False)


async def remove(connection: Connection, account: UUID) -> bool:
    """Forget the secret. False: there was none."""
    return bool(await connection.fetchval("delete from auth.totp where account = $1 returning true", account))


async def _taken(connection: Connection, account: UUID, code: str, *, unconfirmed: bool) -> bool:
    import pyotp

    plain = re.sub(r"\s", "", code)
    if not re.fullmatch("[0-9]{6}", plain):
        return False
    row = await connection.fetchrow(_FIND, account, unconfirmed)
    if row is None:
        return False
    totp = pyotp.TOTP(row["secret"])
    try:
        step = totp.verify_and_get_timecode(plain, for_time=clock.now(), valid_window=EARLIER_AND_LATER)
    except pyotp.OTPVerificationError:
        return False
    if step <= row["last_step"]:
        return False
    await connection.execute(_TAKE, account, step)
    return True
