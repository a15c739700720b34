"""Makes the routes of an aggregate from a table: one row for each command."""

from inspect import getdoc
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Response

from kit.auth.roles import Role
from kit.errors import ProblemType
from kit.http.requests.body import StrictRoute
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
    summary: str
    """In a few words; `{one}` becomes "an article"."""
    handler: CommandHandler[Any, Any, Any]
    body: type[Command] | None = None
    """None: nothing has to be said, and a reason may be."""
    part: Part | None = None
    refuses: tuple[ProblemType, ...] = ()
    """What it refuses beside what every command does."""


def routes_of(aggregate: Aggregate[Any], table: tuple[Route, ...], answers: Answers) -> APIRouter:
    """Return a route for each row.

    Args:
        aggregate: what the commands are on.
        table: its rows.
        answers: what comes back, for OpenAPI.
    """
    routes = APIRouter(prefix=f"/v1/{aggregate.path}", tags=[aggregate.path], route_class=StrictRoute)
    for row in table:
        made = "{id}" not in row.path
        name = f"{row.verb}_{aggregate.called}"
        routes.add_api_route(
            row.path,
            _endpoint(aggregate, row),
            methods=[row.method],
            status_code=201 if made else 200,
            summary=row.summary.format(one=_one(aggregate.called.replace("_", " "))),
            description=getdoc(row.handler),
            operation_id=name,
            name=name,
            responses=(answers.made if made else answers.done)(row.role, row.refuses),
        )
    return routes


def _endpoint(aggregate: Aggregate[Any], row: Route) -> Any:
    part = row.part.name if row.part else ""
    told = [{"name": part, "in": "path", "required": True, "schema": row.part.schema}] if row.part else []
    asked = Annotated[CommandRequest, command(row.role, existing="{id}" in row.path, parameters=told)]

    async def with_body(ask: CommandRequest, body: Any) -> Response:
        return await ask.run(row.handler, aggregate, body, part)

    async def with_a_reason(ask: CommandRequest, body: Why | None = None) -> Response:
        return await ask.run(row.handler, aggregate, body or _NO_REASON, part)

    endpoint = with_a_reason if row.body is None else with_body
    endpoint.__annotations__ |= {"ask": asked} | ({} if row.body is None else {"body": row.body})
    return endpoint


_NO_REASON = Why()


def _one(name: str) -> str:
    """Return "an article", "a picture"."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
