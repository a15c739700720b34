"""A password of one's own: changed by who knows it, and set again by who reads the mail to the address."""

from typing import Any
from uuid import UUID

from events.account import AccountSessionsEnded
from events.base import Locale
from kit.auth.roles import Identity
from kit.errors import Problem
from kit.limits.catalog import PASSWORD_MAIL
from kit.postgres.connect import Connection
from write_side.accounts.addresses import mail_address
from write_side.accounts.audit import note
from write_side.accounts.codes import look_at_code, make_code, use_code
from write_side.accounts.guessing import begin_again
from write_side.accounts.invitations.revoking import revoke_invitations_of
from write_side.accounts.locks import hold
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.problem_types import CODE_INVALID, NO_PASSWORD, WRONG_PASSWORD
from write_side.accounts.registration import acceptable
from write_side.accounts.work import AccountWork

_ACCOUNT = "select name, email, locale, password from auth.account where id = $1 and disabled_at is null"

_OWNER = """
select id, email, locale from auth.account
 where email_key = $1 and disabled_at is null for no key update"""
"""Anyone who changes the address at the same moment waits, and forgets the code as well, or is waited for."""

_SET = """
update auth.account set password = $2
 where id = $1 and disabled_at is null and (password = $3 or $3 is null) returning email, locale"""

_END_OTHERS = """
with ended as (
  update auth.session set revoked_at = clock_timestamp(), why = 'password-changed'
   where account = $1 and revoked_at is null and id is distinct from $2 returning 1)
select count(*) from ended"""

_END_TOKENS = """
with ended as (
  update auth.bot_token set revoked_at = clock_timestamp()
   where account = $1 and revoked_at is null and expires_at > clock_timestamp() returning 1)
select count(*) from ended"""

_END_PASSKEYS = """
with ended as (delete from auth.passkey where account = $1 returning 1) select count(*) from ended"""

_FORGET_CODES = "delete from auth.code where account = $1 and purpose in ('email', 'password')"
"""What was asked for with the former password, another address too, comes to nothing."""


async def change_password(work: AccountWork, who: Identity, *, old: str, new: str) -> None:
    """Change the password of a signed-in account, end its other sessions, and tell its owner.

    Raises:
        Problem: 403 for a wrong old one, 409 when the account has none, 422 for a weak new one.
    """
    async with work.transaction() as connection:
        known = await connection.fetchrow(_ACCOUNT, who.account)
    if known is None or known["password"] is None:
        raise Problem(NO_PASSWORD)
    acceptable(new, known["name"], known["email"] or "")
    if not await work.passwords.fits(old, known["password"]):
        raise Problem(WRONG_PASSWORD)
    hashed = await work.passwords.hash(new)
    async with work.transaction() as connection:
        owner = await _set(connection, who.account, hashed, instead=known["password"], staying=who.session)
        if owner is None:
            raise Problem(WRONG_PASSWORD)  # it is another one since it was compared
    work.post.mail_was_left()


async def ask_for_password(work: AccountWork, *, email: str, locale: Locale) -> None:
    """Send a code to an address, or say there that it has no account; both look alike from here.

    Raises:
        Problem: 422, it is no address; 429, it was sent enough.
    """
    address = mail_address(email)
    await work.limits.count(PASSWORD_MAIL, {"mail": address.key})
    async with work.transaction() as connection:
        owner = await connection.fetchrow(_OWNER, address.key)
        code = await make_code(connection, "password", account=owner and owner["id"])
        if owner is None:
            await queue_mail(connection, "unknown", address.written, locale)
        else:
            await queue_mail(connection, "password", owner["email"], owner["locale"], code=code)
    work.post.mail_was_left()


async def set_password(
    work: AccountWork,
    *,
    code: str,
    new: str,
    place: str,
    end_tokens: bool = False,
    end_passkeys: bool = False,
) -> None:
    """Set the password of the account that a code was sent to, and end all its sessions.

    With them end their refresh tokens and tickets, the links to providers that were begun in them, and what
    else was sent with a code. Programs go on, unless it is said that they do not: their owner was told of
    each of their tokens, and what forgets a password is a person.

    Args:
        work: what commands of accounts work with.
        code: from the mail.
        new: the password.
        place: the address that counts as the client's: anyone who reads the mail there may sign in there,
            however many others have tried.
        end_tokens: whether the tokens of its programs end, too.
        end_passkeys: whether its passkeys end, too.

    Raises:
        Problem: 409 for a code that is not good, 422 for a weak password.
    """
    async with work.transaction() as connection:
        of_code = (await look_at_code(connection, "password", code)).account
        known = await connection.fetchrow(_ACCOUNT, of_code)
    if known is None:
        raise Problem(CODE_INVALID)
    acceptable(new, known["name"], known["email"] or "")
    hashed = await work.passwords.hash(new)
    async with work.transaction() as connection:
        if of_code is None or not await hold(connection, of_code):
            raise Problem(CODE_INVALID)
        await use_code(connection, "password", code)
        if await _set(connection, of_code, hashed, instead=None, staying=None) is None:
            raise Problem(CODE_INVALID)
        if end_tokens:
            ended = await connection.fetchval(_END_TOKENS, of_code)
            await note(connection, "bot-tokens.ended", of_code, actor=of_code, facts={"ended": ended})
        if end_passkeys:
            ended = await connection.fetchval(_END_PASSKEYS, of_code)
            await note(connection, "passkeys.ended", of_code, actor=of_code, facts={"ended": ended})
    work.post.mail_was_left()
    if known["email"]:
        await begin_again(work.limits, mail_address(known["email"]).key, place)


async def _set(
    connection: Connection, account: UUID, hashed: str, *, instead: str | None, staying: UUID | None
) -> Any:
    """Set a password, end sessions, tell the owner, and return his address; None: nothing was done.

    Args:
        connection: in a transaction.
        account: whose.
        hashed: the new one.
        instead: the hash that it takes the place of; None: of any.
        staying: the session that goes on, if one does.
    """
    owner = await connection.fetchrow(_SET, account, hashed, instead)
    if owner is None:
        return None
    await connection.execute(_FORGET_CODES, account)
    await revoke_invitations_of(connection, account)
    ended = await connection.fetchval(_END_OTHERS, account, staying)
    event = AccountSessionsEnded() if ended else None
    await note(connection, "password.changed", account, actor=account, facts={"ended": ended}, event=event)
    if owner["email"]:
        await queue_mail(connection, "password-changed", owner["email"], owner["locale"])
    return owner
