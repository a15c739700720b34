"""Routes that are made when they are first needed: until then a process knows where they are, and no more."""

from collections.abc import Callable
from threading import RLock

from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send

type Rest = Callable[..., APIRoute]
"""The class of a route, with all that it takes beside path and methods as `functools.partial` keeps it."""

_MAKING = RLock()
"""One is made at a time: routes of a kind share models, of which each name may stand for one alone."""


class DeferredRoute(BaseRoute):
    """A route that is made when somebody asks for its path, or for the API document.

    A whole one has models of its query, its body and all its answers, which takes some milliseconds to make.
    There are hundreds of routes: made when a process starts, they would be half of its start.

    Args:
        method: such as "GET".
        path: with its parameters in braces.
        make: returns the rest; it is called once.
    """

    def __init__(self, method: str, path: str, make: Callable[[], Rest]) -> None:
        self.path = path
        self.methods = {method}
        self.path_regex = compile_path(path)[0]
        self._make = make
        self._whole: APIRoute | None = None

    @property
    def whole(self) -> APIRoute:
        """The route itself."""
        if self._whole is None:
            with _MAKING:
                if self._whole is None:
                    self._whole = self._make()(self.path, methods=self.methods)
        return self._whole

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the route itself, where the path is its own."""
        if scope["type"] == "http" and self.path_regex.match(get_route_path(scope)):
            return self.whole.matches(scope)
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route itself answer."""
        await self.whole.handle(scope, receive, send)


def whole(route: BaseRoute) -> BaseRoute:
    """Return a route as it is when it is made."""
    return route.whole if isinstance(route, DeferredRoute) else route
