"""A new account: asked for by anybody, opened by who reads the mail to its address and knows its password.

Until then there is no account, only a code and what it was asked for with. So nobody can hold an address that
is another's, and the answer, its time and the fact of a mail are the same whether an address is known or not.
The password is asked for again with the code: else a stranger could ask for an account with your address and
a password of his, and you would open it for him by following the link in the mail.
"""

from typing import Any
from uuid import UUID

from events.account import AccountRegistered
from events.base import Locale
from kit.auth.names import name_key
from kit.auth.passwords import check_password
from kit.errors import Problem
from kit.ids import new_id
from kit.limits.catalog import REGISTRATION_MAIL
from write_side.accounts.addresses import MailAddress, mail_address
from write_side.accounts.admin.rights import grant
from write_side.accounts.audit import note
from write_side.accounts.codes import look_at_code, make_code, use_code
from write_side.accounts.erasure.reserved import refuse_reserved
from write_side.accounts.invitations import Invitation, look_at_invitation, use_invitation
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.problem_types import (
    CODE_INVALID,
    NAME_TAKEN,
    REGISTRATION_CLOSED,
    WEAK_PASSWORD,
    WRONG_PASSWORD,
)
from write_side.accounts.work import AccountWork

_STATE = """
select exists (select from auth.account where name_key = $1) as name_taken,
       (select locale from auth.account where email_key = $2) as known"""

_OPEN = """
insert into auth.account (id, name, name_key, email, email_key, password, locale)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id"""


async def register(
    work: AccountWork, *, name: str, email: str, password: str, locale: Locale, invitation: str = ""
) -> None:
    """Send a code to an address, or, where it has an account, say so there.

    Args:
        work: what commands of accounts work with.
        name: display name of the account.
        email: its address.
        password: as it will be typed.
        locale: the language of mails to it.
        invitation: a code that somebody was given.

    Raises:
        Problem: 403 when no accounts are opened, 409 for a name that is taken (names are public) or an
            invitation that is not good, 422 for a bad name, address or password, 429 when this address was
            sent enough, 503 when too much is going on.
    """
    if not invitation and work.settings.registration != "open":
        raise Problem(REGISTRATION_CLOSED)
    key, address = name_key(name), mail_address(email)
    acceptable(password, name, address.written)
    invited = await _invited(work, invitation, address)
    await work.limits.count(REGISTRATION_MAIL, {"mail": address.key})
    hashed, reserved = await work.passwords.hash(password), await work.hash_of_name(key)
    facts: dict[str, Any] = {
        "name": [name, key],
        "email": list(address),
        "password": hashed,
        "locale": locale,
    }
    facts |= {"invitation": invited.id} if invited else {}
    async with work.transaction() as connection:
        state = await connection.fetchrow(_STATE, key, address.key)
        if state["name_taken"]:
            raise Problem(NAME_TAKEN)
        await refuse_reserved(connection, reserved)
        code = await make_code(connection, "registration", facts=facts)
        if state["known"] is None:
            await queue_mail(connection, "registration", address.written, locale, code=code)
        else:
            await queue_mail(connection, "known", address.written, state["known"])
    work.post.mail_was_left()


async def confirm(work: AccountWork, code: str, *, password: str, name: str = "") -> UUID:
    """Open the account that a code was sent for, and return its id.

    Args:
        work: what commands of accounts work with.
        code: from the mail.
        password: that the account was asked for with.
        name: another display name, where somebody has taken the first one meanwhile.

    Raises:
        Problem: 409 for a code or an invitation that is not good, or a name that is taken, 403 for another
            password, which leaves the code as it is, 422 for a bad name, 503 when too much is going on.
    """
    account, other = new_id(), [name, name_key(name)] if name else None
    async with work.transaction() as connection:
        asked = (await look_at_code(connection, "registration", code)).facts
    if not await work.passwords.fits(password, asked["password"]):
        raise Problem(WRONG_PASSWORD, "The account was asked for with another password. Ask for it anew.")
    reserved = await work.hash_of_name((other or asked["name"])[1])
    async with work.transaction() as connection:
        facts = (await use_code(connection, "registration", code)).facts
        invited = await use_invitation(connection, facts["invitation"]) if "invitation" in facts else None
        shown, address = other or facts["name"], facts["email"]
        made = await connection.fetchval(_OPEN, account, *shown, *address, facts["password"], facts["locale"])
        if made is None:
            state = await connection.fetchrow(_STATE, shown[1], address[1])
            raise Problem(CODE_INVALID if state["known"] else NAME_TAKEN)
        await refuse_reserved(connection, reserved)
        how = {"invitation": invited.id} if invited else {}
        await note(
            connection, "account.created", account, actor=account, facts=how, event=AccountRegistered()
        )
        if invited is not None and invited.role is not None:
            await grant(connection, account, invited.role, actor=None, reason=invited.reason)
    return account


async def _invited(work: AccountWork, code: str, address: MailAddress) -> Invitation | None:
    """Return what a code invites to; administrators are invited by the operator, whoever may register.

    Raises:
        Problem: 403 when no accounts are opened, 409 for an invitation that is not good.
    """
    if not code:
        return None
    async with work.transaction() as connection:
        invited = await look_at_invitation(connection, code, address)
    if work.settings.registration == "off" and invited.role is None:
        raise Problem(REGISTRATION_CLOSED)
    return invited


def acceptable(password: str, *known: str) -> None:
    """Refuse a password that is short, or easy for somebody who knows this much.

    Raises:
        Problem: 422.
    """
    try:
        check_password(password, known)
    except ValueError as error:
        errors = [{"pointer": "/password", "detail": str(error)}]
        raise Problem(WEAK_PASSWORD, errors=errors) from None
