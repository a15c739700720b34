"""The one route that tells a name: for moderators and administrators, never cached."""

from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import Request

from kit.auth.identity import Moderator
from kit.auth.roles import Role
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.text import Id
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from read_side.accounts.accounts import by_id
from read_side.looking import looking


class AccountView(Described):
    """An account as moderators see it."""

    model_config = example(
        {
            "id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
            "name": "A. Editor",
            "roles": ["editor"],
            "created_at": "2026-01-31T12:00:00Z",
        }
    )

    id: UUID
    name: str
    roles: list[Role]
    created_at: datetime


async def account(id: Id, _who: Moderator, request: Request) -> AccountView:  # noqa: A002 - the name in the path
    """Return an account's display name, its granted roles, and when it was made."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        found = await by_id(connection, id)
    if found is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    return AccountView(id=found.id, name=found.name, roles=list(found.roles), created_at=found.created_at)


def _rest() -> Rest:
    return partial(
        StrictRoute,
        endpoint=account,
        response_model=AccountView,
        tags=["accounts"],
        summary="Read an account",
        operation_id="read_account",
        responses=refusals((ACCOUNTS_UNAVAILABLE,)),
    )


ACCOUNT_QUERY = DeferredRoute("GET", "/v1/accounts/{id}", _rest)
