"""Links of accounts to users of Telegram: made with a code that its owner gives to the bot."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kit.auth.roles import Identity
from kit.errors import Problem
from kit.ids import new_id
from kit.postgres.connect import Connection
from kit.problem_types import NOT_FOUND
from write_side.accounts.audit import note
from write_side.accounts.codes import digest, look_at_code, make_code, use_code
from write_side.accounts.factors.second import require_shown
from write_side.accounts.locks import hold
from write_side.accounts.mail.queue import tell_owner
from write_side.accounts.problem_types import CODE_INVALID, TELEGRAM_LINKED
from write_side.accounts.sessions import require_enabled

LINK_CODE_LIVES = timedelta(minutes=10)

_STRONG = "select strong from auth.session where id = $1"

_FORMER_CODES = "delete from auth.code where account = $1 and purpose = 'telegram'"

_LINK = """
insert into auth.telegram (id, account, telegram_user, strong, code) values ($1, $2, $3, $4, $5)
on conflict do nothing returning true"""

_SAME = "update auth.telegram set code = $3 where telegram_user = $1 and account = $2 returning true"

_BY_CODE = "select account from auth.telegram where telegram_user = $1 and code = $2"

_OF = "select telegram_user, linked_at from auth.telegram where account = $1"

_UNLINK = "delete from auth.telegram where account = $1 returning true"


class TelegramLink(NamedTuple):
    """The user of Telegram with whom an account is linked."""

    telegram_user: int
    linked_at: datetime


async def make_link_code(connection: Connection, who: Identity) -> str:
    """Return a code that links the account of somebody who is signed in, in place of former ones.

    Args:
        connection: in a transaction.
        who: asks; a second factor has to have been shown where the account has one.

    Raises:
        Problem: 401, the session has ended; 403, with the way to show a second factor.
    """
    await hold(connection, who.account)
    await require_shown(connection, who.account, who.session)
    await connection.execute(_FORMER_CODES, who.account)
    facts = {"strong": await connection.fetchval(_STRONG, who.session)}
    return await make_code(connection, "telegram", account=who.account, facts=facts, lives=LINK_CODE_LIVES)


async def link(connection: Connection, code: str, user: int) -> UUID:
    """Tie a user of Telegram to the account of a code, and tell its owner; return the account.

    What is so already stays so: a bot that did not get the answer asks again, with the same code.

    Args:
        connection: in a transaction.
        code: as the user gave it to the bot.
        user: the number by which Telegram knows him.

    Raises:
        Problem: 409, there is no such code, the account is shut out, or it or the user is linked otherwise.
    """
    if (linked := await connection.fetchval(_BY_CODE, user, digest(code))) is not None:
        return UUID(str(linked))
    known = await look_at_code(connection, "telegram", code)
    if known.account is None:
        raise Problem(CODE_INVALID)
    await require_enabled(connection, known.account)
    await use_code(connection, "telegram", code)
    strong = bool(known.facts["strong"])
    if not await connection.fetchval(_LINK, new_id(), known.account, user, strong, digest(code)):
        if not await connection.fetchval(_SAME, user, known.account, digest(code)):
            raise Problem(TELEGRAM_LINKED)
        return known.account
    await note(connection, "telegram.linked", known.account, actor=known.account, client="bot")
    await tell_owner(connection, "telegram-changed", known.account)
    return known.account


async def link_of(connection: Connection, account: UUID) -> TelegramLink | None:
    """Return the user of Telegram with whom an account is linked."""
    row = await connection.fetchrow(_OF, account)
    return None if row is None else TelegramLink(*row)


async def unlink(connection: Connection, account: UUID) -> None:
    """Let the bot no longer act for an account, and tell its owner; it acts within a second.

    Raises:
        Problem: 404, it is not linked.
    """
    await hold(connection, account)
    if not await connection.fetchval(_UNLINK, account):
        raise Problem(NOT_FOUND, "Your account is not linked with Telegram.")
    await note(connection, "telegram.unlinked", account, actor=account)
    await tell_owner(connection, "telegram-changed", account)
