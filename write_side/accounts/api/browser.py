"""Signing in and out with a browser: the secret of the session is in a cookie that no script can read."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from kit.auth.identity import Caller
from kit.auth.own_page import csrf_token, from_own_page
from kit.http.addresses import address_of
from kit.http.cookies import session_secret, set_cookie
from kit.http.described import Described, example
from kit.http.requests.headers import single
from kit.limits.catalog import SIGN_IN
from kit.problem_types import NOT_FOUND, TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import (
    GONE,
    SET_COOKIE,
    SIGNED_OUT,
    account_route,
    private,
    signed_out,
    work_of,
)
from write_side.accounts.api.sessions import SignIn
from write_side.accounts.browser.sessions import NewCookie, sign_in_browser
from write_side.accounts.problem_types import FACTOR_NEEDED, FACTOR_REFUSED, SIGN_IN_REFUSED
from write_side.accounts.sessions import end_others, end_own


class BrowserSession(Described):
    """A session is open; what proves it is in the cookie."""

    model_config = example(
        {
            "account": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
            "session": "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e",
            "csrf_token": "nmbJrW4sgcUnmT0v2bHnBYF7WTYZ2KzSzpHBBuVRgcE",
        }
    )

    account: UUID
    session: UUID
    csrf_token: str
    """Sent as FrankenJet-CSRF with whatever changes something."""


async def open_browser_session(
    request: Request, _own: Annotated[None, Depends(from_own_page)], body: SignIn
) -> Response:
    """Sign in with a page of this origin. What the browser was signed in to before is ended."""
    headers = request.scope["headers"]
    made = await sign_in_browser(
        work_of(request),
        email=body.email,
        password=body.password,
        agent=single(headers, b"user-agent") or "",
        place=address_of(request.scope),
        former=session_secret(headers),
        code=body.code,
    )
    return as_browser_session(made, request)


def as_browser_session(made: NewCookie, request: Request) -> Response:
    """Return the answer to a browser that has signed in."""
    told = BrowserSession(account=made.account, session=made.session, csrf_token=csrf_token(made.secret))
    answer = private(told, 201)
    answer.headers["Set-Cookie"] = set_cookie(made.secret, request.headers["host"])
    return answer


async def sign_out(who: Caller, request: Request) -> Response:
    """End the session that asks, in a browser or not."""
    async with work_of(request).transaction() as connection:
        await end_own(connection, who.session, who.account)
    return signed_out(request)


async def end_other_sessions(who: Caller, request: Request) -> Response:
    """End all sessions but the one that asks; their tokens and cookies stop working within a second."""
    async with work_of(request).transaction() as connection:
        await end_others(connection, who.account, who.session)
    return private(None, 204)


BROWSER_ROUTES = (
    account_route(
        "POST /v1/browser-sessions",
        open_browser_session,
        tag="sessions",
        summary="Sign in with a browser",
        name="sign_in_browser",
        told={201: {"model": BrowserSession, "description": "It is open.", "headers": SET_COOKIE}},
        refuses=(SIGN_IN_REFUSED, FACTOR_NEEDED, FACTOR_REFUSED, TOO_MANY_PASSWORDS),
        status=201,
        limit=SIGN_IN,
    ),
    account_route(
        "DELETE /v1/me/session",
        sign_out,
        tag="me",
        summary="Sign out",
        name="sign_out",
        told=SIGNED_OUT,
        refuses=(NOT_FOUND,),
        status=204,
    ),
    account_route(
        "DELETE /v1/me/other-sessions",
        end_other_sessions,
        tag="me",
        summary="End all your other sessions",
        name="end_other_sessions",
        told=GONE,
        refuses=(),
        status=204,
    ),
)
