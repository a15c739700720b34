"""Turns an answer into a response, or into 304 for those who hold it already."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kit.errors import Problem
from kit.http.requests.conditions import if_none_match
from kit.http.requests.headers import joined
from kit.problem_types import NOT_FOUND
from read_side.answers.answer import OK, Answer

KEEP = "frankenjet.keep"
"""Member of the message that begins an answer which may be kept: what it hangs on. The layer of whole answers
takes it off."""

PARKED = "FrankenJet-Parked"
"""Header that says since when an entry is not up to date: the position of an event that was put aside."""

PRIVATE = b"private, no-store"

_PARKED = PARKED.lower().encode()
_JSON = (b"content-type", b"application/json")


class Keep(NamedTuple):
    """What an answer hangs on that may be kept: it is the same for all who ask with its path and query."""

    stamps: Mapping[str, int]
    """Schema of each read model whose rows were read → its cursor in the snapshot that was read."""
    route: str
    """Template of the route, for metrics and logs."""
    tags: tuple[str, ...]
    """Purge tags, of any of these read models."""
    until: float | None = None
    """Moment of `Served.clock` after which it is another one; None: only a tag makes it old."""


class WholeAnswer(Response):
    """A response whose headers are bytes already, and which may be kept."""

    def __init__(
        self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"", keep: Keep | None = None
    ) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = headers
        self._keep = keep

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        begun = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(begun if self._keep is None else {**begun, KEEP: self._keep})
        await send({"type": "http.response.body", "body": self.body})


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
    keep: Keep | None = None,
    extra: tuple[tuple[bytes, bytes], ...] = (),
) -> Response:
    """Return 200, 300, 301 or 304.

    Args:
        request: for its If-None-Match.
        answer: what to say.
        control: value of Cache-Control.
        keep: what it hangs on, when it may be kept.
        extra: further headers.
    """
    headers = [(b"cache-control", control), *extra]
    if answer.location:
        query: bytes = request.scope["query_string"]
        place = answer.location.encode() + (b"?" + query if query else b"")
        return WholeAnswer(301, [*headers, (b"location", place), (b"content-length", b"0")], b"", keep)
    if answer.etag:
        headers.append((b"etag", answer.etag.encode()))
        asked = joined(request.scope["headers"], b"if-none-match")
        if answer.status == OK and if_none_match(asked, answer.etag):  # RFC 9110, 13.2.1: of a 2xx alone
            return WholeAnswer(304, headers)
    headers += [_JSON, (b"content-length", b"%d" % len(answer.body))]
    return WholeAnswer(answer.status, headers, answer.body, keep)
