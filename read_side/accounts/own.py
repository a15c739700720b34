"""What somebody may know of his own account: itself, and where it is signed in."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from kit.auth.identity import AnyReader, Caller
from kit.auth.own_page import csrf_token
from kit.auth.roles import Client, Role
from kit.errors import Problem
from kit.http.cookies import session_secret
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import Responses, refusals
from kit.http.requests.body import StrictRoute
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from read_side.accounts.answers import private
from read_side.looking import looking

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_MOMENT = "2026-01-31T12:00:00Z"

_OWN = """
select a.id, a.name, a.email, a.locale, a.created_at,
       array(select r.role from auth.account_role r where r.account = a.id) as roles
  from auth.account a where a.id = $1 and a.erased_at is null"""

_SESSIONS = """
select id, client, agent, opened_at, coalesce(seen_at, opened_at) as seen_at, expires_at, id = $2 as this
  from auth.session where account = $1 and revoked_at is null and expires_at > clock_timestamp()
 order by opened_at desc limit 100"""

_IDENTITIES = "select provider, linked_at from auth.identity where account = $1 order by provider"


_PASSKEYS = """
select id, name, made_at, used_at, copied from auth.passkey where account = $1 order by made_at"""


class OwnAccount(Described):
    """Your account, as it is now."""

    model_config = example(
        {
            "id": _ID,
            "name": "Anna Petrova",
            "email": "anna@example.org",
            "locale": "en",
            "roles": ["editor"],
            "created_at": _MOMENT,
        }
    )

    id: UUID
    name: str
    """Shown beside what you write."""
    email: str | None
    """Null: there is none."""
    locale: str
    """The language of mails."""
    roles: list[Role]
    """As granted; included ones are not repeated."""
    created_at: datetime


class OwnSession(Described):
    """Where you are signed in."""

    id: UUID
    client: Client
    agent: str
    """The client as it calls itself."""
    opened_at: datetime
    seen_at: datetime
    """When it last asked for a new token or, of a browser, was used: to within some minutes."""
    expires_at: datetime
    this: bool
    """Whether it is the one that asks."""


class OwnSessions(Described):
    """Your sessions that are in force, newest first, 100 at most."""

    model_config = example(
        {
            "items": [
                {
                    "id": _ID,
                    "client": "api",
                    "agent": "curl/8.5.0",
                    "opened_at": _MOMENT,
                    "seen_at": _MOMENT,
                    "expires_at": "2026-02-07T12:00:00Z",
                    "this": True,
                }
            ]
        }
    )

    items: list[OwnSession]


class OwnIdentity(Described):
    """A provider with whom you may sign in."""

    provider: str
    linked_at: datetime


class OwnIdentities(Described):
    """The providers that vouch for your account."""

    model_config = example({"items": [{"provider": "google", "linked_at": _MOMENT}]})

    items: list[OwnIdentity]


class OwnPasskey(Described):
    """A passkey that signs in to your account."""

    id: UUID
    name: str
    """What you call it."""
    made_at: datetime
    used_at: datetime | None
    """Null: never yet."""
    copied: bool
    """Whether other devices of yours have it, too."""


class OwnPasskeys(Described):
    """Your passkeys, oldest first."""

    model_config = example(
        {"items": [{"id": _ID, "name": "Phone", "made_at": _MOMENT, "used_at": _MOMENT, "copied": True}]}
    )

    items: list[OwnPasskey]


class CsrfToken(Described):
    """What shows that a page of ours sends a request."""

    model_config = example({"csrf_token": "nmbJrW4sgcUnmT0v2bHnBYF7WTYZ2KzSzpHBBuVRgcE"})

    csrf_token: str | None
    """The same for as long as the session lasts; null: without a cookie nobody needs one."""


async def me(who: AnyReader, request: Request) -> Response:
    """Return your account; nobody keeps the answer."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        row = await connection.fetchrow(_OWN, who.account)
    if row is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    held = [role for role in Role if role.value in row["roles"]]
    return private(OwnAccount(**dict(row) | {"roles": held}))


async def my_sessions(who: Caller, request: Request) -> Response:
    """Return your sessions that are in force, newest first."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        rows = await connection.fetch(_SESSIONS, who.account, who.session)
    return private(OwnSessions(items=[OwnSession(**dict(row)) for row in rows]))


async def my_identities(who: Caller, request: Request) -> Response:
    """Return the providers that vouch for your account."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        rows = await connection.fetch(_IDENTITIES, who.account)
    return private(OwnIdentities(items=[OwnIdentity(**dict(row)) for row in rows]))


async def my_passkeys(who: Caller, request: Request) -> Response:
    """Return the passkeys that sign in to your account."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        rows = await connection.fetch(_PASSKEYS, who.account)
    return private(OwnPasskeys(items=[OwnPasskey(**dict(row)) for row in rows]))


async def csrf(_who: Caller, request: Request) -> Response:
    """Return the token that a page sends with whatever changes something, in the header FrankenJet-CSRF."""
    headers = request.scope["headers"]
    secret = session_secret(headers)
    if secret is None or "authorization" in request.headers:
        return private(CsrfToken(csrf_token=None))
    return private(CsrfToken(csrf_token=csrf_token(secret)))


def _own(endpoint: Callable[..., Awaitable[Response]], told: type[Described], **more: Any) -> Rest:
    answers: Responses = {200: {"model": told}}
    return partial(
        StrictRoute,
        endpoint=endpoint,
        tags=["me"],
        response_class=Response,
        responses=answers | refusals((NOT_FOUND, ACCOUNTS_UNAVAILABLE)),
        **more,
    )


OWN_QUERIES = (
    DeferredRoute(
        "GET",
        "/v1/me",
        lambda: _own(me, OwnAccount, summary="Read your account", operation_id="read_me"),
    ),
    DeferredRoute(
        "GET",
        "/v1/me/sessions",
        lambda: _own(
            my_sessions,
            OwnSessions,
            summary="Read where you are signed in",
            operation_id="read_my_sessions",
        ),
    ),
    DeferredRoute(
        "GET",
        "/v1/me/csrf",
        lambda: _own(csrf, CsrfToken, summary="Read the token of a page", operation_id="read_csrf_token"),
    ),
    DeferredRoute(
        "GET",
        "/v1/me/passkeys",
        lambda: _own(my_passkeys, OwnPasskeys, summary="Read your passkeys", operation_id="read_my_passkeys"),
    ),
    DeferredRoute(
        "GET",
        "/v1/me/identities",
        lambda: _own(
            my_identities,
            OwnIdentities,
            summary="Read with whom you may sign in",
            operation_id="read_my_identities",
        ),
    ),
)
