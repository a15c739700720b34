"""Signing in with a passkey alone, in a browser or for tokens; showing one again before what is dangerous."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from kit.auth.identity import Caller
from kit.auth.own_page import from_own_page
from kit.auth.permission import STEP_UP
from kit.errors import Problem
from kit.http.cookies import ATTEMPT, cookie_of, session_secret
from kit.http.requests.body import Body
from kit.http.requests.headers import single
from kit.limits.catalog import PASSKEY_OPTIONS, SIGN_IN
from kit.limits.catalog import STEP_UP as STEPS
from kit.problem_types import NOT_FOUND
from write_side.accounts.api.answers import (
    SET_COOKIE,
    Tokens,
    account_route,
    as_tokens,
    browser_of,
    known_again,
    private,
    work_of,
)
from write_side.accounts.api.browser import BrowserSession, as_browser_session
from write_side.accounts.api.passkey_bodies import ShownPasskey
from write_side.accounts.api.passkeys import OPTIONS, PasskeyOptions
from write_side.accounts.browser.sessions import NewCookie, new_cookie_secret, opened_in_browser
from write_side.accounts.factors.second import Then
from write_side.accounts.passkeys.challenges import AskedIn, make_challenge
from write_side.accounts.passkeys.options import request_options
from write_side.accounts.passkeys.own import known_passkeys
from write_side.accounts.passkeys.showing import proven_by_passkey
from write_side.accounts.problem_types import ATTEMPT_UNKNOWN, NO_FACTOR, PASSKEY_REFUSED
from write_side.accounts.signing_in import opened, with_tokens


class PasskeySignIn(Body):
    """A passkey that has signed, which says whose it is."""

    passkey: ShownPasskey


async def begin_passkey_sign_in(request: Request) -> Response:
    """Begin to sign in with a passkey: the browser shows its owner those that he has here."""
    work, browser = work_of(request), browser_of(request)
    site = work.site_of_passkeys()
    async with work.transaction() as connection:
        challenge = await make_challenge(connection, AskedIn("sign-in", browser))
    answer = private(PasskeyOptions(options=request_options(site, challenge)))
    return known_again(answer, request, browser)


async def begin_step_up(who: Caller, request: Request) -> Response:
    """Begin to show again who you are with one of your passkeys."""
    work = work_of(request)
    site = work.site_of_passkeys()
    async with work.transaction() as connection:
        known = await known_passkeys(connection, who.account)
        if not known:
            raise Problem(NO_FACTOR)
        challenge = await make_challenge(connection, AskedIn("proof", session=who.session))
    return private(PasskeyOptions(options=request_options(site, challenge, known)))


async def open_session_by_passkey(request: Request, body: PasskeySignIn) -> Response:
    """Open a session. An unknown passkey and a wrong signature are refused alike."""
    open_ = partial(opened, client="api", agent=single(request.scope["headers"], b"user-agent") or "")
    account, (session, token) = await _shown(request, body, open_)
    return private(as_tokens(with_tokens(work_of(request), account, session, token)), 201)


async def open_browser_session_by_passkey(
    request: Request, _own: Annotated[None, Depends(from_own_page)], body: PasskeySignIn
) -> Response:
    """Sign in with a page of this origin. What the browser was signed in to before is ended."""
    headers, secret = request.scope["headers"], new_cookie_secret()
    open_ = partial(
        opened_in_browser,
        secret=secret,
        agent=single(headers, b"user-agent") or "",
        former=session_secret(headers),
    )
    account, session = await _shown(request, body, open_)
    return as_browser_session(NewCookie(account, session, secret), request)


async def _shown[T](request: Request, body: PasskeySignIn, then: Then[T]) -> tuple[UUID, T]:
    work, browser = work_of(request), cookie_of(request.scope["headers"], ATTEMPT) or ""
    said = body.passkey.model_dump(by_alias=True)
    try:
        return await proven_by_passkey(
            work.transaction, work.site_of_passkeys(), said, AskedIn("sign-in", browser), then
        )
    finally:
        work.post.mail_was_left()  # of a passkey that somebody has copied


_REFUSES = (NOT_FOUND, ATTEMPT_UNKNOWN, PASSKEY_REFUSED)

PASSKEY_SIGN_IN_ROUTES = (
    account_route(
        "POST /v1/passkey-options",
        begin_passkey_sign_in,
        tag="sessions",
        summary="Begin to sign in with a passkey",
        name="begin_passkey_sign_in",
        told={200: OPTIONS[200] | {"headers": SET_COOKIE}},
        refuses=(NOT_FOUND,),
        status=200,
        limit=PASSKEY_OPTIONS,
    ),
    account_route(
        "POST /v1/sessions/passkey",
        open_session_by_passkey,
        tag="sessions",
        summary="Sign in with a passkey",
        name="sign_in_with_passkey",
        told={201: {"model": Tokens, "description": "A session is open."}},
        refuses=_REFUSES,
        status=201,
        limit=SIGN_IN,
    ),
    account_route(
        "POST /v1/browser-sessions/passkey",
        open_browser_session_by_passkey,
        tag="sessions",
        summary="Sign in with a passkey in a browser",
        name="sign_in_browser_with_passkey",
        told={201: {"model": BrowserSession, "description": "It is open.", "headers": SET_COOKIE}},
        refuses=_REFUSES,
        status=201,
        limit=SIGN_IN,
    ),
    account_route(
        f"POST {STEP_UP}/options",
        begin_step_up,
        tag="me",
        summary="Begin to show a passkey again",
        name="begin_step_up",
        told=OPTIONS,
        refuses=(NOT_FOUND, NO_FACTOR),
        status=200,
        limit=STEPS,
    ),
)
