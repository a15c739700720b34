"""Signing in with a provider: going there, coming back, linking it to an account and letting go of it."""

import re
from typing import Annotated

from fastapi import Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from events.base import Locale
from kit.auth.identity import ProvenCaller
from kit.auth.roles import Identity
from kit.http.cookies import ATTEMPT, cookie_of, session_secret, set_cookie
from kit.http.described import Described, example, header
from kit.http.refusals import Responses
from kit.http.requests.body import Body
from kit.http.requests.headers import single
from kit.limits.catalog import ATTEMPT as ATTEMPTS
from kit.problem_types import NOT_FOUND, TOKEN_INVALID
from write_side.accounts.api.answers import (
    GONE,
    SET_COOKIE,
    account_route,
    browser_of,
    known_again,
    private,
    work_of,
)
from write_side.accounts.coming_in import let_in, send_away
from write_side.accounts.problem_types import (
    ADDRESS_KNOWN,
    ATTEMPT_UNKNOWN,
    FACTOR_NEEDED,
    IDENTITY_TAKEN,
    INVITATION_NEEDED,
    LAST_WAY_IN,
    PROVIDER_AWAY,
    PROVIDER_LINKED,
    PROVIDER_REFUSED,
    REGISTRATION_CLOSED,
    SIGN_IN_REFUSED,
)
from write_side.accounts.providers.identities import unlink
from write_side.accounts.providers.settings import ProviderName
from write_side.accounts.providers.vouched import CameBack

_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def _path_of_ours(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise PydanticCustomError(
            "our_text", "{detail}", {"detail": "must be a path of this site, such as /me"}
        )
    return value


class GoThere(Body):
    """Where somebody goes on after the provider, and in which language his mails will be."""

    next: Annotated[str, Field(max_length=1_000), AfterValidator(_path_of_ours)] = "/"
    locale: Locale = "en"


class SentThere(Described):
    """Where the browser is to go now; it has ten minutes to come back."""

    model_config = example({"address": "https://accounts.google.com/o/oauth2/v2/auth?client_id=…&state=…"})

    address: str


async def begin_sign_in(provider: ProviderName, request: Request, body: GoThere) -> Response:
    """Begin to sign in with a provider: the browser goes to the address, and comes back to `…/callback`."""
    return await _sent_there(provider, request, body, None)


async def begin_link(provider: ProviderName, who: ProvenCaller, request: Request, body: GoThere) -> Response:
    """Begin to let a provider vouch for your account; it is linked when the browser has come back."""
    return await _sent_there(provider, request, body, who)


async def come_back(
    provider: ProviderName,
    request: Request,
    state: Annotated[str, Field(max_length=100)] = "",
    code: Annotated[str, Field(max_length=4_000)] = "",
    iss: Annotated[str, Field(max_length=1_000)] = "",
    device_id: Annotated[str, Field(max_length=1_000)] = "",
) -> Response:
    """End a sign-in or a link: where browsers come back to. It goes on to the path that was asked for."""
    browser = cookie_of(request.scope["headers"], ATTEMPT) or ""
    agent = single(request.scope["headers"], b"user-agent") or ""
    work = work_of(request)
    came = CameBack(code, state, iss, device_id)
    former = session_secret(request.scope["headers"])
    arrived = await let_in(work, provider, browser, came, agent=agent, former=former)
    headers = {"Location": f"{work.settings.site}{arrived.next}", "Cache-Control": "no-store"}
    if arrived.session is not None:
        headers["Set-Cookie"] = set_cookie(arrived.secret, request.headers["host"])
    return Response(status_code=303, headers=headers)


async def end_link(provider: ProviderName, who: ProvenCaller, request: Request) -> Response:
    """Let a provider no longer vouch for your account. The last way to sign in is not taken away."""
    work = work_of(request)
    async with work.transaction() as connection:
        await unlink(connection, who.account, provider)
    work.post.mail_was_left()
    return private(None, 204)


async def _sent_there(
    provider: ProviderName, request: Request, body: GoThere, who: Identity | None
) -> Response:
    """Answer with the provider's address; several tabs of one browser share its cookie."""
    browser = browser_of(request)
    address = await send_away(
        work_of(request), provider, browser, locale=body.locale, next_=body.next, who=who
    )
    return known_again(private(SentThere(address=address)), request, browser)


_THERE: Responses = {
    200: {"model": SentThere, "description": "Where the browser is to go.", "headers": SET_COOKIE}
}

PROVIDER_ROUTES = (
    account_route(
        "POST /v1/sign-in/{provider}",
        begin_sign_in,
        tag="sessions",
        summary="Sign in with a provider",
        name="begin_sign_in",
        told=_THERE,
        refuses=(NOT_FOUND, PROVIDER_AWAY),
        status=200,
        limit=ATTEMPTS,
    ),
    account_route(
        "GET /v1/sign-in/{provider}/callback",
        come_back,
        tag="sessions",
        summary="Come back from a provider",
        name="end_sign_in",
        told={
            303: {
                "description": "The browser has a session, or the provider is linked.",
                "headers": SET_COOKIE | {"Location": header("Where it goes on.", "https://example.org/me")},
            }
        },
        refuses=(
            NOT_FOUND, ATTEMPT_UNKNOWN, ADDRESS_KNOWN, IDENTITY_TAKEN, PROVIDER_LINKED, PROVIDER_REFUSED,
            FACTOR_NEEDED, INVITATION_NEEDED, REGISTRATION_CLOSED, SIGN_IN_REFUSED, TOKEN_INVALID,
            PROVIDER_AWAY,
        ),
        status=303,
        limit=ATTEMPTS,
    ),
    account_route(
        "POST /v1/me/identities/{provider}",
        begin_link,
        tag="me",
        summary="Link a provider",
        name="begin_link",
        told=_THERE,
        refuses=(NOT_FOUND, PROVIDER_AWAY),
        status=200,
        limit=ATTEMPTS,
    ),
    account_route(
        "DELETE /v1/me/identities/{provider}",
        end_link,
        tag="me",
        summary="Let go of a provider",
        name="end_link",
        told=GONE,
        refuses=(NOT_FOUND, LAST_WAY_IN),
        status=204,
    ),
)  # fmt: skip
