"""Turns an answer into a response, or into 304 for those who hold it already."""

from starlette.requests import Request
from starlette.responses import Response

from kit.errors import Problem
from kit.http.requests.conditions import if_none_match
from kit.http.requests.headers import joined
from kit.problem_types import NOT_FOUND
from read_side.answers.answer import Answer

KEEP = b"x-frankenjet-keep"
"""Header between the routes and the layer of whole answers, which takes it off: what an answer hangs on."""

PARKED = "FrankenJet-Parked"
"""Header that says since when an entry is not up to date: the position of an event that was put aside."""

PRIVATE = b"private, no-store"

_PARKED = PARKED.lower().encode()
_JSON = (b"content-type", b"application/json")


class WholeAnswer(Response):
    """A response whose headers are bytes already."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = headers


def keep(schema: str, stamp: int, route: str, tags: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Return the header by which a route lets its answer be kept.

    Args:
        schema: whose rows were read.
        stamp: cursor of the schema in the snapshot that was read.
        route: template of the route, for metrics and logs.
        tags: purge tags, without spaces.
    """
    return KEEP, " ".join((schema, str(stamp), route, *tags)).encode()


def kept(value: bytes) -> tuple[str, int, str, tuple[str, ...]]:
    """Read what `keep` wrote."""
    schema, stamp, route, *tags = value.decode().split(" ")
    return schema, int(stamp), route, tuple(tags)


def nothing_here() -> Problem:
    """Return the refusal of what is not there, or not there for the one who asks."""
    return Problem(NOT_FOUND)


def parked_header(position: int | None) -> tuple[tuple[bytes, bytes], ...]:
    """Return the header that says since when an entry is not up to date, if it is not."""
    return () if position is None else ((_PARKED, b"%d" % position),)


def respond(
    request: Request,
    answer: Answer,
    *,
    control: bytes,
    mark: tuple[bytes, bytes] | None = None,
    extra: tuple[tuple[bytes, bytes], ...] = (),
) -> Response:
    """Return 200, 301 or 304.

    Args:
        request: for its If-None-Match.
        answer: what to say.
        control: value of Cache-Control.
        mark: from `keep`, when the answer is the same for everybody.
        extra: further headers.
    """
    headers = [(b"cache-control", control), *extra]
    if mark is not None:
        headers.append(mark)
    if answer.location:
        query: bytes = request.scope["query_string"]
        place = answer.location.encode() + (b"?" + query if query else b"")
        return WholeAnswer(301, [*headers, (b"location", place), (b"content-length", b"0")])
    if answer.etag:
        headers.append((b"etag", answer.etag.encode()))
        if if_none_match(joined(request.scope["headers"], b"if-none-match"), answer.etag):
            return WholeAnswer(304, headers)
    headers += [_JSON, (b"content-length", b"%d" % len(answer.body))]
    return WholeAnswer(200, headers, answer.body)
