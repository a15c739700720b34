"""Browsers of other origins: an exact list of who may call, and a refusal that is a problem document."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from kit.errors import Problem
from kit.problem_types import CORS_REFUSED

_EXPOSED = frozenset({"ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"})
_ACCEPTED = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID")
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_BAD_REQUEST = 400
_OF_BODY = frozenset({"content-type", "content-length"})


class _Cors(CORSMiddleware):
    """Says why a preflight is refused in the form of every other refusal."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight.

        Raises:
            Problem: 400, when this origin may not send this.
        """
        response = super().preflight_response(request_headers)
        if response.status_code < _BAD_REQUEST:
            return response
        told = {name: value for name, value in response.headers.items() if name not in _OF_BODY}
        raise Problem(
            CORS_REFUSED,
            detail="Origins are allowed by name; methods and headers are those of the routes.",
            headers=told,
        )


def with_cors(app: ASGIApp, origins: Collection[str], exposed: Collection[str] = ()) -> ASGIApp:
    """Let browsers call from these origins.

    Args:
        app: what they call.
        origins: exact ones.
        exposed: headers of answers that their pages may read, beside those that HTTP itself has.

    Raises:
        ValueError: when an origin is a wildcard or "null".
    """
    if any(origin in {"*", "null"} or not origin.startswith(("http://", "https://")) for origin in origins):
        raise ValueError("CORS takes exact origins: neither * nor null")
    return _Cors(
        app,
        allow_origins=list(origins),
        allow_methods=_METHODS,
        allow_headers=_ACCEPTED,
        expose_headers=sorted(_EXPOSED.union(exposed)),
    )
