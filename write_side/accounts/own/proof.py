"""Somebody who has signed in shows again who he is, before he does what is dangerous.

A proof holds for ten minutes, by the clock of the database. Each way to give one is a field of the request: a
password, a code of the app or for a bad day, a passkey. A session may be shown five wrong ones; then it ends.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kit.auth.identity import CHALLENGE
from kit.auth.roles import Identity
from kit.errors import Problem
from kit.problem_types import TOKEN_INVALID
from write_side.accounts.audit import note
from write_side.accounts.factors.second import has_factor, shows
from write_side.accounts.locks import hold
from write_side.accounts.passkeys.challenges import AskedIn
from write_side.accounts.passkeys.own import known_passkeys
from write_side.accounts.passkeys.showing import judge, taken
from write_side.accounts.problem_types import ATTEMPT_UNKNOWN, NO_FACTOR, NO_PASSWORD, WRONG_PASSWORD
from write_side.accounts.sessions import end_session
from write_side.accounts.work import AccountWork

TRIES = 5
"""Wrong proofs that a session may be shown; the last of them ends it."""

_TRY = """
update auth.session set missed = missed + 1
 where id = $1 and revoked_at is null and missed < $2 returning missed"""
"""A try counts before it is judged, so that many at once are no more than five either."""

_NO_TRY = "update auth.session set missed = missed - 1 where id = $1 and missed > 0"

_PROVEN = """
update auth.session set proved_at = clock_timestamp(), missed = 0, strong = strong or $2
 where id = $1 and revoked_at is null"""
"""A code of the app, or a passkey, shows in any session what may have been missing when it was opened."""

_KNOWN = "select password from auth.account where id = $1 and disabled_at is null"


async def prove(work: AccountWork, who: Identity, said: Mapping[str, Any]) -> None:
    """Note that somebody has shown who he is.

    Args:
        work: what commands of accounts work with.
        who: by his session.
        said: one factor of `WAYS` and the proof.

    Raises:
        Problem: 403 for a wrong one, 401 where the session ends by it, 409 where the account has no such way.
    """
    ((factor, proof),) = said.items()
    async with work.transaction() as connection:
        tried = await connection.fetchval(_TRY, who.session, TRIES)
    try:
        good = tried is not None and await WAYS[factor](work, who, proof)
    except Problem:  # it was not judged
        async with work.transaction() as connection:
            await connection.execute(_NO_TRY, who.session)
        raise
    async with work.transaction() as connection:
        if good:
            await connection.execute(_PROVEN, who.session, factor != "password")
        else:
            await note(connection, "proof.refused", who.account, actor=who.account, facts={"by": factor})
            if tried is None or tried >= TRIES:
                await end_session(connection, who.session, actor=who.account, reason="five wrong proofs")
    if good:
        return
    if tried is None or tried >= TRIES:
        raise Problem(TOKEN_INVALID, "The session has ended.", headers={"WWW-Authenticate": CHALLENGE})
    raise Problem(WRONG_PASSWORD)


async def _by_password(work: AccountWork, who: Identity, proof: str) -> bool:
    async with work.transaction() as connection:
        stored: str | None = await connection.fetchval(_KNOWN, who.account)
    if stored is None:
        raise Problem(NO_PASSWORD)
    return await work.passwords.fits(proof, stored)


async def _by_code(work: AccountWork, who: Identity, proof: str) -> bool:
    async with work.transaction() as connection:
        await hold(connection, who.account)
        if not await has_factor(connection, who.account):
            raise Problem(NO_FACTOR)
        return await shows(connection, who.account, proof)


async def _by_passkey(work: AccountWork, who: Identity, proof: Mapping[str, Any]) -> bool:
    async with work.transaction() as connection:
        if not await known_passkeys(connection, who.account):
            raise Problem(NO_FACTOR)
    challenge = await taken(work.transaction, proof, AskedIn("proof", session=who.session), ATTEMPT_UNKNOWN)
    async with work.transaction() as connection:
        judged = await judge(connection, work.site_of_passkeys(), proof, challenge, account=who.account)
    work.post.mail_was_left()
    return judged.good


WAYS: Mapping[str, Callable[[AccountWork, Identity, Any], Awaitable[bool]]] = {
    "password": _by_password,
    "code": _by_code,
    "passkey": _by_passkey,
}
"""Factor → what judges its proof. `kit.auth.identity.FACTORS` tells callers of them."""
