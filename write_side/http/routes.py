"""Makes the routes of an aggregate from a table: one row for each command."""

from functools import partial
from inspect import getdoc
from typing import Annotated, Any, NamedTuple

from fastapi import Response

from kit.auth.permission import Proof
from kit.auth.roles import Role, Scope
from kit.errors import ProblemType
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import COMMAND
from kit.limits.rules import Limit
from write_side.aggregate import Aggregate
from write_side.command import Command, Why
from write_side.http.answers import Answers
from write_side.http.command_request import CommandRequest, command
from write_side.work import CommandHandler


class Part(NamedTuple):
    """A second parameter of a path, which names a part of the thing; the handler finds it in `call.part`."""

    name: str
    schema: dict[str, Any]
    """Told, not checked: what does not look so leads nowhere."""


class Route(NamedTuple):
    """A command of an aggregate: where it is sent, who may, and what it does.

    The docstring of the handler is the description in OpenAPI.
    """

    verb: str
    """Of its operation id: "publish" becomes publish_article."""
    method: str
    path: str
    """Below the collection. With `{id}` it is on what exists and needs If-Match, else it makes something."""
    role: Role
    """Who may, at least."""
    scope: Scope | None
    """What the token of a program needs as well; None: it is for people alone."""
    summary: str
    """In a few words; `{one}` becomes "an article"."""
    handler: CommandHandler[Any, Any, Any]
    body: type[Command] | partial[type[Command]] | None = None
    """Or what makes it when it is needed. None: nothing has to be said, and a reason may be."""
    part: Part | None = None
    refuses: tuple[ProblemType, ...] = ()
    """What it refuses beside what every command does."""
    limit: Limit = COMMAND
    """How often it may be sent."""
    forcible: bool = False
    """Whether its body can say `force`, which asks for a proof of who sends it."""
    proven: bool = False
    """Whether it asks for that each time."""


def routes_of(
    aggregate: Aggregate[Any], table: tuple[Route, ...], answers: Answers
) -> tuple[DeferredRoute, ...]:
    """Return a route for each row.

    Args:
        aggregate: what the commands are on.
        table: its rows.
        answers: what comes back, for OpenAPI.
    """
    place = f"/v1/{aggregate.path}"
    return tuple(
        DeferredRoute(row.method, place + row.path, partial(_route, aggregate, row, answers)) for row in table
    )


def _route(aggregate: Aggregate[Any], row: Route, answers: Answers) -> Rest:
    made = "{id}" not in row.path
    name = f"{row.verb}_{aggregate.called}"
    return partial(
        StrictRoute,
        endpoint=_endpoint(aggregate, row),
        tags=[aggregate.path],
        status_code=201 if made else 200,
        summary=row.summary.format(one=_one(aggregate.called.replace("_", " "))),
        description=getdoc(row.handler),
        operation_id=name,
        name=name,
        limit=row.limit,
        responses=(answers.made if made else answers.done)(row.role, row.refuses),
    )


def _endpoint(aggregate: Aggregate[Any], row: Route) -> Any:
    part = row.part.name if row.part else ""
    told = [{"name": part, "in": "path", "required": True, "schema": row.part.schema}] if row.part else []
    asked = Annotated[CommandRequest, _asking(row, told)]

    async def with_body(ask: CommandRequest, body: Any) -> Response:
        if row.forcible and body.force:
            await ask.proven()
        return await ask.run(row.handler, aggregate, body, part)

    async def with_a_reason(ask: CommandRequest, body: Why | None = None) -> Response:
        return await ask.run(row.handler, aggregate, body or _NO_REASON, part)

    endpoint = with_a_reason if row.body is None else with_body
    body = row.body() if isinstance(row.body, partial) else row.body
    endpoint.__annotations__ |= {"ask": asked} | ({} if body is None else {"body": body})
    return endpoint


def _asking(row: Route, parameters: list[dict[str, Any]]) -> Any:
    proof: Proof | None = "always" if row.proven else "forced" if row.forcible else None
    return command(row.role, row.scope, proof=proof, existing="{id}" in row.path, parameters=parameters)


_NO_REASON = Why()


def _one(name: str) -> str:
    """Return "an article", "a picture"."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
