"""What somebody changes of his own account: its password, its name; and a password set again by mail."""

from typing import Self

from fastapi import Request, Response
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from events.base import Locale
from kit.auth.identity import Caller
from kit.http.addresses import address_of
from kit.http.requests.body import Body
from kit.limits.catalog import CODE, NAME_CHANGE, PASSWORD_CHANGE, PASSWORD_CODE, STEP_UP
from kit.problem_types import INVALID_NAME, NOT_FOUND, TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import (
    GONE,
    SENT,
    Code,
    Email,
    FactorCode,
    MailSent,
    Name,
    NewPassword,
    Password,
    account_route,
    private,
    work_of,
)
from write_side.accounts.api.passkey_bodies import ShownPasskey
from write_side.accounts.own.name import rename
from write_side.accounts.own.password import ask_for_password, change_password, set_password
from write_side.accounts.own.proof import prove
from write_side.accounts.problem_types import (
    ATTEMPT_UNKNOWN,
    CODE_INVALID,
    INVALID_ADDRESS,
    NAME_TAKEN,
    NO_FACTOR,
    NO_PASSWORD,
    WEAK_PASSWORD,
    WRONG_PASSWORD,
)


class OwnChange(Body):
    """What is to be another one."""

    name: Name


class PasswordChange(Body):
    """The password as it is and as it shall be."""

    old: Password
    new: NewPassword


class ForgottenPassword(Body):
    """Where the code is to be sent."""

    email: Email
    locale: Locale = "en"
    """The language of the mail, where the address has no account."""


class PasswordByCode(Body):
    """The code of the mail, and the new password."""

    code: Code
    password: NewPassword
    end_tokens: bool = False
    """Whether the tokens of your programs end, too: somebody else may have made them."""
    end_passkeys: bool = False
    """Whether your passkeys end, too: one of them may be somebody else's."""


class Proof(Body):
    """How somebody shows who he is: one of these."""

    password: Password = ""
    code: FactorCode = ""
    """Of the account's app, or for a bad day."""
    passkey: ShownPasskey | None = None
    """Of the account, with the options of `POST /v1/me/step-up/options`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = self.model_fields_set
        if len(given) != 1 or (given == {"passkey"} and self.passkey is None):
            raise PydanticCustomError("our_text", "{detail}", {"detail": "must have one of its members"})
        return self


async def step_up(who: Caller, request: Request, body: Proof) -> Response:
    """Show again who you are; for ten minutes this session may do what is dangerous.

    Five wrong proofs end the session.
    """
    await prove(work_of(request), who, body.model_dump(exclude_unset=True, by_alias=True))
    return private(None, 204)


async def change_me(who: Caller, request: Request, body: OwnChange) -> Response:
    """Change the name that is shown beside what you write."""
    await rename(work_of(request), who.account, body.name)
    return private(None, 204)


async def change_my_password(who: Caller, request: Request, body: PasswordChange) -> Response:
    """Change the password; other sessions end, and a mail tells of it."""
    await change_password(work_of(request), who, old=body.old, new=body.new)
    return private(None, 204)


async def ask_for_a_password(request: Request, body: ForgottenPassword) -> Response:
    """Send a mail with a code to an address. The answer is the same where the address has no account."""
    await ask_for_password(work_of(request), email=body.email, locale=body.locale)
    return private(MailSent(mail="sent"), 202)


async def set_a_password(request: Request, body: PasswordByCode) -> Response:
    """Set the password of the account that a code was sent to; all its sessions end. Programs go on."""
    place = address_of(request.scope)
    await set_password(
        work_of(request),
        code=body.code,
        new=body.password,
        place=place,
        end_tokens=body.end_tokens,
        end_passkeys=body.end_passkeys,
    )
    return private(None, 204)


OWN_ROUTES = (
    account_route(
        "POST /v1/me/step-up",
        step_up,
        tag="me",
        summary="Show again who you are",
        name="step_up",
        told=GONE,
        refuses=(
            WRONG_PASSWORD,
            NO_FACTOR,
            NO_PASSWORD,
            ATTEMPT_UNKNOWN,
            NOT_FOUND,
            TOO_MANY_PASSWORDS,
        ),
        status=204,
        limit=STEP_UP,
    ),
    account_route(
        "PATCH /v1/me",
        change_me,
        tag="me",
        summary="Change your account",
        name="change_me",
        told=GONE,
        refuses=(NAME_TAKEN, INVALID_NAME, TOO_MANY_PASSWORDS),
        status=204,
        limit=NAME_CHANGE,
    ),
    account_route(
        "PUT /v1/me/password",
        change_my_password,
        tag="me",
        summary="Change your password",
        name="change_password",
        told=GONE,
        refuses=(WRONG_PASSWORD, NO_PASSWORD, WEAK_PASSWORD, TOO_MANY_PASSWORDS),
        status=204,
        limit=PASSWORD_CHANGE,
    ),
    account_route(
        "POST /v1/password-codes",
        ask_for_a_password,
        tag="me",
        summary="Ask for a new password",
        name="ask_for_password",
        told=SENT,
        refuses=(INVALID_ADDRESS,),
        status=202,
        limit=PASSWORD_CODE,
    ),
    account_route(
        "POST /v1/password-codes/use",
        set_a_password,
        tag="me",
        summary="Set a new password",
        name="set_password",
        told=GONE,
        refuses=(CODE_INVALID, WEAK_PASSWORD, TOO_MANY_PASSWORDS),
        status=204,
        limit=CODE,
    ),
)
