"""An answer that is ready as a whole, which the edge sends without asking anything behind it."""

from collections.abc import Callable, Iterable, Mapping

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
        self.completed: dict[tuple[str, bool], tuple[tuple[bytes, bytes], ...]] = {}
        """Scheme, and whether it depends on Origin → headers with those of the edge, without what is of one
        request."""


def varying(headers: Iterable[tuple[bytes, bytes]], by: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer that also depends on a header of the request."""
    pairs = list(headers)
    vary = [value for name, value in pairs if name == b"vary"]
    return [*(pair for pair in pairs if pair[0] != b"vary"), (b"vary", b", ".join((*vary, by)))]


type AtOnce = Callable[[Scope, Mapping[bytes, bytes]], Whole | None]
"""Finds what is ready for a GET or HEAD, without waiting. It takes the scope of a request whose target nobody
has looked at, and its headers by name: those that `read_head` notes."""


def beginning(whole: Whole, scope: Scope, *, by_origin: bool) -> Message:
    """Return the message that begins an answer to a request, whose id is in `state`.

    Args:
        whole: the answer.
        scope: of the request.
        by_origin: pages of some origins may call, so that a cache has to ask again for one of theirs.
    """
    key = scope["scheme"], by_origin
    headers = whole.completed.get(key)
    if headers is None:
        has_policy = any(name == b"content-security-policy" for name, _ in whole.headers)
        common = common_headers(scope, has_policy=has_policy)
        given = varying(whole.headers, b"Origin") if by_origin else whole.headers
        headers = whole.completed[key] = (*given, *common)
    return {
        "type": "http.response.start",
        "status": whole.status,
        "headers": [*headers, (b"x-request-id", scope["state"]["request_id"].encode())],
    }
