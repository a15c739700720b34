"""Erasing an account: one's own, or as an administrator somebody else's."""

from typing import Literal

from fastapi import Request, Response

from kit.auth.identity import ProvenAdmin, ProvenCaller
from kit.errors import Problem
from kit.http.requests.body import Body
from kit.http.requests.text import Id
from kit.problem_types import NOT_FOUND, TOO_MANY_PASSWORDS
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.own.erasing import erase_oneself, erase_other
from write_side.accounts.problem_types import LAST_ADMIN, OWN_RIGHTS
from write_side.problem_types import INVALID


class EraseMe(Body):
    """Whom: your own id, so that nobody erases himself by a slip."""

    account: Id


class EraseOther(Body):
    """Why: one of three words, since a sentence would be about the person."""

    reason: Literal["asked", "law", "abuse"]


async def erase_me(who: ProvenCaller, request: Request, body: EraseMe) -> Response:
    """Erase your account: name, address, sessions, everything but what you wrote. Nobody gets the name again.

    What you wrote stays, under an id that names nobody.
    """
    if body.account != who.account:
        detail = "must be the id of your own account"
        raise Problem(INVALID, errors=[{"pointer": "/account", "detail": detail}])
    await erase_oneself(work_of(request), who)
    return private(None, 204)


async def erase_account(id: Id, who: ProvenAdmin, request: Request, body: EraseOther) -> Response:  # noqa: A002 - the name in the path
    """Erase an account: name, address, sessions, everything but what was written. It cannot be undone."""
    await erase_other(work_of(request), who, id, why=body.reason)
    return private(None, 204)


ERASURE_ROUTES = (
    account_route(
        "DELETE /v1/me",
        erase_me,
        tag="me",
        summary="Erase your account",
        name="erase_me",
        told=GONE,
        refuses=(INVALID, LAST_ADMIN, TOO_MANY_PASSWORDS),
        status=204,
    ),
    account_route(
        "DELETE /v1/accounts/{id}",
        erase_account,
        tag="accounts",
        summary="Erase an account",
        name="erase_account",
        told=GONE,
        refuses=(NOT_FOUND, OWN_RIGHTS, TOO_MANY_PASSWORDS),
        status=204,
    ),
)
