"""Leads reads straight to their routes, past what a framework does for every request."""

from collections.abc import Iterable

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.errors import Problem
from kit.http.deferred import DeferredRoute, whole
from kit.http.problems import refused
from read_side.answers.parameters import DirectRoute


class Direct:
    """An ASGI layer that answers GET by the direct routes, and passes everything else on.

    Such a route is declared and described like any other, checks its own parameters, and needs nothing that
    the framework prepares; where it stands among the others must not matter.

    Args:
        app: the rest of the application, which has these routes as well.
        routes: of all of them, the direct ones are taken.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = [route for route in routes if isinstance(route, DeferredRoute | DirectRoute)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            for one in self._routes:
                found = one.path_regex.match(scope["path"])
                if found is None:
                    continue
                route = whole(one)
                if isinstance(route, DirectRoute):
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    request = Request(scope, receive)
                    try:
                        if route.counting is not None:
                            await route.counting.before(request)
                        response = await route.endpoint(request)
                    except (Problem, RequestValidationError) as error:
                        response = refused(error, request)
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)
