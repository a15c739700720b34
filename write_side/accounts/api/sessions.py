"""Signing in, staying so, and signing out."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from kit.auth.identity import Caller
from kit.http.addresses import address_of
from kit.http.requests.body import Body
from kit.http.requests.headers import single
from kit.http.requests.text import Id
from kit.limits.catalog import REFRESH, SIGN_IN
from kit.problem_types import NOT_FOUND, TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import (
    SIGNED_OUT,
    Email,
    FactorCode,
    Password,
    Tokens,
    account_route,
    as_tokens,
    private,
    signed_out,
    work_of,
)
from write_side.accounts.problem_types import FACTOR_NEEDED, FACTOR_REFUSED, REFRESH_REFUSED, SIGN_IN_REFUSED
from write_side.accounts.sessions import end_own, end_sessions
from write_side.accounts.signing_in import refresh, sign_in


class SignIn(Body):
    """Who somebody says to be, and the proof."""

    email: Email
    password: Password
    code: FactorCode = ""
    """Of the account's app, or one for a bad day; asked for by `second-factor-needed`."""


class Refresh(Body):
    """The refresh token of a session."""

    refresh_token: Annotated[str, Field(max_length=100)]


async def open_session(request: Request, body: SignIn) -> Response:
    """Open a session. An unknown address and a wrong password are refused alike."""
    agent = single(request.scope["headers"], b"user-agent") or ""
    made = await sign_in(
        work_of(request), email=body.email, password=body.password, client="api", agent=agent,
        place=address_of(request.scope), code=body.code,
    )  # fmt: skip
    return private(as_tokens(made), 201)


async def refresh_session(request: Request, body: Refresh) -> Response:
    """Return the next access and refresh token. A token works once: used again, it ends the session.

    Who lost the answer may ask again within ten seconds, and gets the same pair's refresh token.
    """
    return private(as_tokens(await refresh(work_of(request), body.refresh_token)))


async def end_session(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """End a session, this one or another; its tokens stop working within a second."""
    async with work_of(request).transaction() as connection:
        await end_own(connection, id, who.account)
    return signed_out(request) if id == who.session else private(None, 204)


async def sign_out_everywhere(who: Caller, request: Request) -> Response:
    """End all sessions, this one too; their tokens stop working within a second. Programs go on."""
    async with work_of(request).transaction() as connection:
        await end_sessions(connection, who.account, actor=who.account, reason="signed out everywhere")
    return signed_out(request)


SESSION_ROUTES = (
    account_route(
        "POST /v1/sessions",
        open_session,
        tag="sessions",
        summary="Sign in",
        name="sign_in",
        told={201: {"model": Tokens, "description": "A session is open."}},
        refuses=(SIGN_IN_REFUSED, FACTOR_NEEDED, FACTOR_REFUSED, TOO_MANY_PASSWORDS),
        status=201,
        limit=SIGN_IN,
    ),
    account_route(
        "POST /v1/sessions/refresh",
        refresh_session,
        tag="sessions",
        summary="Stay signed in",
        name="refresh_session",
        told={200: {"model": Tokens, "description": "The next pair."}},
        refuses=(REFRESH_REFUSED,),
        status=200,
        limit=REFRESH,
    ),
    account_route(
        "DELETE /v1/me/sessions/{id}",
        end_session,
        tag="me",
        summary="End one of your sessions",
        name="end_session",
        told=SIGNED_OUT,
        refuses=(NOT_FOUND,),
        status=204,
    ),
    account_route(
        "DELETE /v1/me/sessions",
        sign_out_everywhere,
        tag="me",
        summary="Sign out everywhere",
        name="sign_out_everywhere",
        told=SIGNED_OUT,
        refuses=(),
        status=204,
    ),
)
