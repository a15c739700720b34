"""A new account: asked for by anybody, opened by who reads the mail to its address and knows its password.

Until then there is no account, only a code and what it was asked for with. So nobody can hold an address that
is another's, and the answer, its time and the fact of a mail are the same whether an address is known or not.
The password is asked for again with the code: else a stranger could ask for an account with your address and
a password of his, and you would open it for him by following the link in the mail.
"""

from typing import NamedTuple
from uuid import UUID

from events.account import AccountRegistered
from events.base import Locale
from kit.auth.names import name_key
from kit.auth.passwords import check_password
from kit.errors import Problem, ProblemType
from kit.ids import new_id, parse_id
from kit.limits.catalog import REGISTRATION_MAIL
from write_side.accounts.addresses import MailAddress, mail_address
from write_side.accounts.admin.rights import grant
from write_side.accounts.audit import note
from write_side.accounts.codes import look_at_code, make_code, use_code
from write_side.accounts.erasure.reserved import refuse_reserved
from write_side.accounts.invitations.using import Invitation, look_at_invitation, use_invitation
from write_side.accounts.locks import administrators_change
from write_side.accounts.mail.queue import queue_mail
from write_side.accounts.problem_types import (
    ADDRESS_KNOWN,
    CODE_INVALID,
    INVITATION_NEEDED,
    NAME_TAKEN,
    REGISTRATION_CLOSED,
    WEAK_PASSWORD,
    WRONG_PASSWORD,
)
from write_side.accounts.work import AccountWork, Registration

_STATE = """
select exists (select from auth.account where name_key = $1) as name_taken,
       (select locale from auth.account where email_key = $2) as known"""

_OPEN = """
insert into auth.account (id, name, name_key, email, email_key, password, locale)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id"""


class _Asked(NamedTuple):
    """What an account is opened with, as it stands in the facts of a code, too."""

    name: list[str]
    """As it is shown, and as it is compared."""
    email: list[str]
    """As it is used, and as it is compared."""
    password: str
    """Its hash."""
    locale: Locale


def require_open(registration: Registration, invited: Invitation | None = None) -> None:
    """Refuse an account to whom none is opened. An administrator is invited by the operator in any case.

    Raises:
        Problem: 403.
    """
    if registration == "open" or (invited is not None and invited.actor is None):
        return
    if registration == "off":
        raise Problem(REGISTRATION_CLOSED)
    if invited is None:
        raise Problem(INVITATION_NEEDED)


async def register(
    work: AccountWork, *, name: str, email: str, password: str, locale: Locale | None, invitation: str = ""
) -> UUID | None:
    """Send a code to an address, or, where it has an account, say so there.

    Who has an invitation that was sent to the address reads its mail: his account is opened at once.

    Args:
        work: what commands of accounts work with.
        name: display name of the account.
        email: its address.
        password: as it will be typed.
        locale: the language of mails to it; None: that of the invitation, or English.
        invitation: a code that somebody was given.

    Returns:
        The account that was opened, or None: a mail is on its way.

    Raises:
        Problem: 403 when no accounts are opened, or by invitation alone, 409 for a name that is taken (names
            are public), an invitation that is not good, or one to an address that has an account, 422 for a
            bad name, address or password, 429 when this address was sent enough, 503 when too much is going
            on.
    """
    key, address = name_key(name), mail_address(email)
    invited = await _invited(work, invitation, address)
    acceptable(password, name, address.written)
    at_once = invited is not None and invited.address is not None
    if not at_once:
        await work.limits.count(REGISTRATION_MAIL, {"mail": address.key})
    hashed, reserved = await work.passwords.hash(password), await work.hash_of_name(key)
    language = locale or (invited.locale if invited else "en")
    asked = _Asked([name, key], list(address), hashed, language)
    if at_once:
        return await _opened(work, asked, reserved, invitation=invited and invited.id, taken=ADDRESS_KNOWN)
    facts = asked._asdict() | ({"invitation": str(invited.id)} if invited else {})
    async with work.transaction() as connection:
        state = await connection.fetchrow(_STATE, key, address.key)
        if state["name_taken"]:
            raise Problem(NAME_TAKEN)
        await refuse_reserved(connection, reserved)
        code = await make_code(connection, "registration", facts=facts)
        if state["known"] is None:
            await queue_mail(connection, "registration", address.written, language, code=code)
        else:
            await queue_mail(connection, "known", address.written, state["known"])
    work.post.mail_was_left()
    return None


async def confirm(work: AccountWork, code: str, *, password: str, name: str = "") -> UUID:
    """Open the account that a code was sent for, and return its id.

    Args:
        work: what commands of accounts work with.
        code: from the mail.
        password: that the account was asked for with.
        name: another display name, where somebody has taken the first one meanwhile.

    Raises:
        Problem: 409 for a code or an invitation that is not good, or a name that is taken, 403 for another
            password, which leaves the code as it is, or when no accounts are opened any more, 422 for a bad
            name, 503 when too much is going on.
    """
    async with work.transaction() as connection:
        facts = (await look_at_code(connection, "registration", code)).facts
    invitation = parse_id(facts.pop("invitation", ""))
    asked = _Asked(**facts)
    if not await work.passwords.fits(password, asked.password):
        raise Problem(WRONG_PASSWORD, "The account was asked for with another password. Ask for it again.")
    if name:
        asked = asked._replace(name=[name, name_key(name)])
    reserved = await work.hash_of_name(asked.name[1])
    return await _opened(work, asked, reserved, invitation=invitation, taken=CODE_INVALID, code=code)


async def _opened(
    work: AccountWork,
    asked: _Asked,
    reserved: bytes,
    *,
    invitation: UUID | None,
    taken: ProblemType,
    code: str = "",
) -> UUID:
    """Open an account, and return its id.

    Args:
        work: what commands of accounts work with.
        asked: what it is opened with.
        reserved: the hash under which somebody who was erased may keep the name.
        invitation: that is used up with it.
        taken: how it is refused where the address has an account.
        code: that is used up with it, if the address was confirmed by one.
    """
    account = new_id()
    async with work.transaction() as connection:
        if invitation is not None:
            await administrators_change(connection)
        if code:
            await use_code(connection, "registration", code)
        invited = None if invitation is None else await use_invitation(connection, invitation, account)
        require_open(work.settings.registration, invited)
        made = await connection.fetchval(
            _OPEN, account, *asked.name, *asked.email, asked.password, asked.locale
        )
        if made is None:
            state = await connection.fetchrow(_STATE, asked.name[1], asked.email[1])
            raise Problem(taken if state["known"] else NAME_TAKEN)
        await refuse_reserved(connection, reserved)
        how = {} if invited is None else {"invitation": str(invited.id)}
        await note(
            connection, "account.created", account, actor=account, facts=how, event=AccountRegistered()
        )
        if invited is not None and invited.role is not None:
            await grant(connection, account, invited.role, actor=invited.actor, reason=invited.reason)
    return account


async def _invited(work: AccountWork, code: str, address: MailAddress) -> Invitation | None:
    """Return what a code invites to.

    Raises:
        Problem: 403 when no accounts are opened, 409 for an invitation that is not good.
    """
    invited = None
    if code:
        async with work.transaction() as connection:
            invited = await look_at_invitation(connection, code, address)
    require_open(work.settings.registration, invited)
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
