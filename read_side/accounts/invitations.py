"""The invitations that were made: for administrators all, for moderators their own; never cached."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query as FromQuery
from fastapi import Request, Response
from pydantic import Field

from kit.auth.identity import ModeratorHimself
from kit.auth.names import shown_name
from kit.auth.roles import Role
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Limit, Query
from kit.problem_types import ACCOUNTS_UNAVAILABLE
from read_side.accounts.answers import OF_ERASED, Cursor, Locale, private
from read_side.looking import looking
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

State = Literal["open", "used", "revoked", "ended"]

_STATE = """case when i.used_at is not null then 'used' when i.revoked_at is not null then 'revoked'
            when i.expires_at <= clock_timestamp() then 'ended' else 'open' end"""

_ROWS = f"""
select i.id, i.email, i.locale, i.role, i.reason, i.actor, by.name as actor_name,
       by.erased_at is not null as actor_erased, i.made_at, i.expires_at, {_STATE} as state, i.account,
       least(i.used_at, i.revoked_at, i.expires_at) as over_at
  from auth.invitation i left join auth.account by on by.id = i.actor"""

_Id = tuple[UUID]
"""What a cursor holds: the id of the last one seen; ids rise with time."""


class InvitationsQuery(Query):
    """Which invitations are asked for."""

    state: Annotated[
        State | None, Field(description="Open: it can be used. Ended: nobody used it in time.")
    ] = None
    cursor: Cursor | None = None
    locale: Annotated[Locale, Field(description=OF_ERASED)] = "en"
    limit: Limit = 20


class ListedInvitation(Described):
    """An invitation; its code stands nowhere."""

    id: UUID
    email: str | None
    """Where it was sent; null: nowhere, or anyone who was invited was erased."""
    locale: str
    role: Role | None
    """What the account may do from the beginning."""
    reason: str
    actor: UUID | None
    """Who invited; null: the operator."""
    actor_name: str | None
    made_at: datetime
    expires_at: datetime
    state: State
    over_at: datetime | None
    """Since when it cannot be used any more; null: it can."""
    account: UUID | None
    """Opened with it."""


class InvitationsPage(Described):
    """Invitations, newest first. What has been over for 90 days is forgotten."""

    model_config = example(
        {
            "items": [
                {
                    "id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
                    "email": "anna@example.org",
                    "locale": "en",
                    "role": "editor",
                    "reason": "Writes about engines",
                    "actor": "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e",
                    "actor_name": "Boris Ivanov",
                    "made_at": "2026-01-31T12:00:00Z",
                    "expires_at": "2026-02-07T12:00:00Z",
                    "state": "used",
                    "over_at": "2026-02-01T07:30:00Z",
                    "account": "019ac3f2-7d11-7d0a-8d45-5f0a1b2c3d4e",
                }
            ],
            "next": "vZ3cA1",
        }
    )

    items: list[ListedInvitation]
    next: str | None
    """The cursor of the next page; null: this is the last one."""


def invitation_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the route that lists invitations."""

    async def invitations(
        request: Request, query: Annotated[InvitationsQuery, FromQuery()], who: ModeratorHimself
    ) -> Response:
        """List invitations, newest first: an administrator sees all, a moderator his own."""
        actor = None if Role.ADMIN in who.roles else who.account
        question = repr(("invitations", actor, query.state))
        cursors = await sources.cursors()
        before: UUID | None = None
        if query.cursor is not None:
            (before,) = cursors.open(question, query.cursor, _Id)
        said = (("i.actor =", actor), (f"{_STATE} =", query.state), ("i.id <", before))
        given = [(condition, value) for condition, value in said if value is not None]
        where = " and ".join(f"{condition} ${n}" for n, (condition, _) in enumerate(given, 1))
        sql = f"{_ROWS}{' where ' + where if where else ''} order by i.id desc limit {query.limit + 1:d}"
        async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
            rows = await connection.fetch(sql, *(value for _, value in given))
        items = [_shown(dict(row), query.locale) for row in rows[: query.limit]]
        last = cursors.seal(question, (str(items[-1].id),)) if len(rows) > query.limit else None
        return private(InvitationsPage(items=items, next=last))

    def rest() -> Rest:
        return partial(
            StrictRoute,
            endpoint=invitations,
            tags=["accounts"],
            summary="List invitations",
            operation_id="list_invitations",
            response_class=Response,
            responses={200: {"model": InvitationsPage}} | refusals((INVALID_CURSOR, ACCOUNTS_UNAVAILABLE)),
        )

    return (DeferredRoute("GET", "/v1/invitations", rest),)


def _shown(row: dict[str, Any], locale: Locale) -> ListedInvitation:
    erased = row.pop("actor_erased")
    row["actor_name"] = shown_name(None, locale) if erased else row["actor_name"]
    row["over_at"] = None if row["state"] == "open" else row["over_at"]
    return ListedInvitation(**row)
