"""What is known of somebody who was sent to a provider: for ten minutes, to be used once, by his browser.

Each attempt is a row of its own, so that several tabs can be on their way at the same time.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from events.base import Locale
from kit.errors import Problem
from kit.postgres.connect import Connection
from write_side.accounts.problem_types import ATTEMPT_UNKNOWN
from write_side.accounts.providers.settings import ProviderName

ATTEMPT_LIVES = timedelta(minutes=10)

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

_KEEP = """
insert into auth.attempt
       (state, provider, browser, verifier, nonce, account, session, locale, next, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10)"""

_TAKE = """
delete from auth.attempt
 where state = $1 and provider = $2 and browser = $3 and expires_at > clock_timestamp()
returning verifier, nonce, account, session, locale, next"""


class Attempt(NamedTuple):
    """What was decided when somebody was sent away."""

    verifier: str
    """Proves to the provider that who began also ends (RFC 7636)."""
    nonce: str
    """Stands in the provider's answer to this attempt alone."""
    account: UUID | None
    """To be linked; None: to be signed in."""
    session: UUID | None
    """In which the link was asked for."""
    locale: Locale
    """Of an account that is opened for it."""
    next: str
    """Path of the site where the browser goes afterwards."""


class Begun(NamedTuple):
    """An attempt with what only the browser and the provider are told."""

    state: str
    attempt: Attempt


def new_secret() -> str:
    """Return what nobody guesses: 256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Tell whether a text could be one of ours."""
    return _SECRET.fullmatch(text) is not None


async def begin(
    connection: Connection,
    provider: ProviderName,
    browser: str,
    *,
    locale: Locale,
    next_: str,
    account: UUID | None = None,
    session: UUID | None = None,
) -> Begun:
    """Keep a new attempt.

    Args:
        connection: of a role that may write schema `auth`.
        provider: where somebody is sent.
        browser: the secret of his cookie.
        locale: the language of an account that may be opened.
        next_: path of the site where he goes afterwards.
        account: to be linked; None: to be signed in.
        session: in which the link is asked for.
    """
    state = new_secret()
    attempt = Attempt(new_secret(), new_secret(), account, session, locale, next_)
    await connection.execute(_KEEP, _digest(state), provider, _digest(browser), *attempt[:6], ATTEMPT_LIVES)
    return Begun(state, attempt)


async def take(connection: Connection, provider: ProviderName, browser: str, state: str) -> Attempt:
    """Return an attempt, which cannot be taken again.

    Raises:
        Problem: 409, it is over, was another browser's, was used, or never was.
    """
    if is_secret(state) and is_secret(browser):
        row = await connection.fetchrow(_TAKE, _digest(state), provider, _digest(browser))
        if row is not None:
            return Attempt(*row)
    raise Problem(ATTEMPT_UNKNOWN)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
