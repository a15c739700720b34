"""The routes that tell who there is: for administrators all, for moderators the name; never cached."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query as FromQuery
from fastapi import Request, Response
from msgspec import Meta
from pydantic import Field

from kit.auth.identity import Admin, Moderator
from kit.auth.roles import Role
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Limit, Query, Word
from kit.http.requests.text import Id, Key
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from read_side.accounts.accounts import by_id, details
from read_side.accounts.answers import OF_ERASED, Cursor, Locale, private
from read_side.accounts.listing import COUNTED, Wanted, page, total
from read_side.looking import looking
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_MOMENT = "2026-01-31T12:00:00Z"

_KNOWN = {"id": _ID, "name": "A. Editor", "roles": ["editor"], "state": "active", "created_at": _MOMENT}

_Name = tuple[Annotated[str, Meta(max_length=300)]]
"""What a cursor holds: the name of the last account seen, as it is compared."""


class AccountDetails(Described):
    """What administrators alone see of an account."""

    email: str | None
    locale: str
    disabled_at: datetime | None
    sessions: int
    """Where its owner is signed in."""
    tokens: int
    """Of its programs, in force."""
    sign_in: list[Literal["password", "passkey"]]
    """Ways in which its owner can sign in."""


class AccountView(Described):
    """An account as moderators and administrators see it."""

    model_config = example(
        _KNOWN
        | {
            "state": "disabled",
            "details": {
                "email": "anna@example.org",
                "locale": "en",
                "disabled_at": _MOMENT,
                "sessions": 2,
                "tokens": 0,
                "sign_in": ["password"],
            },
        }
    )

    id: UUID
    name: str
    roles: list[Role]
    """As granted, lowest first; included ones are not repeated."""
    state: Literal["active", "disabled", "erased"]
    """Erased: the name says so, too."""
    created_at: datetime
    details: AccountDetails | None
    """Null for moderators."""


class ListedAccount(Described):
    """An account in a list."""

    id: UUID
    name: str
    email: str | None
    roles: list[Role]
    state: Literal["active", "disabled"]
    made_by: Literal["self", "administrator", "operator", "import"] | None
    """Self: registered. Import: the author of content from elsewhere. Null: not known."""
    created_at: datetime


class AccountsTotal(Described):
    """How many there are."""

    count: int
    more: bool
    """Whether there are more than that."""


class AccountsPage(Described):
    """Accounts in the order of their names."""

    model_config = example(
        {
            "items": [_KNOWN | {"email": "anna@example.org", "made_by": "self"}],
            "next": "vZ3cA1",
            "total": {"count": 41, "more": False},
        }
    )

    items: list[ListedAccount]
    next: str | None
    """The cursor of the next page; null: this is the last one."""
    total: AccountsTotal | None
    """Null: it was not asked for."""


class AccountsQuery(Query):
    """Which accounts are asked for."""

    name: Annotated[Word | None, Field(description="A part of the name, in any spelling.")] = None
    email: Annotated[
        Annotated[Key, Field(min_length=3, max_length=320)] | None,
        Field(description="What the address begins with; the audit tells that somebody looked for one."),
    ] = None
    role: Annotated[
        Literal["reader", "editor", "moderator", "admin"] | None,
        Field(description="A role that was granted."),
    ] = None
    state: Literal["active", "disabled"] | None = None
    made_by: Literal["self", "administrator", "operator", "import"] | None = None
    total: Annotated[Literal["true", "false"], Field(description="Whether all are counted.")] = "false"
    cursor: Cursor | None = None
    limit: Limit = 20


def account_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the routes that tell who there is."""

    async def accounts(
        request: Request, query: Annotated[AccountsQuery, FromQuery()], who: Admin
    ) -> Response:
        """List accounts. Looking for an address leaves a row in the audit, the address not in it."""
        wanted = Wanted(query.name, query.email, query.role, query.state, query.made_by)
        question = repr(("accounts", wanted))
        cursors = await sources.cursors()
        after: str | None = None
        if query.cursor is not None:
            (after,) = cursors.open(question, query.cursor, _Name)
        async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
            if query.email is not None:
                await connection.execute("select auth.note_search($1)", who.account)
            found = await page(connection, wanted, after=after, limit=query.limit + 1)
            counted = await total(connection, wanted) if query.total == "true" else None
        shown = found[: query.limit]
        more = len(found) > query.limit
        return private(
            AccountsPage(
                items=[ListedAccount(**_without(one, "name_key")) for one in shown],
                next=cursors.seal(question, (shown[-1]["name_key"],)) if more else None,
                total=None
                if counted is None
                else AccountsTotal(count=min(counted, COUNTED), more=counted > COUNTED),
            )
        )

    return (
        _route("/v1/accounts", accounts, AccountsPage, "List accounts", "list_accounts"),
        ACCOUNT_QUERY,
    )


class AccountQuery(Query):
    """How an account is asked for."""

    locale: Annotated[Locale, Field(description=OF_ERASED)] = "en"


async def account(
    id: Id,  # noqa: A002 - the name in the path
    who: Moderator,
    request: Request,
    query: Annotated[AccountQuery, FromQuery()],
) -> Response:
    """Return an account: its name, its roles, whether it is shut out; for administrators its details too."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        found = await by_id(connection, id, query.locale)
        more = await details(connection, id) if found and Role.ADMIN in who.roles else None
    if found is None:
        raise Problem(NOT_FOUND, "There is no such account.")
    return private(
        AccountView(
            id=found.id,
            name=found.name,
            roles=list(found.roles),
            state=found.state,
            created_at=found.created_at,
            details=None if more is None else AccountDetails(**more),
        )
    )


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _route(
    path: str, endpoint: Callable[..., Awaitable[Response]], told: type[Described], summary: str, name: str
) -> DeferredRoute:
    of_a_page = (INVALID_CURSOR,) if told is AccountsPage else ()

    def rest() -> Rest:
        return partial(
            StrictRoute,
            endpoint=endpoint,
            tags=["accounts"],
            summary=summary,
            operation_id=name,
            response_class=Response,
            responses={200: {"model": told}} | refusals((*of_a_page, ACCOUNTS_UNAVAILABLE)),
        )

    return DeferredRoute("GET", path, rest)


ACCOUNT_QUERY = _route("/v1/accounts/{id}", account, AccountView, "Read an account", "read_account")
