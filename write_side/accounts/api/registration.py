"""Opening an account: ask for it, then confirm the address with the code of the mail."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from events.base import Locale
from kit.http.refusals import Responses
from kit.http.requests.body import Body
from kit.limits.catalog import CODE, REGISTRATION
from kit.problem_types import INVALID_NAME, TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import (
    SENT,
    Code,
    Email,
    MailSent,
    Name,
    NewPassword,
    Opened,
    Password,
    account_route,
    private,
    work_of,
)
from write_side.accounts.codes import CODE_LENGTH
from write_side.accounts.problem_types import (
    ADDRESS_KNOWN,
    CODE_INVALID,
    INVALID_ADDRESS,
    INVITATION_INVALID,
    INVITATION_NEEDED,
    NAME_TAKEN,
    REGISTRATION_CLOSED,
    WEAK_PASSWORD,
    WRONG_PASSWORD,
)
from write_side.accounts.registration import confirm, register

Invited = Annotated[str, Field(max_length=CODE_LENGTH)]


class NewAccount(Body):
    """What an account is asked for with."""

    name: Name
    """Shown beside what its owner writes."""
    email: Email
    password: NewPassword
    locale: Locale | None = None
    """The language of mails; null: that of the invitation, or English."""
    invitation: Invited = ""
    """The code of an invitation."""


class Confirmation(Body):
    """The code of the mail, and the proof that it was you who asked for the account."""

    code: Code
    password: Password
    """That it was asked for with: who reads the mail opens no account with the password of a stranger."""
    name: Name = ""
    """Another name, where somebody has taken the first one meanwhile."""


async def register_account(request: Request, body: NewAccount) -> Response:
    """Send a mail with a code to an address. The answer is the same where it has an account already.

    With an invitation that was sent to the address the account is opened at once: 201.
    """
    account = await register(
        work_of(request),
        name=body.name,
        email=body.email,
        password=body.password,
        locale=body.locale,
        invitation=body.invitation,
    )
    return private(MailSent(mail="sent"), 202) if account is None else private(Opened(account=account), 201)


async def confirm_registration(request: Request, body: Confirmation) -> Response:
    """Open the account that a code was sent for, with its password.

    It may read; an administrator gives it more.
    """
    account = await confirm(work_of(request), body.code, password=body.password, name=body.name)
    return private(Opened(account=account), 201)


_OPENED: Responses = {201: {"model": Opened, "description": "It is open: sign in."}}

REGISTRATION_ROUTES = (
    account_route(
        "POST /v1/accounts",
        register_account,
        tag="accounts",
        summary="Ask for an account",
        name="register",
        told=SENT | _OPENED,
        refuses=(
            REGISTRATION_CLOSED,
            INVITATION_NEEDED,
            INVITATION_INVALID,
            ADDRESS_KNOWN,
            NAME_TAKEN,
            INVALID_NAME,
            INVALID_ADDRESS,
            WEAK_PASSWORD,
            TOO_MANY_PASSWORDS,
        ),
        status=202,
        limit=REGISTRATION,
    ),
    account_route(
        "POST /v1/accounts/confirmation",
        confirm_registration,
        tag="accounts",
        summary="Open an account",
        name="confirm_registration",
        told=_OPENED,
        refuses=(
            CODE_INVALID,
            INVITATION_INVALID,
            INVITATION_NEEDED,
            REGISTRATION_CLOSED,
            WRONG_PASSWORD,
            NAME_TAKEN,
            INVALID_NAME,
            TOO_MANY_PASSWORDS,
        ),
        status=201,
        limit=CODE,
    ),
)
