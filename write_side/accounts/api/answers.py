"""What commands of accounts are sent and answer, described for OpenAPI."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field, StringConstraints

from kit.auth.passwords import LONGEST, SHORTEST
from kit.errors import ProblemType
from kit.http.cookies import ATTEMPT, cookie_of, no_cookie, session_secret, set_cookie
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example, header
from kit.http.refusals import Responses, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.text import CleanLine
from kit.limits.catalog import COMMAND
from kit.limits.rules import Limit
from kit.problem_types import ACCOUNTS_UNAVAILABLE
from write_side.accounts.codes import CODE_LENGTH
from write_side.accounts.providers.attempts import ATTEMPT_LIVES, is_secret, new_secret
from write_side.accounts.signing_in import NewTokens
from write_side.accounts.work import AccountWork

_ACCOUNT = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"

Name = Annotated[CleanLine, Field(max_length=100)]
Email = Annotated[str, Field(max_length=320)]
NewPassword = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
"""Any characters; not one of those that somebody would try first."""
Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Code = Annotated[str, StringConstraints(min_length=CODE_LENGTH, max_length=CODE_LENGTH)]

FactorCode = Annotated[str, Field(max_length=30)]


class MailSent(Described):
    """A mail is on its way; whether anybody reads it, nobody knows yet."""

    model_config = example({"mail": "sent"})

    mail: str


class Opened(Described):
    """An account is open."""

    model_config = example({"account": _ACCOUNT})

    account: UUID


class Tokens(Described):
    """What a client that has signed in goes on with."""

    model_config = example(
        {
            "account": _ACCOUNT,
            "session": "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e",
            "access_token": "eyJhbGciOiJFZERTQSJ9...",
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": "fjr_0T1x7qf0cXlW3m9mZb5bq3o8v6w2y4k1n0p9r8s7t6u",
        }
    )

    account: UUID
    session: UUID
    access_token: str
    """Sent as `Authorization: Bearer`."""
    token_type: str
    expires_in: int
    """Seconds that the access token is good for."""
    refresh_token: str
    """Gives the next pair, once."""


SENT: Responses = {202: {"model": MailSent, "description": "A mail is on its way."}}
GONE: Responses = {204: {"description": "It is done."}}
SET_COOKIE = {
    "Set-Cookie": header("The cookie of the session, or its end.", set_cookie("fjs_…", "example.org"))
}
SIGNED_OUT: Responses = {204: {"description": "It is done.", "headers": SET_COOKIE}}


def account_route(
    place: str,
    endpoint: Callable[..., Awaitable[Response]],
    *,
    tag: str,
    summary: str,
    name: str,
    told: Responses,
    refuses: Sequence[ProblemType],
    status: int,
    limit: Limit = COMMAND,
) -> DeferredRoute:
    """Return the route of a command.

    Args:
        place: its method and its path.
        endpoint: what answers.
        tag: where OpenAPI lists it.
        summary: in a few words.
        name: of the operation.
        told: the answer when it is done.
        refuses: what it refuses, beside what the dependencies and the body do.
        status: of the answer when it is done.
        limit: how often it may be sent.
    """
    method, _, path = place.partition(" ")

    def rest() -> Rest:
        return partial(
            StrictRoute,
            limit=limit,
            endpoint=endpoint,
            tags=[tag],
            status_code=status,
            summary=summary,
            operation_id=name,
            response_class=Response,
            responses=told | refusals((*refuses, ACCOUNTS_UNAVAILABLE)),
        )

    return DeferredRoute(method, path, rest)


def work_of(request: Request) -> AccountWork:
    """Return what commands of accounts work with in this process."""
    work: AccountWork = request.app.state.accounts
    return work


def private(body: Any, status: int = 200) -> Response:
    """Return an answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    if body is None:
        return Response(status_code=status, headers=headers)
    return Response(body.model_dump_json(), status, headers=headers, media_type="application/json")


def browser_of(request: Request) -> str:
    """Return the secret by which a browser is known before anybody has signed in; tabs share it."""
    browser = cookie_of(request.scope["headers"], ATTEMPT) or ""
    return browser if is_secret(browser) else new_secret()


def known_again(answer: Response, request: Request, browser: str) -> Response:
    """Let a browser keep the secret by which it is known when it comes back."""
    seconds = int(ATTEMPT_LIVES.total_seconds())
    answer.headers["Set-Cookie"] = set_cookie(browser, request.headers["host"], seconds, ATTEMPT)
    return answer


def signed_out(request: Request) -> Response:
    """Return the answer to the end of the session that asks; a browser forgets its cookie, too."""
    answer = private(None, 204)
    if session_secret(request.scope["headers"]) is not None:
        answer.headers["Set-Cookie"] = no_cookie(request.headers["host"])
    return answer


def as_tokens(made: NewTokens) -> Tokens:
    """Return the tokens of a session as a client gets them."""
    return Tokens(**made._asdict(), token_type="Bearer")  # noqa: S106 - the name of a scheme
