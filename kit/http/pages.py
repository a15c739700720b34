"""HTML pages: their routes declare what a page may load, and inline scripts run only with a nonce."""

import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NamedTuple

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kit.http.requests.body import StrictRoute

NONCE_BYTES = 18
"""Random bytes of a nonce: nobody guesses it."""

ALONE = "same-origin"
"""Cross-Origin-Opener-Policy of a page: one of another site that opened it has no hold on it."""

_HTML = "text/html; charset=utf-8"


class Policy(NamedTuple):
    """What the pages of a route may load; what is not named, they may not. No page is ever framed.

    Each is the value of a directive of Content-Security-Policy, such as "'self'".
    """

    scripts: str = ""
    """Beside those that carry the nonce. Inline scripts without it never run."""
    styles: str = ""
    images: str = ""
    connects: str = ""
    forms: str = ""
    """Where forms of the page may be sent."""

    def header(self, nonce: str) -> str:
        """Return the value of Content-Security-Policy for one answer."""
        directives = {
            "default-src": "'none'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "form-action": self.forms or "'none'",
            "script-src": f"'nonce-{nonce}' {self.scripts}".strip(),
            "style-src": self.styles,
            "img-src": self.images,
            "connect-src": self.connects,
        }
        return "; ".join(f"{name} {value}" for name, value in directives.items() if value)


class PageRoute(StrictRoute):
    """A route that answers HTML; make one with a policy by `pages`."""

    policy = Policy()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "response_class": HTMLResponse})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        policy = self.policy

        async def page(request: Request) -> Response:
            nonce = request.scope.setdefault("state", {})["nonce"] = secrets.token_urlsafe(NONCE_BYTES)
            response = await handle(request)
            response.headers.setdefault("cache-control", "no-store")  # its nonce is for one answer
            if response.status_code < 300:  # noqa: PLR2004 - it has a page
                response.headers["content-type"] = _HTML
            response.headers["content-security-policy"] = policy.header(nonce)
            response.headers["cross-origin-opener-policy"] = ALONE
            return response

        return page


def pages(policy: Policy) -> type[PageRoute]:
    """Return the class of the routes of a router whose pages have this policy: `APIRouter(route_class=…)`."""
    return type("PageRoute", (PageRoute,), {"policy": policy})


async def _nonce(request: Request) -> str:
    nonce: str = request.scope["state"]["nonce"]
    return nonce


Nonce = Annotated[str, Depends(_nonce)]
"""Parameter of a page: what its inline scripts carry as `nonce="…"`."""
