"""Somebody shows a passkey: to sign in, or to show again who he is."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth.identity import CHALLENGE
from kit.errors import Problem, ProblemType
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.erasure.erasing import Transaction
from write_side.accounts.factors.second import Then
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.passkeys.challenges import AskedIn, take_challenge
from write_side.accounts.passkeys.checking import UsedPasskey, challenge_of, from_base64url, used
from write_side.accounts.passkeys.site import PasskeySite
from write_side.accounts.problem_types import PASSKEY_REFUSED

_WHOSE = "select account from auth.passkey where credential = $1"

_OWNER = """
select email, locale from auth.account where id = $1 and disabled_at is null for no key update"""

_PASSKEY = """
select id, public_key, sign_count, can_be_copied from auth.passkey
 where credential = $1 and account = $2 for no key update"""
"""Asked once the account is held: a passkey that was removed meanwhile is not found any more."""

_USED = "update auth.passkey set sign_count = $2, copied = $3, used_at = clock_timestamp() where id = $1"


class Judged(NamedTuple):
    """What came of it."""

    account: UUID | None
    """Whose passkey it says to be; None: nobody's who may sign in."""
    good: bool


async def proven_by_passkey[T](
    transaction: Transaction,
    site: PasskeySite,
    said: Mapping[str, Any],
    asked_in: AskedIn,
    then: Then[T],
) -> tuple[UUID, T]:
    """Do something for the account of a passkey once it has signed, and return both.

    An unknown passkey and a wrong signature are refused alike.

    Args:
        transaction: lends connections.
        site: for which the passkey is.
        said: what the browser gave.
        asked_in: where the challenge has to have been asked for.
        then: done once it fits; a passkey shows a second factor as well.

    Raises:
        Problem: 401, or 409 for a challenge that is over.
    """
    challenge = await taken(transaction, said, asked_in, PASSKEY_REFUSED)
    async with transaction() as connection:
        judged = await judge(connection, site, said, challenge)
        if judged.account is not None and judged.good:
            return judged.account, await then(connection, judged.account, True)  # noqa: FBT003 - see `Then`
        if judged.account is not None:
            facts = {"by": "passkey"}
            await note(connection, "sign-in.refused", judged.account, actor=None, facts=facts)
    raise Problem(PASSKEY_REFUSED, headers={"WWW-Authenticate": CHALLENGE})


async def taken(
    transaction: Transaction, said: Mapping[str, Any], asked_in: AskedIn, unreadable: ProblemType
) -> bytes:
    """Return the challenge that an answer is to; nobody answers it again.

    Raises:
        Problem: `unreadable`, none can be read; 409, it is over, or is not one of this place.
    """
    challenge = challenge_of(said, unreadable)
    async with transaction() as connection:
        await take_challenge(connection, asked_in, challenge)
    return challenge


async def judge(
    connection: Connection,
    site: PasskeySite,
    said: Mapping[str, Any],
    challenge: bytes,
    *,
    account: UUID | None = None,
) -> Judged:
    """Tell whether a passkey has signed a challenge; its use is noted with the transaction.

    One whose count has gone back is refused: somebody has a copy of it, and its owner is told by mail.

    Args:
        connection: in a transaction.
        site: for which the passkey is.
        said: what the browser gave.
        challenge: taken for this.
        account: whose it has to be; None: anybody's, who is then named by the passkey itself.
    """
    try:
        credential = from_base64url(said["id"])
    except ValueError:
        return Judged(None, good=False)
    whose = await connection.fetchval(_WHOSE, credential)
    owner = await connection.fetchrow(_OWNER, whose)
    passkey = await connection.fetchrow(_PASSKEY, credential, whose)
    if owner is None or passkey is None or account not in {None, whose}:
        return Judged(None, good=False)
    if not _named(said["response"].get("userHandle"), whose, needed=account is None):
        return Judged(whose, good=False)
    try:
        now = used(
            site, said, challenge,
            public_key=passkey["public_key"], can_be_copied=passkey["can_be_copied"],
        )  # fmt: skip
    except Problem:
        return Judged(whose, good=False)
    if _went_back(now, passkey["sign_count"]):
        await note(connection, "passkey.refused", whose, actor=None, facts={"passkey": str(passkey["id"])})
        if owner["email"]:
            await queue_mail(connection, "passkey-copied", owner["email"], owner["locale"])
        return Judged(whose, good=False)
    await connection.execute(_USED, passkey["id"], now.sign_count, now.copied)
    return Judged(whose, good=True)


def _named(handle: str | None, account: UUID, *, needed: bool) -> bool:
    """Tell whether a passkey names the account that it belongs to; it may name nobody if we know whom."""
    if handle is None:
        return not needed
    try:
        return from_base64url(handle) == account.bytes
    except ValueError:
        return False


def _went_back(now: UsedPasskey, before: int) -> bool:
    """Tell whether a count has not grown; one that stays 0 does not count."""
    return (now.sign_count > 0 or before > 0) and now.sign_count <= before
