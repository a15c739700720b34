"""Leads commands straight to their routes, past what a framework does for every request."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from kit.errors import Problem
from kit.http.deferred import DeferredRoute, whole
from kit.http.problems import answer, problem_of, refused
from kit.http.requests.body import StrictRoute


class Ahead:
    """An ASGI layer that answers by the strict routes that need nothing of the framework.

    Everything else it passes on. What nobody expected goes on to the edge.

    Args:
        app: the application, which has these routes as well.
        routes: of all of them, those are taken; no two may match one method and path.
    """

    def __init__(self, app: FastAPI, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes: dict[str, list[DeferredRoute | StrictRoute]] = defaultdict(list)
        for route in routes:
            if isinstance(route, DeferredRoute | StrictRoute):
                for method in route.methods or ():
                    self._routes[method].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for one in self._routes.get(scope["method"], ()):
                found = one.path_regex.match(scope["path"])
                if found is None:
                    continue
                route = whole(one)
                if isinstance(route, StrictRoute) and route.needs_no_framework:
                    scope["app"], scope["route"], scope["path_params"] = self._app, route, found.groupdict()
                    response = await _answered(route.handler, Request(scope, receive))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)


async def _answered(
    endpoint: Callable[[Request], Coroutine[Any, Any, Response]], request: Request
) -> Response:
    try:
        return await endpoint(request)
    except (Problem, RequestValidationError) as error:
        return refused(error, request)
    except HTTPException as error:
        return answer(problem_of(error), request)
