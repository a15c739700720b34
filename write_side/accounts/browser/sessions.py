"""A session whose secret is in a browser's cookie: opened by who proves who he is, renewed by being used."""

import hashlib
import secrets
from functools import partial
from typing import NamedTuple
from uuid import UUID

from kit import clock
from kit.postgres.connect import Connection
from write_side.accounts.audit import note
from write_side.accounts.sessions import open_session
from write_side.accounts.signing_in import AGENT_LENGTH, IDLE, LONGEST, proven
from write_side.accounts.work import AccountWork

_WITH_COOKIE = """
update auth.session set cookie = $2, ends_at = clock_timestamp() + $3, seen_at = clock_timestamp(), agent = $4
 where id = $1"""

_FORMER = """
update auth.session set revoked_at = clock_timestamp(), why = 'signed-in-again'
 where cookie = $1 and revoked_at is null returning id, account"""

_RENEW = """
update auth.session set seen_at = clock_timestamp(), expires_at = least(ends_at, clock_timestamp() + $2)
 where id = $1 and cookie is not null and revoked_at is null and expires_at > clock_timestamp()
   and seen_at < clock_timestamp() - interval '1 minute'"""


class NewCookie(NamedTuple):
    """A session of a browser that was opened now."""

    account: UUID
    session: UUID
    secret: str
    """Goes into the cookie, and nowhere else."""


async def sign_in_browser(
    work: AccountWork,
    *,
    email: str,
    password: str,
    agent: str,
    place: str,
    former: str | None,
    code: str = "",
) -> NewCookie:
    """Open a session under a new secret, in place of the one that the browser has.

    Args:
        work: what commands of accounts work with.
        email: the address.
        password: as it was typed.
        agent: the browser as it calls itself.
        place: the address that counts as its.
        former: the secret in the cookie that it sent; its session ends, whosever it is.
        code: of the second factor, where the account has one.

    Raises:
        Problem: 401, 403 without the right code, 429 after too many tries, 503 when too many sign in.
    """
    secret = new_cookie_secret()

    open_ = partial(opened_in_browser, secret=secret, agent=agent, former=former)
    account, session = await proven(work, email, password, open_, place=place, code=code)
    return NewCookie(account, session, secret)


def new_cookie_secret() -> str:
    """Return what the cookie of a new session holds: 256 bits that nobody guesses."""
    return f"fjs_{secrets.token_urlsafe(32)}"


async def opened_in_browser(
    connection: Connection,
    account: UUID,
    strong: bool,  # noqa: FBT001 - as `Then`
    *,
    secret: str,
    agent: str,
    former: str | None,
) -> UUID:
    """Open a session of a browser, and return its id.

    Args:
        connection: in a transaction that holds the account, which has shown who it is and is not shut out.
        account: whose.
        strong: whether a second factor was shown.
        secret: what its cookie will hold.
        agent: the browser as it calls itself.
        former: the secret in the cookie that it sent; its session ends, whosever it is.
    """
    session = await open_session(
        connection, account, expires=clock.now() + IDLE, actor=account, client="page", strong=strong
    )
    await connection.execute(_WITH_COOKIE, session, _digest(secret), LONGEST, agent[:AGENT_LENGTH])
    if former is not None:
        await _end_former(connection, former)
    return session


async def _end_former(connection: Connection, secret: str) -> None:
    for ended in await connection.fetch(_FORMER, _digest(secret)):
        facts = {"session": str(ended["id"])}
        await note(connection, "session.replaced", ended["account"], actor=ended["account"], facts=facts)


def renew(work: AccountWork, session: UUID) -> None:
    """Let a session that is used end later; nobody waits for it."""

    async def renewing() -> None:
        async with work.transaction() as connection:
            await connection.execute(_RENEW, session, IDLE)

    work.meanwhile(renewing())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
