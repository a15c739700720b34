"""A second factor of one's own: an app that shows codes, and codes for the day when it is lost."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from kit.auth.identity import ProvenCaller
from kit.http.described import Described, example
from kit.http.requests.body import Body
from kit.limits.catalog import PASSWORD_CHANGE
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.factors import app
from write_side.accounts.problem_types import FACTOR_KNOWN, FACTOR_REFUSED, NO_FACTOR


class AppSecret(Described):
    """What is put into an app; it is told this once."""

    model_config = example(
        {
            "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "address": "otpauth://totp/FrankenJet:Anna?secret=JBSWY3DPEHPK3PXP&issuer=FrankenJet",
        }
    )

    secret: str
    """To be typed."""
    address: str
    """The same for a picture that the app reads."""


class RecoveryCodes(Described):
    """Codes for a bad day; each works once, and they are told this once."""

    model_config = example({"recovery_codes": ["abcd-efgh-jkmn-pqrs"]})

    recovery_codes: list[str]


class AppCode(Body):
    """What the app shows."""

    code: Annotated[str, Field(min_length=1, max_length=30)]


async def begin_app(who: ProvenCaller, request: Request) -> Response:
    """Begin with an app that shows codes; it counts as soon as it has shown one."""
    async with work_of(request).transaction() as connection:
        made = await app.begin(connection, who.account, who.session)
    return private(AppSecret(secret=made.secret, address=made.address))


async def confirm_app(who: ProvenCaller, request: Request, body: AppCode) -> Response:
    """Let the app count. From now on a code of it is asked for after the password."""
    work = work_of(request)
    async with work.transaction() as connection:
        codes = await app.confirm(connection, who.account, who.session, body.code)
    work.post.mail_was_left()
    return private(RecoveryCodes(recovery_codes=codes))


async def remove_app(who: ProvenCaller, request: Request) -> Response:
    """Do without the app; nobody is asked for a code any more."""
    work = work_of(request)
    async with work.transaction() as connection:
        await app.remove(connection, who.account, who.session)
    work.post.mail_was_left()
    return private(None, 204)


async def make_recovery_codes(who: ProvenCaller, request: Request) -> Response:
    """Get other codes for a bad day; the former ones work no longer."""
    async with work_of(request).transaction() as connection:
        codes = await app.other_codes(connection, who.account, who.session)
    return private(RecoveryCodes(recovery_codes=codes))


FACTOR_ROUTES = (
    account_route(
        "POST /v1/me/app",
        begin_app,
        tag="me",
        summary="Begin with an app that shows codes",
        name="begin_app",
        told={200: {"model": AppSecret, "description": "What is put into the app."}},
        refuses=(FACTOR_KNOWN,),
        status=200,
    ),
    account_route(
        "PUT /v1/me/app",
        confirm_app,
        tag="me",
        summary="Let the app count",
        name="confirm_app",
        told={200: {"model": RecoveryCodes, "description": "It counts."}},
        refuses=(FACTOR_REFUSED,),
        status=200,
        limit=PASSWORD_CHANGE,
    ),
    account_route(
        "DELETE /v1/me/app",
        remove_app,
        tag="me",
        summary="Do without the app",
        name="remove_app",
        told=GONE,
        refuses=(NO_FACTOR,),
        status=204,
    ),
    account_route(
        "POST /v1/me/recovery-codes",
        make_recovery_codes,
        tag="me",
        summary="Get other codes for a bad day",
        name="make_recovery_codes",
        told={200: {"model": RecoveryCodes, "description": "The former ones work no longer."}},
        refuses=(NO_FACTOR,),
        status=200,
    ),
)
