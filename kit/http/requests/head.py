"""What is refused before any application code runs, judged by the request line and the headers alone."""

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote_to_bytes

from kit.errors import Problem
from kit.http.requests.headers import twice
from kit.problem_types import (
    BAD_REQUEST,
    HEADERS_TOO_LARGE,
    INVALID_PARAMETER,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    TARGET_TOO_LONG,
)

MAX_TARGET = 8 * 1024
"""Bytes of path and query together."""

MAX_METHOD = 20
"""Characters of a method; the longest that is registered has 17."""

MAX_HEADERS = 16 * 1024
"""Bytes of all header lines together."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
"""No dot and no underscore: a token sent here by mistake is not taken, so it is not logged."""
_ORDINARY_PATH = re.compile(rb"/[!-$&-~]*").fullmatch
"""Visible ASCII without a %-escape: nothing to look at closely."""

_SLASH = re.compile(rb"%2[Ff]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_PORT = re.compile(rb":[0-9]*$")
_ONCE = frozenset({b"authorization", b"content-length", b"host"})
_NOTED = _ONCE | {
    b"accept", b"accept-encoding", b"cookie", b"if-none-match", b"origin", b"transfer-encoding",
    b"upgrade", b"x-request-id",
}  # fmt: skip


def check_target(path: bytes, query: bytes) -> None:
    """Refuse a request target that is too long, not ASCII, or not UTF-8 behind its %-escapes.

    Args:
        path: the path as it came, undecoded.
        query: what followed the question mark, undecoded.

    Raises:
        Problem: 414, 400, or 404 for an escaped slash or control character in the path, which no path of ours
            has. (The slash would part the path like a plain one; a line feed at its end is also what the end
            of a pattern would let through.)
    """
    if not query and len(path) < MAX_TARGET and _ORDINARY_PATH(path):
        return
    if len(path) + len(query) > MAX_TARGET:
        raise Problem(TARGET_TOO_LONG, f"Path and query are longer than {MAX_TARGET} bytes together.")
    if not path.startswith(b"/") or not path.isascii() or not query.isascii():
        raise _bad_request("The request target is not a path of ASCII characters.")
    if b"%" in path:
        _check_escapes(path)
        if _SLASH.search(path) or _CONTROL.search(unquote_to_bytes(path)):
            raise Problem(NOT_FOUND)
    if b"%" in query:
        _check_escapes(query)
        if b"%00" in query:
            raise Problem(INVALID_PARAMETER, "A query parameter contains a NUL character.")


def read_head(
    headers: Iterable[tuple[bytes, bytes]], version: str, hosts: Collection[bytes] = ()
) -> dict[bytes, bytes]:
    """Measure the headers and return those that the edge and `AtOnce` look at, in one pass.

    Args:
        headers: names in lower case, values undecoded.
        version: HTTP version as ASGI spells it.
        hosts: the only names that Host may carry, in lower case, without port; empty: any.

    Raises:
        Problem: 431 when they are too large, 400 when Host is missing or foreign, or a header comes twice
            that may come once.
    """
    size = 0
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        size += len(name) + len(value) + 4
        if name in _NOTED:
            if name in found:
                if name in _ONCE:
                    raise twice(name)
                value = found[name] + b", " + value  # noqa: PLW2901 - two lines are one list
            found[name] = value
    if size > MAX_HEADERS:
        raise Problem(HEADERS_TOO_LARGE, f"The headers are larger than {MAX_HEADERS} bytes together.")
    host = found.get(b"host")
    if not host and version == "1.1":
        raise _bad_request("A Host header is needed.")
    if hosts and _PORT.sub(b"", host or b"").lower().removesuffix(b".") not in hosts:
        raise _bad_request("This host is not served here.")
    return found


def given_id(headers: Mapping[bytes, bytes]) -> str:
    """Return the caller's own id of the request; empty when it is absent or odd."""
    value = headers.get(b"x-request-id")
    return value.decode() if value is not None and _REQUEST_ID.fullmatch(value) else ""


def body_length(headers: Mapping[bytes, bytes], version: str) -> int:
    """Return how many bytes of body are announced; -1: some, nobody knows how many.

    Raises:
        Problem: 400 when Content-Length is no number, or Transfer-Encoding is there as well; 501 when that
            says anything but chunked.
    """
    if b"transfer-encoding" in headers:
        if b"content-length" in headers:
            raise _bad_request("Content-Length and Transfer-Encoding exclude each other.")
        if headers[b"transfer-encoding"].strip().lower() != b"chunked":
            raise Problem(NOT_IMPLEMENTED, "A body is sent with Transfer-Encoding: chunked, or with none.")
        return -1
    value = headers.get(b"content-length")
    if value is None:
        return -1 if version == "2" else 0
    if not value.isdigit():
        raise _bad_request("Content-Length is not a number.")
    return int(value[:20])


def _check_escapes(text: bytes) -> None:
    if _BROKEN_ESCAPE.search(text):
        raise _bad_request("A %-escape is incomplete.")
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise _bad_request("The %-escapes are not UTF-8.") from None


def _bad_request(title: str) -> Problem:
    return Problem(BAD_REQUEST, title)
