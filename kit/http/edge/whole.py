"""An answer that is ready as a whole, which the edge sends without asking anything behind it."""

from collections.abc import Callable, Mapping

from starlette.types import Message, Scope

NO_BODY: Message = {"type": "http.response.body", "body": b""}


_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"server", b"web"),  # the server names itself where nothing is said
)
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

_HEADERS = {
    (False, False): (*_COMMON, _POLICY),
    (False, True): _COMMON,
    (True, False): (*_COMMON, _POLICY, _HSTS),
    (True, True): (*_COMMON, _HSTS),
}
"""Headers of every answer, by: came over TLS, has a policy of its own."""


def common_headers(scope: Scope, *, has_policy: bool) -> tuple[tuple[bytes, bytes], ...]:
    """Return what every answer to a request like this carries beside the headers that it has.

    Args:
        scope: of the request.
        has_policy: the answer brings a policy; one that does not may load nothing.
    """
    return _HEADERS[scope["scheme"] == "https", has_policy]


class Whole:
    """One answer; it is the same for all who get it, so nobody may change what it holds.

    Args:
        status: HTTP status.
        headers: those that the edge does not add.
        body: all of it.
        route: template of the route that made it.
    """

    __slots__ = ("completed", "headers", "rest", "route", "size", "status")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes, route: str) -> None:
        self.status = status
        self.headers = headers
        self.size = len(body)
        self.rest: Message = {"type": "http.response.body", "body": body}
        self.route = route
        self.completed: dict[str, tuple[tuple[bytes, bytes], ...]] = {}
        """Scheme → headers with those of the edge, but for what is of one request."""


type AtOnce = Callable[[Scope, Mapping[bytes, bytes]], Whole | None]
"""Finds what is ready for a GET or HEAD, without waiting. It takes the scope of a request whose target nobody
has looked at, and its headers by name: those that `read_head` notes."""


def beginning(whole: Whole, scope: Scope) -> Message:
    """Return the message that begins an answer to a request, whose id is in `state`."""
    scheme = scope["scheme"]
    headers = whole.completed.get(scheme)
    if headers is None:
        has_policy = any(name == b"content-security-policy" for name, _ in whole.headers)
        common = common_headers(scope, has_policy=has_policy)
        headers = whole.completed[scheme] = (*whole.headers, *common)
    return {
        "type": "http.response.start",
        "status": whole.status,
        "headers": [*headers, (b"x-request-id", scope["state"]["request_id"].encode())],
    }
