"""What becomes of somebody for whom a provider vouches: a session, a new account with one, or a link."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from events.account import AccountRegistered
from events.base import Locale
from kit.auth.names import name_key
from kit.auth.roles import Identity
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.text import line
from write_side.accounts.addresses import MailAddress, mail_address
from write_side.accounts.audit import note
from write_side.accounts.browser.sessions import new_cookie_secret, opened_in_browser
from write_side.accounts.erasure.reserved import refuse_reserved
from write_side.accounts.factors.second import has_app
from write_side.accounts.problem_types import (
    ADDRESS_KNOWN,
    FACTOR_NEEDED,
    PROVIDER_REFUSED,
    SIGN_IN_REFUSED,
)
from write_side.accounts.providers.attempts import begin, take
from write_side.accounts.providers.identities import account_of, add_identity, link
from write_side.accounts.providers.settings import ProviderName
from write_side.accounts.providers.vouched import CameBack, Vouched
from write_side.accounts.registration import require_open
from write_side.accounts.work import AccountWork

TRIES = 20
"""Names that are tried for a new account before it gets one of chance."""

_OPEN = """
insert into auth.account (id, name, name_key, email, email_key, locale)
values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning true"""

_ADDRESS = "select exists (select from auth.account where email_key = $1)"


class _Meanwhile(Exception):  # noqa: N818 - what happened
    """The same person came back twice at once, and the other request opened the account."""


class _Newcomer(NamedTuple):
    """What an account is opened with."""

    name: str
    reserved: bytes
    """The hash under which somebody who was erased may keep the name."""
    address: MailAddress | None
    locale: Locale


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where a browser goes on, and with what."""

    next: str
    """Path of the site."""
    session: UUID | None
    """Opened just now; None: it had one, which goes on."""
    secret: str
    """Of the cookie of that session; empty without one."""


async def send_away(
    work: AccountWork, name: str, browser: str, *, locale: Locale, next_: str, who: Identity | None = None
) -> str:
    """Return the provider's address that a browser is sent to.

    Args:
        work: what commands of accounts work with.
        name: of the provider.
        browser: the secret of its cookie.
        locale: the language of an account that may be opened.
        next_: path of the site where it goes afterwards.
        who: asks for a link; None: somebody signs in.

    Raises:
        Problem: 404, the provider is not offered; 503, it is away.
    """
    provider = work.providers.of(name)
    account, session = (who.account, who.session) if who else (None, None)
    async with work.transaction() as connection:
        begun = await begin(
            connection, provider.NAME, browser, locale=locale, next_=next_, account=account, session=session
        )
    return await provider.address_of(begun)


async def let_in(
    work: AccountWork, name: str, browser: str, came: CameBack, *, agent: str, former: str | None = None
) -> Arrived:
    """Decide about somebody who came back from a provider.

    Args:
        work: what commands of accounts work with.
        name: of the provider.
        browser: the secret of the browser's cookie.
        came: what it brought.
        agent: the browser as it calls itself.
        former: the secret in the cookie of a session that it sent; that session ends.

    Raises:
        Problem: 404, the provider is not offered; 409, the attempt is over, or the address or identity is
            another account's; 403, the provider does not vouch for him, or no accounts are opened; 401, the
            account is shut out, or the session of a link has ended; 503, the provider is away.
    """
    provider = work.providers.of(name)
    async with work.transaction() as connection:
        attempt = await take(connection, provider.NAME, browser, came.state)
    if not came.code:
        raise Problem(PROVIDER_REFUSED)
    vouched = await provider.vouched(came, attempt.verifier, attempt.nonce)
    new = None if attempt.account else await _newcomer(work, provider.NAME, vouched, attempt.locale)
    async with work.transaction() as connection:
        if attempt.account is not None:
            await link(connection, attempt.account, attempt.session, provider.NAME, vouched.subject)
            arrived = Arrived(attempt.next, None, "")
        else:
            account = await _account_for(connection, provider.NAME, vouched.subject, new)
            if await has_app(connection, account):  # of which nobody asks for a code on the way back
                raise Problem(FACTOR_NEEDED)
            secret = new_cookie_secret()
            session = await opened_in_browser(
                connection, account, strong=False, secret=secret, agent=agent, former=former
            )
            arrived = Arrived(attempt.next, session, secret)
    work.post.mail_was_left()
    return arrived


async def _newcomer(
    work: AccountWork, provider: ProviderName, vouched: Vouched, locale: Locale
) -> _Newcomer | None:
    """Return what an account is opened with; None: there is one.

    Raises:
        Problem: 403, no accounts are opened, or by invitation alone.
    """
    async with work.transaction() as connection:
        if await account_of(connection, provider, vouched.subject) is not None:
            return None
    require_open(work.settings.registration)
    name = _usable(vouched.name)
    reserved = await work.hash_of_name(name_key(name)) if name else b""
    return _Newcomer(name, reserved, _address(vouched.email), locale)


async def _account_for(
    connection: Connection, provider: ProviderName, subject: str, new: _Newcomer | None
) -> UUID:
    """Return the account that somebody comes in to, opened now when he has none."""
    found = await account_of(connection, provider, subject)
    if found is None and new is not None:
        with suppress(_Meanwhile):
            async with connection.transaction():
                await _open(connection, provider, subject, new)
        found = await account_of(connection, provider, subject)
    if found is None or found[1]:
        raise Problem(SIGN_IN_REFUSED)
    return found[0]


async def _open(connection: Connection, provider: ProviderName, subject: str, new: _Newcomer) -> None:
    """Open an account for somebody who has none, unless another request did so meanwhile."""
    if new.address is not None and await connection.fetchval(_ADDRESS, new.address.key):
        raise Problem(ADDRESS_KNOWN)
    account = await _inserted(connection, new)
    if not await add_identity(connection, account, provider, subject):
        raise _Meanwhile
    facts = {"provider": provider}
    await note(connection, "account.created", account, actor=account, facts=facts, event=AccountRegistered())


async def _inserted(connection: Connection, new: _Newcomer) -> UUID:
    """Insert an account under the name that somebody has elsewhere, or one like it that nobody has here."""
    account, (written, key) = new_id(), new.address or (None, None)

    async def inserted(name: str) -> bool:
        return bool(await connection.fetchval(_OPEN, account, name, name_key(name), written, key, new.locale))

    if new.name:
        with suppress(Problem):
            async with connection.transaction():
                if await inserted(new.name):
                    await refuse_reserved(connection, new.reserved)
                    return account
    likes = [f"{new.name[:95]} {number}" for number in range(2, TRIES)] if new.name else []
    for name in [*likes, f"{new.name[:80]} {secrets.token_hex(4)}".strip()]:
        if await inserted(name):
            return account
    raise Problem(ADDRESS_KNOWN)


def _address(email: str) -> MailAddress | None:
    try:
        return mail_address(email) if email else None
    except Problem:
        return None


def _usable(name: str) -> str:
    """Return a name as ours may be, or nothing when it cannot be one."""
    try:
        shown = line(name)
        name_key(shown)
    except (ValueError, Problem):
        return ""
    return shown
