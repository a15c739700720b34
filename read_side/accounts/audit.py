"""The audit of accounts: who did what to whom, newest first; for administrators, never cached."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query as FromQuery
from fastapi import Request, Response
from msgspec import Meta
from pydantic import Field

from kit.auth.identity import Admin
from kit.auth.names import shown_name
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example
from kit.http.refusals import refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Limit, Query
from kit.http.requests.text import Id, Moment
from kit.postgres.connect import Connection
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from read_side.accounts.answers import OF_ERASED, Cursor, Locale, private
from read_side.looking import looking
from read_side.problem_types import INVALID_CURSOR
from read_side.sources import Sources

Action = Annotated[str, Field(pattern=r"^[a-z-]+\.[a-z-]+$", max_length=60)]

_ROWS = """
select u.number, u.at, u.actor, by.name as actor_name, by.erased_at is not null as actor_erased, u.action,
       u.account, whom.name as account_name, whom.erased_at is not null as account_erased, u.facts, u.reason
  from auth.audit u
  left join auth.account by on by.id = u.actor left join auth.account whom on whom.id = u.account
"""

_Number = tuple[Annotated[int, Meta(ge=1, le=2**62)]]
"""What a cursor holds: the number of the last row seen."""


class AuditQuery(Query):
    """Which rows of the audit are asked for."""

    action: Annotated[Action | None, Field(description="What was done, such as role.granted.")] = None
    actor: Annotated[Id | None, Field(description="By whom.")] = None
    since: Annotated[Moment | None, Field(description="Not before this moment.")] = None
    before: Annotated[Moment | None, Field(description="Before this moment.")] = None
    cursor: Cursor | None = None
    locale: Annotated[Locale, Field(description=OF_ERASED)] = "en"
    limit: Limit = 20


class WholeAuditQuery(AuditQuery):
    """The same, of all accounts."""

    account: Annotated[Id | None, Field(description="To whom it was done.")] = None


class AuditRow(Described):
    """Something that was done to an account, or by it."""

    number: int
    """Rows are numbered as they were written; one that was taken back leaves a gap."""
    at: datetime
    actor: UUID | None
    """By whom; null: the operator, at a command line, or nobody who showed who he is."""
    actor_name: str | None
    action: str
    account: UUID
    """To whom."""
    account_name: str | None
    facts: dict[str, Any]
    reason: str


class AuditPage(Described):
    """Rows of the audit, newest first."""

    model_config = example(
        {
            "items": [
                {
                    "number": 4711,
                    "at": "2026-01-31T12:00:00Z",
                    "actor": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
                    "actor_name": "Anna Petrova",
                    "action": "role.granted",
                    "account": "019ac3f2-6b11-7d0a-8d45-5f0a1b2c3d4e",
                    "account_name": "Boris Ivanov",
                    "facts": {"role": "editor"},
                    "reason": "Writes about engines",
                }
            ],
            "next": "vZ3cA1",
        }
    )

    items: list[AuditRow]
    next: str | None
    """The cursor of the next page; null: this is the last one."""


def audit_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the routes that show the audit."""

    async def audit(
        request: Request, query: Annotated[WholeAuditQuery, FromQuery()], _who: Admin
    ) -> Response:
        """Read who did what to whom, newest first. Nobody can change it."""
        async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
            return await _page(sources, connection, query, query.account)

    async def account_audit(
        request: Request,
        id: Id,  # noqa: A002 - the name in the path
        query: Annotated[AuditQuery, FromQuery()],
        _who: Admin,
    ) -> Response:
        """Read what was done to an account, newest first."""
        async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
            if not await connection.fetchval("select exists (select from auth.account where id = $1)", id):
                raise Problem(NOT_FOUND, "There is no such account.")
            return await _page(sources, connection, query, id)

    return (
        _route("/v1/audit", audit, "Read the audit", "read_audit"),
        _route(
            "/v1/accounts/{id}/audit", account_audit, "Read the audit of an account", "read_account_audit"
        ),
    )


async def _page(
    sources: Sources, connection: Connection, query: AuditQuery, account: UUID | None
) -> Response:
    question = repr(("audit", account, query.action, query.actor, query.since, query.before))
    cursors = await sources.cursors()
    above: int | None = None
    if query.cursor is not None:
        (above,) = cursors.open(question, query.cursor, _Number)
    said = (
        ("u.account =", account),
        ("u.action =", query.action),
        ("u.actor =", query.actor),
        ("u.at >=", query.since),
        ("u.at <", query.before),
        ("u.number <", above),
    )
    given = [(condition, value) for condition, value in said if value is not None]
    where = " and ".join(f"{condition} ${n}" for n, (condition, _) in enumerate(given, 1))
    sql = f"{_ROWS}{'where ' + where if where else ''} order by u.number desc limit {query.limit + 1:d}"
    rows = await connection.fetch(sql, *(value for _, value in given))
    items = [_row(row, query.locale) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return private(AuditPage(items=items, next=cursors.seal(question, (items[-1].number,)) if more else None))


def _row(row: Mapping[str, Any], locale: Locale) -> AuditRow:
    facts = dict(row)
    for who in ("actor", "account"):
        if facts.pop(f"{who}_erased"):
            facts[f"{who}_name"] = shown_name(None, locale)
    return AuditRow(**facts)


def _route(path: str, endpoint: Callable[..., Awaitable[Response]], summary: str, name: str) -> DeferredRoute:
    def rest() -> Rest:
        return partial(
            StrictRoute,
            endpoint=endpoint,
            tags=["accounts"],
            summary=summary,
            operation_id=name,
            response_class=Response,
            responses={200: {"model": AuditPage}} | refusals((INVALID_CURSOR, ACCOUNTS_UNAVAILABLE)),
        )

    return DeferredRoute("GET", path, rest)
