"""Every refusal of a FastAPI application as a problem document (RFC 9457), and in its OpenAPI file."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kit.errors import Problem, ProblemType
from kit.http.deferred import whole
from kit.http.described import PROBLEM
from kit.http.document import completed
from kit.http.requests.phrases import known_fields, phrase, pointer, unknown
from kit.problem_types import INTERNAL, INVALID_BODY, INVALID_JSON, INVALID_PARAMETER, OF_THE_FRAMEWORK


def install(app: FastAPI) -> None:
    """Make an application answer every refusal and every failure of its own with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_failure)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = [whole(route) for route in app.routes]
            document = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=described
            )
            app.openapi_schema = completed(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def problem_of(error: HTTPException) -> Problem:
    """Turn the framework's own refusal into a problem; its free text is dropped, it may quote the request."""
    type_ = OF_THE_FRAMEWORK.get(error.status_code)
    if type_ is None:
        words = HTTPStatus(error.status_code).phrase
        name = words.lower().replace(" ", "-").replace("'", "")
        type_ = ProblemType(error.status_code, name, f"{words}.")
    return Problem(type_, headers=error.headers)


def answer(problem: Problem, request: Request) -> Response:
    """Make the response that carries a problem document."""
    return Response(
        orjson.dumps(problem.document(request.scope.get("state", {}).get("request_id", "")), default=str),
        status_code=problem.status,
        headers={"cache-control": "no-store"} | problem.headers,
        media_type=PROBLEM,
    )


def refused(error: Problem | RequestValidationError, request: Request) -> Response:
    """Make the response to what was refused, or cannot be understood."""
    return answer(error if isinstance(error, Problem) else _invalid(error, request), request)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class alone
    return refused(error, request)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    problem = problem_of(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem.headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return answer(problem, request)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    return refused(error, request)


async def _on_failure(request: Request, _error: Exception) -> Response:
    """Answer for what nobody expected; the error goes on to the edge, which logs it."""
    return answer(Problem(INTERNAL), request)


SHOWN = 20
"""Faults of a body that are described; one who mends them hears of the others."""


def _invalid(error: RequestValidationError, request: Request) -> Problem:
    errors = error.errors()
    places = {item["loc"][0] for item in errors}
    if "path" in places:
        return problem_of(HTTPException(404))
    if places & {"query", "header", "cookie"}:
        found = [_parameter(item) for item in errors if item["loc"][0] != "body"]
        return Problem(INVALID_PARAMETER, errors=found)
    if any(item["type"] == "json_invalid" for item in errors):
        return Problem(INVALID_JSON)
    field = getattr(request.scope.get("route"), "body_field", None)
    model = field.field_info.annotation if field is not None else None
    return Problem(INVALID_BODY, errors=[_place(item, model) for item in errors[:SHOWN]])


def misfit(error: ValidationError, model: Any, at: str) -> Problem:
    """Return the refusal of a part of a body that was read by a model of its own.

    Args:
        error: what the model says.
        model: the model.
        at: pointer to that part.
    """
    found = error.errors(include_url=False, include_context=True, include_input=False)
    places = [_place({**item, "loc": ("body", *item["loc"])}, model) for item in found[:SHOWN]]
    return Problem(INVALID_BODY, errors=[{**one, "pointer": at + one["pointer"]} for one in places])


def _parameter(error: Any) -> dict[str, str]:
    place, *names = error["loc"]
    kind = "parameter" if place == "query" else "header"
    return {kind: str(names[0]), "detail": phrase(error)}


def _place(error: Any, model: Any) -> dict[str, str]:
    location = error["loc"][1:]
    if error["type"] == "extra_forbidden":
        place = pointer(location[:-1], model)
        name, detail = unknown(str(location[-1]), known_fields(location[:-1], model), "field")
        return {"pointer": f"{place}/{name}" if name else place, "detail": detail}
    return {"pointer": pointer(location, model), "detail": phrase(error)}


def _allowed(request: Request) -> set[str]:
    """Collect the methods of all routes at this path; the framework names those of one."""
    path = request.scope["path"]
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        expression = getattr(route, "path_regex", None)
        if expression is not None and expression.match(path):
            found |= route.methods or set()
    return found | {"HEAD"} if "GET" in found else found
