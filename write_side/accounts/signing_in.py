"""Signing in with a password: a session, an access token, and a refresh token that makes the next ones."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.auth.identity import CHALLENGE
from kit.auth.roles import Client
from kit.auth.tokens import ORDINARY, mint
from kit.errors import Problem, ProblemType
from kit.limits.catalog import REFRESH
from kit.postgres.connect import Connection
from write_side.accounts.addresses import mail_address
from write_side.accounts.audit import note
from write_side.accounts.factors.second import Then, require_second
from write_side.accounts.guessing import has_shown, may_try
from write_side.accounts.mail.queue import tell_owner
from write_side.accounts.problem_types import INVALID_ADDRESS, REFRESH_REFUSED, SIGN_IN_REFUSED
from write_side.accounts.sessions import open_session
from write_side.accounts.work import AccountWork

IDLE = timedelta(days=7)
"""Time after which a session that was not renewed ends."""

LONGEST = timedelta(days=30)
"""Time after which it is not renewed any more."""

GRACE = timedelta(seconds=10)
"""Time in which a used token gives the same successor: the answer with it may have been lost."""

AGENT_LENGTH = 200

_TOKEN = re.compile(r"fjr_[A-Za-z0-9_-]{43}")

_KNOWN = """
select id, password, disabled_at is not null as disabled from auth.account where email_key = $1"""

_RENEWABLE = """
update auth.session set secret = $2, ends_at = clock_timestamp() + $3, seen_at = clock_timestamp(), agent = $4
 where id = $1"""

_STILL = """
select true from auth.account where id = $1 and password = $2 and disabled_at is null for no key update"""

_ADD = "insert into auth.refresh (sha256, session, number) values ($1, $2, $3)"

_SESSION = """
select s.id, s.account, s.secret
  from auth.refresh r join auth.session s on s.id = r.session join auth.account a on a.id = s.account
 where r.sha256 = $1 and s.revoked_at is null and s.expires_at > clock_timestamp() and a.disabled_at is null
 for no key update of s"""
"""Who uses tokens of the session at the same time waits here, and sees afterwards what became of them."""

_USABLE = """
select r.number, r.used_at is null as unused,
       clock_timestamp() between r.used_at and r.used_at + $2 and not exists (
         select from auth.refresh later where later.session = r.session and later.number > r.number
            and later.used_at is not null) as again
  from auth.refresh r where r.sha256 = $1"""

_USE = "update auth.refresh set used_at = clock_timestamp() where sha256 = $1"

_RENEW = """
update auth.session set seen_at = clock_timestamp(), expires_at = least(ends_at, clock_timestamp() + $2)
 where id = $1"""

_END = "update auth.session set revoked_at = clock_timestamp(), why = 'token-used-twice' where id = $1"


class NewTokens(NamedTuple):
    """What a client that has signed in goes on with."""

    account: UUID
    session: UUID
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token is good for."""


async def sign_in(
    work: AccountWork, *, email: str, password: str, client: Client, agent: str, place: str, code: str = ""
) -> NewTokens:
    """Open a session for the account of an address.

    Args:
        work: what commands of accounts work with.
        email: the address.
        password: as it was typed.
        client: which kind of client it is for.
        agent: the client as it calls itself.
        place: the address that counts as the client's.
        code: of the second factor, where the account has one.

    Raises:
        Problem: 401, 403 without the right code, 429 after too many tries, 503 when too many sign in.
    """
    open_ = partial(opened, client=client, agent=agent)
    account, (session, token) = await proven(work, email, password, open_, place=place, code=code)
    return with_tokens(work, account, session, token)


async def proven[T](
    work: AccountWork, email: str, password: str, then: Then[T], *, place: str, code: str = ""
) -> tuple[UUID, T]:
    """Do something for the account of an address once its password was compared, and return both.

    An unknown address, an account without a password and a wrong password are refused alike, after as long.

    Args:
        work: what commands of accounts work with.
        email: the address.
        password: as it was typed.
        then: done once they fit.
        place: the address that counts as the client's.
        code: of the second factor, where the account has one.

    Raises:
        Problem: 401, 403 without the right code, 429 after too many tries, 503 when too many sign in.
    """
    try:
        key = mail_address(email).key
    except Problem as refused:
        if refused.type != INVALID_ADDRESS.name:
            raise
        key = ""
    meant = key or email.casefold()
    strange = await may_try(work.limits, meant, place)
    async with work.transaction() as connection:
        known = await connection.fetchrow(_KNOWN, key)
    stored: str | None = known["password"] if known else None
    fits = await work.passwords.fits(password, stored)
    if stored is None or not fits or known["disabled"]:
        if known:
            work.wrong_guesses.add(known["id"])
        raise _refused(SIGN_IN_REFUSED)
    better = await work.passwords.hash(password) if work.passwords.outdated(stored) else None
    async with work.transaction() as connection:
        if not await connection.fetchval(_STILL, known["id"], stored):
            raise _refused(SIGN_IN_REFUSED)  # it was changed, or the account shut out, meanwhile
        if better:
            await connection.execute(
                "update auth.account set password = $2 where id = $1", known["id"], better
            )
        strong = await require_second(connection, known["id"], code)
        done = await then(connection, known["id"], strong)
    await has_shown(work.limits, meant, place, strange=strange)
    return known["id"], done


async def opened(
    connection: Connection,
    account: UUID,
    strong: bool,  # noqa: FBT001 - as `Then`
    *,
    client: Client,
    agent: str,
) -> tuple[UUID, str]:
    """Open a session that can be renewed, and return its id and its first refresh token.

    Args:
        connection: in a transaction that holds the account, which has shown who it is and is not shut out.
        account: whose.
        strong: whether a second factor was shown.
        client: which kind of client it is for.
        agent: the client as it calls itself.
    """
    session = await open_session(
        connection, account, expires=clock.now() + IDLE, actor=account, client=client, strong=strong
    )
    token = f"fjr_{secrets.token_urlsafe(32)}"
    await connection.execute(_RENEWABLE, session, secrets.token_bytes(32), LONGEST, agent[:AGENT_LENGTH])
    await connection.execute(_ADD, _digest(token), session, 1)
    return session, token


async def refresh(work: AccountWork, token: str) -> NewTokens:
    """Return the next tokens of a session; a token that was used before ends the session.

    Of many who use a token within ten seconds, all get the same next one.

    Raises:
        Problem: 401, the session has ended, or ends now; 429, the account does this too often.
    """
    if not _TOKEN.fullmatch(token):
        raise _refused(REFRESH_REFUSED)
    async with work.transaction() as connection:
        session = await connection.fetchrow(_SESSION, _digest(token))
        if session is not None:
            work.limits.counted(REFRESH, {"account": str(session["account"])})
        usable = None if session is None else await connection.fetchrow(_USABLE, _digest(token), GRACE)
        good = usable is not None and (usable["unused"] or usable["again"])
        if usable is not None and usable["unused"]:
            await connection.execute(_USE, _digest(token))
            successor = _digest(_successor(session["secret"], token))
            await connection.execute(_ADD, successor, session["id"], usable["number"] + 1)
            await connection.execute(_RENEW, session["id"], IDLE)
        elif session is not None and not good:
            await _used_twice(connection, session["id"], session["account"])
    if not good:
        if session is not None:
            work.post.mail_was_left()
        raise _refused(REFRESH_REFUSED)
    return with_tokens(work, session["account"], session["id"], _successor(session["secret"], token))


async def _used_twice(connection: Connection, session: UUID, account: UUID) -> None:
    """End a session of which somebody has a copy, and tell its owner."""
    await connection.execute(_END, session)
    facts = {"session": str(session)}
    await note(connection, "refresh.reused", account, actor=None, facts=facts)
    await tell_owner(connection, "token-used-twice", account)


def _refused(type_: ProblemType) -> Problem:
    return Problem(type_, headers={"WWW-Authenticate": CHALLENGE})


def with_tokens(work: AccountWork, account: UUID, session: UUID, token: str) -> NewTokens:
    """Return what a client goes on with, given the session that is its own and the next refresh token."""
    access = mint(work.settings.key, account, session, ORDINARY, clock.now())
    return NewTokens(account, session, access, token, int(ORDINARY.total_seconds()))


def _successor(secret: bytes, token: str) -> str:
    """Return the token that comes after one: the same each time, and nobody's guess without both."""
    made = hmac.digest(secret, token.encode(), hashlib.sha256)
    return f"fjr_{urlsafe_b64encode(made).rstrip(b'=').decode()}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
