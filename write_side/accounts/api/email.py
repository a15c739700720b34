"""Changing the e-mail address of one's own, and taking it back."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field

from kit.auth.identity import Caller, require_fresh, requires
from kit.auth.passwords import LONGEST
from kit.auth.roles import Identity
from kit.http.requests.body import Body
from kit.limits.catalog import CODE, EMAIL_CHANGE, PASSWORD_CHANGE
from kit.problem_types import TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import (
    GONE,
    SENT,
    Code,
    Email,
    MailSent,
    account_route,
    private,
    work_of,
)
from write_side.accounts.own.email import ask_for_email, set_email, undo_email
from write_side.accounts.problem_types import CODE_INVALID, INVALID_ADDRESS, WRONG_PASSWORD


class EmailChange(Body):
    """The address that the account shall have, and the proof that it is you."""

    email: Email
    password: Annotated[str, Field(max_length=LONGEST)] = ""
    """Of the account. Where it has none, who you are has to be shown within the last minutes."""


class EmailCode(Body):
    """The code of the mail."""

    code: Code


async def change_my_email(
    who: Annotated[Identity, Depends(requires(proof="forced"))], request: Request, body: EmailChange
) -> Response:
    """Send a mail with a code to the new address. The answer is the same where it is another account's."""
    work = work_of(request)
    await work.limits.count(PASSWORD_CHANGE, {"account": str(who.account)})
    otherwise = partial(require_fresh, request, who)
    await ask_for_email(work, who, email=body.email, password=body.password, otherwise=otherwise)
    return private(MailSent(mail="sent"), 202)


async def confirm_my_email(who: Caller, request: Request, body: EmailCode) -> Response:
    """Give your account the address that the code was sent to; the former one is told how to take it back.

    The code of another account is not taken: following a link opens nobody's account with your address.
    """
    await set_email(work_of(request), who, code=body.code)
    return private(None, 204)


async def restore_my_email(request: Request, body: EmailCode) -> Response:
    """Give the account its former address back. The password is set again by mail.

    Sessions, tokens of programs and links to providers end: they may be of anyone who changed the address.
    """
    await undo_email(work_of(request), code=body.code)
    return private(None, 204)


EMAIL_ROUTES = (
    account_route(
        "PUT /v1/me/email",
        change_my_email,
        tag="me",
        summary="Change your address",
        name="change_email",
        told=SENT,
        refuses=(WRONG_PASSWORD, INVALID_ADDRESS, TOO_MANY_PASSWORDS),
        status=202,
        limit=EMAIL_CHANGE,
    ),
    account_route(
        "POST /v1/me/email/confirmation",
        confirm_my_email,
        tag="me",
        summary="Confirm your new address",
        name="confirm_email",
        told=GONE,
        refuses=(CODE_INVALID,),
        status=204,
        limit=CODE,
    ),
    account_route(
        "POST /v1/email-codes/undo",
        restore_my_email,
        tag="me",
        summary="Take your former address back",
        name="restore_email",
        told=GONE,
        refuses=(CODE_INVALID,),
        status=204,
        limit=CODE,
    ),
)
