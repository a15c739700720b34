"""Tokens of programs: made by their owner, listed and revoked by him and by administrators."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from kit import clock
from kit.auth.identity import Admin, Caller, ProvenCaller
from kit.auth.roles import Scope
from kit.http.described import Described, example
from kit.http.requests.body import Body
from kit.http.requests.text import CleanLine, Id
from kit.problem_types import NOT_FOUND
from write_side.accounts.admin.bot_tokens import USUAL, BotToken, bot_tokens, issue_bot_token, revoke_one_of
from write_side.accounts.api.admin import Reasoned
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.factors.second import require_shown
from write_side.accounts.locks import hold
from write_side.accounts.problem_types import TOO_MANY_TOKENS
from write_side.accounts.sessions import require_account

ScopeName = Literal["read", "draft", "submit", "publish", "moderate", "stream", "telegram"]

_TOKEN = {
    "id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
    "name": "The feed",
    "scopes": ["read", "draft"],
    "expires_at": "2026-04-30T12:00:00Z",
}


class WantedToken(Body):
    """What a token is to be for."""

    name: Annotated[CleanLine, Field(min_length=1, max_length=100)]
    """What you call it."""
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=len(Scope))]
    """What it may be used for, as far as your roles go."""
    expires_in_days: Annotated[int, Field(ge=1, le=USUAL.days)]


class NewToken(Described):
    """A token that was made just now."""

    model_config = example(_TOKEN | {"token": "fjb_0T1x7qf0cXlW3m9mZb5bq3o8v6w2y4k1n0p9r8s7t6u"})

    id: UUID
    name: str
    scopes: list[Scope]
    expires_at: datetime
    token: str
    """Sent as `Authorization: Bearer`. It is told this once."""


class ShownToken(Described):
    """A token that is in force."""

    id: UUID
    name: str
    scopes: list[Scope]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    """To the minute; null: not yet."""


class ShownTokens(Described):
    """Tokens that are in force, oldest first."""

    model_config = example(
        {"items": [_TOKEN | {"made_at": "2026-01-31T12:00:00Z", "used_at": "2026-02-01T07:30:00Z"}]}
    )

    items: list[ShownToken]


async def make_token(who: ProvenCaller, request: Request, body: WantedToken) -> Response:
    """Make a token for a program of yours; a mail tells of it.

    It may do what you may, as far as its scopes go.
    """
    expires = clock.now() + timedelta(days=body.expires_in_days)
    scopes = [scope for scope in Scope if scope.value in body.scopes]
    work = work_of(request)
    async with work.transaction() as connection:
        await hold(connection, who.account)
        await require_shown(connection, who.account, who.session)
        made = await issue_bot_token(
            connection, who.account, expires=expires, actor=who.account, session=who.session,
            label=body.name, scopes=scopes,
        )  # fmt: skip
    work.post.mail_was_left()
    told = NewToken(id=made.id, name=body.name, scopes=scopes, expires_at=expires, token=made.token)
    return private(told, 201)


async def my_tokens(who: Caller, request: Request) -> Response:
    """Read which programs have a token of yours."""
    async with work_of(request).transaction() as connection:
        return _shown(await bot_tokens(connection, who.account))


async def revoke_my_token(id: Id, who: Caller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Revoke a token of yours; it stops working within a second."""
    async with work_of(request).transaction() as connection:
        await revoke_one_of(connection, id, who.account, actor=who.account)
    return private(None, 204)


async def tokens_of(id: Id, _who: Admin, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Read which programs have a token of an account."""
    async with work_of(request).transaction() as connection:
        await require_account(connection, id)
        return _shown(await bot_tokens(connection, id))


async def revoke_token_of(id: Id, token: Id, who: Admin, request: Request, body: Reasoned) -> Response:  # noqa: A002 - the name in the path
    """Revoke a token of an account; it stops working within a second."""
    async with work_of(request).transaction() as connection:
        await revoke_one_of(connection, token, id, actor=who.account, reason=body.reason)
    return private(None, 204)


def _shown(tokens: Sequence[BotToken]) -> Response:
    items = [
        ShownToken(
            id=one.id,
            name=one.label,
            scopes=list(one.scopes),
            made_at=one.made_at,
            expires_at=one.expires_at,
            used_at=one.used_at,
        )
        for one in tokens
    ]
    return private(ShownTokens(items=items))


# fmt: off
TOKEN_ROUTES = (
    account_route("POST /v1/me/tokens", make_token, tag="me", summary="Make a token for a program",
                  name="make_token", told={201: {"model": NewToken, "description": "It is told this once."}},
                  refuses=(TOO_MANY_TOKENS,), status=201),
    account_route("GET /v1/me/tokens", my_tokens, tag="me", summary="Read which programs have a token",
                  name="read_my_tokens", told={200: {"model": ShownTokens}}, refuses=(), status=200),
    account_route("DELETE /v1/me/tokens/{id}", revoke_my_token, tag="me", summary="Revoke a token of yours",
                  name="revoke_my_token", told=GONE, refuses=(NOT_FOUND,), status=204),
    account_route("GET /v1/accounts/{id}/tokens", tokens_of, tag="accounts",
                  summary="Read which programs have a token of an account", name="read_tokens_of",
                  told={200: {"model": ShownTokens}}, refuses=(NOT_FOUND,), status=200),
    account_route("DELETE /v1/accounts/{id}/tokens/{token}", revoke_token_of, tag="accounts",
                  summary="Revoke a token of an account", name="revoke_token_of", told=GONE,
                  refuses=(NOT_FOUND,), status=204),
)
# fmt: on
