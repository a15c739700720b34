"""The bytes of pictures, at addresses that name their SHA-256: what is there once is never another."""

import re
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import header
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.conditions import if_none_match
from kit.http.requests.headers import joined as joined_header
from kit.http.requests.headers import single
from kit.problem_types import NOT_FOUND
from kit.storage.objects import ObjectMissing, OpenObject, Storage, StorageAway
from read_side.answers.fill import CONDITION
from read_side.answers.respond import nothing_here
from read_side.entry.kinds import MODEL
from read_side.media.library import FILES, MediaFile, file
from read_side.problem_types import FILES_UNAVAILABLE, NOT_BUILT, RANGE, TABLES_UNAVAILABLE
from read_side.sources import Sources

FOR_EVER = "public, max-age=31536000, immutable"
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Nothing in a file runs, whatever somebody makes of it."""

_NAME = re.compile(r"[0-9a-f]{64}\.(?:jpg|png)")
_ASKED = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


class ByteRange(NamedTuple):
    """A part of a file."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def range_of(asked: str | None, size: int) -> ByteRange | None:
    """Return the part that a Range header asks for; None: the whole, as for several parts or another unit.

    Raises:
        Problem: 416, it begins behind the end.
    """
    found = _ASKED.fullmatch(asked.replace(" ", "")) if asked else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begins = max(size - int(last), 0)
        part = ByteRange(begins, size - 1)
    else:
        part = ByteRange(int(first), min(int(last or size), size - 1))
        if last and int(last) < int(first):
            return None  # no range at all: RFC 9110, 14.1.1
    if part.first >= size:
        raise Problem(RANGE, headers={"Content-Range": f"bytes */{size}"})
    return part


class _Bytes(StreamingResponse):
    """Pieces of an object that is open until they are sent."""

    def __init__(self, opened: OpenObject, place: AsyncExitStack, **how: Any) -> None:
        super().__init__(opened.pieces, **how)
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._place:
            await super().__call__(scope, receive, send)


def file_query(sources: Sources) -> DeferredRoute:
    """Return the route of the bytes."""
    return DeferredRoute("GET", f"{FILES}{{name}}", partial(_file, sources))


def _file(sources: Sources) -> Rest:
    model = sources.model(MODEL)

    async def read_media_file(request: Request, name: str) -> Response:
        """Read the bytes of a picture. They may be kept for good; one that is suppressed is gone."""
        if _NAME.fullmatch(name) is None:
            raise nothing_here()
        found = await file(sources.tables, sources.served.where(model), name)
        if found is None:
            raise nothing_here()
        return await _sent(request, found, name)

    return partial(
        StrictRoute, endpoint=read_media_file, tags=["media"], summary="Read the bytes of a picture",
        operation_id="read_media_file", response_class=Response, responses=_ANSWERS,
    )  # fmt: skip


async def _sent(request: Request, found: MediaFile, name: str) -> Response:
    tag = f'"{name.partition(".")[0]}"'
    headers = {
        "Cache-Control": FOR_EVER,
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    given = request.scope["headers"]
    asked = request.scope.get("state", {}).get(CONDITION) or joined_header(given, b"if-none-match")
    if if_none_match(asked, tag):
        return Response(status_code=304, headers={"Cache-Control": FOR_EVER, "ETag": tag})
    unless = single(given, b"if-range")
    part = range_of(single(given, b"range"), found.size) if unless in {None, tag} else None
    storage: Storage = request.app.state.media.storage
    place = AsyncExitStack()
    try:
        opened = await place.enter_async_context(storage.open(found.key, *(part or ())))
    except (StorageAway, ObjectMissing) as away:  # what the log tells of is there, or will be again
        raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"}) from away
    headers["Content-Length"] = str(found.size if part is None else part.size)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{found.size}"
    status = 200 if part is None else 206
    return _Bytes(opened, place, status_code=status, headers=headers, media_type=found.type)


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TOLD = {
    "ETag": header("The SHA-256 of the file.", f'"{"0" * 64}"'),
    "Cache-Control": header("It may be kept for good.", FOR_EVER),
    "Accept-Ranges": header("Parts can be asked for.", "bytes"),
    "Content-Disposition": header("Its name.", "inline"),
    "Cross-Origin-Resource-Policy": header("Pages of other sites may show it.", "cross-origin"),
}
_CONTENT = dict.fromkeys(("image/jpeg", "image/png"), _BINARY)
_PART = {"Content-Range": header("Which part it is.", "bytes 0-99/182344")}
_FILES: Responses = {
    200: {"description": "The whole file.", "content": _CONTENT, "headers": _TOLD},
    206: {"description": "The part that Range asks for.", "content": _CONTENT, "headers": _TOLD | _PART},
    304: {"description": "It is the one that If-None-Match names.", "headers": _TOLD},
}
_REFUSED = refusals((NOT_FOUND, RANGE, FILES_UNAVAILABLE, NOT_BUILT, TABLES_UNAVAILABLE))
_REFUSED[416]["headers"] |= {"Content-Range": header("How long the file is.", "bytes */182344")}
_ANSWERS = joined(_FILES, _REFUSED)
