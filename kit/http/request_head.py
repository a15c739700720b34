"""What is refused before any application code runs, judged by the request line and the headers alone."""

import re
from collections.abc import Collection, Iterable
from urllib.parse import unquote_to_bytes

from kit.errors import Problem

MAX_TARGET = 8 * 1024
"""Bytes of path and query together."""

MAX_HEADERS = 16 * 1024
"""Bytes of all header lines together."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
"""No dot and no underscore: a token sent here by mistake is not taken, so it is not logged."""
_ORDINARY_PATH = re.compile(rb"/[!-$&-~]*").fullmatch
"""Visible ASCII without a %-escape: nothing to look at closely."""

_PORT = re.compile(rb":[0-9]*$")
_NOTED = frozenset({b"authorization", b"content-length", b"host", b"transfer-encoding", b"x-request-id"})


def check_target(path: bytes, query: bytes) -> None:
    """Refuse a request target that is too long, not ASCII, or not UTF-8 behind its %-escapes.

    Args:
        path: the path as it came, undecoded.
        query: what followed the question mark, undecoded.

    Raises:
        Problem: 414, 400, or 404 for a NUL in the path.
    """
    if not query and len(path) < MAX_TARGET and _ORDINARY_PATH(path):
        return
    if len(path) + len(query) > MAX_TARGET:
        raise Problem(414, "target-too-long", f"Path and query are longer than {MAX_TARGET} bytes together.")
    if not path.startswith(b"/") or not path.isascii() or not query.isascii():
        raise _bad_request("The request target is not a path of ASCII characters.")
    if b"%" in path:
        _check_escapes(path)
        if b"%00" in path:
            raise Problem(404, "not-found", "Nothing is here.")
    if b"%" in query:
        _check_escapes(query)
        if b"%00" in query:
            raise Problem(400, "invalid-parameter", "A query parameter contains a NUL character.")


def read_head(
    headers: Iterable[tuple[bytes, bytes]], version: str, hosts: Collection[bytes] = ()
) -> tuple[bool, str, int | None, bool]:
    """Measure the headers and pick out what the edge needs, in one pass.

    Args:
        headers: names in lower case, values undecoded.
        version: HTTP version as ASGI spells it.
        hosts: the only names that Host may carry, in lower case, without port; empty: any.

    Returns:
        Whether Authorization is there, right or wrong; the caller's own id of the request, empty when absent or odd;
        the declared bytes of the body, if any; whether the body comes in chunks.

    Raises:
        Problem: 431 when too large, 400 when Host or Content-Length are not what they must be.
    """
    size = named = 0
    authorized = chunked = False
    request_id = ""
    length: int | None = None
    for name, value in headers:
        size += len(name) + len(value) + 4
        if name not in _NOTED:
            continue
        if name == b"host":
            named += 1
            if hosts and _PORT.sub(b"", value).lower() not in hosts:
                raise _bad_request("This host is not served here.")
            if not value and version == "1.1":
                named = 0
        elif name == b"authorization":
            authorized = True
        elif name == b"content-length":
            if not value.isdigit() or length is not None:
                raise _bad_request("Content-Length is not one number.")
            length = int(value[:20])
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"x-request-id" and not request_id and _REQUEST_ID.fullmatch(value):
            request_id = value.decode()
    if size > MAX_HEADERS:
        raise Problem(431, "headers-too-large", f"The headers are larger than {MAX_HEADERS} bytes together.")
    if named != 1 and version == "1.1":
        raise _bad_request("Exactly one Host header is needed.")
    return authorized, request_id, length, chunked


def _check_escapes(text: bytes) -> None:
    if _BROKEN_ESCAPE.search(text):
        raise _bad_request("A %-escape is incomplete.")
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise _bad_request("The %-escapes are not UTF-8.") from None


def _bad_request(title: str) -> Problem:
    return Problem(400, "bad-request", title)
