"""Calls the function of a route with what it asks for, past what a framework does for every other kind."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

type Answering = Callable[[Request, Any], Awaitable[Response]]
"""Answers a request with this body, which was read and judged as JSON; None: it has none."""

_ASKED_SELDOM = (
    "query_params", "header_params", "cookie_params", "websocket_param_name", "http_connection_param_name",
    "response_param_name", "background_tasks_param_name", "security_scopes_param_name", "own_oauth_scopes",
    "parent_oauth_scopes",
)  # fmt: skip
"""What a function may ask the framework for, and ours do not."""


def calling(dependant: Dependant) -> Answering | None:
    """Return what calls a function as the framework would; None: it asks for more than is known here.

    Known are coroutines that ask for the request, for texts of the path, for one body, and for what other
    such coroutines return. The function of the route returns a Response.
    """
    if not _is_known(dependant) or not _answers(dependant.call):
        return None
    values_of = _values(dependant)
    function: Callable[..., Awaitable[Response]] = dependant.call  # type: ignore[assignment]
    fields = dependant.body_params

    async def answer(request: Request, document: Any) -> Response:
        values = await values_of(request)
        if fields:
            found, errors = await request_body_to_args(fields, document, embed_body_fields=False)
            if errors:
                raise RequestValidationError(errors, body=document)
            values |= found
        return await function(**values)

    return answer


def _is_known(dependant: Dependant) -> bool:
    call = dependant.call
    return (
        (inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None)))  # noqa: B004
        and not any(getattr(dependant, name) for name in _ASKED_SELDOM)
        and all(_is_text(one.field_info) for one in dependant.path_params)
        and len(dependant.body_params) <= 1
        and all(_is_known(inner) and not inner.body_params for inner in dependant.dependencies)
    )


def _is_text(field: Any) -> bool:
    return field.annotation is str and not field.metadata


def _answers(call: Any) -> bool:
    returned = inspect.signature(call).return_annotation
    return isinstance(returned, type) and issubclass(returned, Response)


def _values(dependant: Dependant) -> Callable[[Request], Awaitable[dict[str, Any]]]:
    """Return what finds the arguments of a function, but for its body."""
    path: Sequence[tuple[str, str]] = [(one.name, one.alias) for one in dependant.path_params]
    inner = [(one.name or "", one.call, _values(one)) for one in dependant.dependencies]
    request_name = dependant.request_param_name

    async def values(request: Request) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, call, values_of in inner:
            found[name] = await call(**await values_of(request))  # type: ignore[misc]  # known to be one
        if path:
            given = request.path_params
            for name, alias in path:
                found[name] = given[alias]
        if request_name is not None:
            found[request_name] = request
        return found

    return values
