"""The e-mail address of one's own: another one once its mail was read, the former one for who reads that.

Whether the new address is another account's, nobody hears but its reader: the answer and its work are the
same. Its reader has to be signed in to the account: else somebody could have his account take your address,
and you would confirm it for him by following the link in the mail.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg

from kit.auth.roles import Identity
from kit.errors import Problem
from kit.limits.catalog import EMAIL_CHANGE
from kit.postgres.connect import Connection
from write_side.accounts.addresses import mail_address
from write_side.accounts.audit import note
from write_side.accounts.codes import look_at_code, make_code, use_code
from write_side.accounts.invitations.revoking import revoke_invitations_of
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.problem_types import CODE_INVALID, WRONG_PASSWORD
from write_side.accounts.sessions import end_everything
from write_side.accounts.work import AccountWork

UNDO_LIVES = timedelta(days=7)
"""Time in which the reader of the former address can have it back."""

_ACCOUNT = """
select password, locale, exists (select from auth.account where email_key = $2 and id <> $1) as taken
  from auth.account where id = $1 and disabled_at is null"""

_NOW = """
select email, email_key, locale, exists (select from auth.account where email_key = $2 and id <> $1) as taken
  from auth.account where id = $1 and disabled_at is null for no key update"""

_SET = "update auth.account set email = $2, email_key = $3 where id = $1"

_FORGET = "delete from auth.code where account = $1 and purpose in ('email', 'password')"
"""Codes that were sent to an address that is the account's no more, or for an earlier wish."""

_FORGET_LATER = "delete from auth.code where account = $1 and purpose = 'email-undo' and made_at > $2"
"""Anyone who has the account wrongly may have changed the address again; his own way back ends."""

_UNSET = "update auth.account set password = null where id = $1"

_STILL = """
select true from auth.account
 where id = $1 and password is not distinct from $2 and disabled_at is null for no key update"""

_NO_OTHER_WAYS = (
    "delete from auth.identity where account = $1",
    "delete from auth.passkey where account = $1",
    "delete from auth.totp where account = $1",
    "delete from auth.recovery_code where account = $1",
)
"""What lets somebody in beside the password, or keeps him out; the thief may have added it."""


async def ask_for_email(
    work: AccountWork, who: Identity, *, email: str, password: str, otherwise: Callable[[], Awaitable[None]]
) -> None:
    """Send a code to the address that an account is to have.

    Args:
        work: what commands of accounts work with.
        who: by his session.
        email: the address.
        password: of the account, where it has one.
        otherwise: refuses who has none, as he came from a provider, and has not shown lately who he is.

    Raises:
        Problem: 403 for a wrong password, and whatever `otherwise` raises; 422, it is no address; 429, it was
            sent enough.
    """
    address = mail_address(email)
    async with work.transaction() as connection:
        known = await connection.fetchrow(_ACCOUNT, who.account, address.key)
    if known is None:  # it was shut out in this very moment
        raise Problem(WRONG_PASSWORD)
    if known["password"] is None:
        await otherwise()
    elif not await work.passwords.fits(password, known["password"]):
        raise Problem(WRONG_PASSWORD)
    await work.limits.count(EMAIL_CHANGE, {"mail": address.key})
    async with work.transaction() as connection:
        if not await connection.fetchval(_STILL, who.account, known["password"]):
            raise Problem(WRONG_PASSWORD)  # it is another one since it was compared
        code = await make_code(connection, "email", account=who.account, facts={"email": list(address)})
        if known["taken"]:
            await queue_mail(connection, "email-taken", address.written, known["locale"])
        else:
            await queue_mail(connection, "email", address.written, known["locale"], code=code)
    work.post.mail_was_left()


async def set_email(work: AccountWork, who: Identity, *, code: str) -> None:
    """Give an account the address that a code was sent to, and tell the former one how to take it back.

    Raises:
        Problem: 409 for a code that is not good, or another account's, or an address that has become one's.
    """
    async with work.transaction() as connection:
        known = await look_at_code(connection, "email", code)
        written, key = known.facts["email"]
        if known.account != who.account:
            raise Problem(CODE_INVALID)
        now = await connection.fetchrow(_NOW, known.account, key)
        if now is None or now["taken"]:
            raise Problem(CODE_INVALID)
        await use_code(connection, "email", code)
        await _give(connection, who.account, written, key)
        await note(connection, "email.changed", who.account, actor=who.account)
        if now["email"] is not None and now["email_key"] != key:
            former = {"email": [now["email"], now["email_key"]]}
            undo = await make_code(
                connection, "email-undo", account=who.account, facts=former, lives=UNDO_LIVES
            )
            await queue_mail(connection, "email-changed", now["email"], now["locale"], code=undo)
    work.post.mail_was_left()


async def undo_email(work: AccountWork, *, code: str) -> None:
    """Give an account its former address back: it was not its owner who changed it.

    Whatever else he may come in with ends, too: sessions, tokens of programs, links to providers, passkeys,
    an app; and since he knows its password, it has none; a mail sets another one.

    Raises:
        Problem: 409 for a code that is not good, or an address that has become another account's.
    """
    async with work.transaction() as connection:
        known = await look_at_code(connection, "email-undo", code)
        written, key = known.facts["email"]
        if known.account is None:
            raise Problem(CODE_INVALID)
        now = await connection.fetchrow(_NOW, known.account, key)
        if now is None or now["taken"]:
            raise Problem(CODE_INVALID)
        await use_code(connection, "email-undo", code)
        await _give(connection, known.account, written, key)
        await connection.execute(_FORGET_LATER, known.account, known.made_at)
        await connection.execute(_UNSET, known.account)
        for sql in _NO_OTHER_WAYS:
            await connection.execute(sql, known.account)
        await revoke_invitations_of(connection, known.account)
        await note(connection, "email.restored", known.account, actor=known.account)
        await end_everything(connection, known.account, actor=known.account, reason="took the address back")
        later = await make_code(connection, "password", account=known.account)
        await queue_mail(connection, "email-restored", written, now["locale"], code=later)
    work.post.mail_was_left()


async def _give(connection: Connection, account: UUID, written: str, key: str) -> None:
    try:
        await connection.execute(_SET, account, written, key)
    except asyncpg.UniqueViolationError:
        raise Problem(CODE_INVALID) from None  # another account has taken it at this moment
    await connection.execute(_FORGET, account)
