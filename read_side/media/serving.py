"""The bytes of pictures, at addresses that name their SHA-256: what is there once is never another."""

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, NamedTuple, Never

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
from kit.pictures.formats import ENDINGS
from kit.pictures.variants import VariantName, folder_of, nearest, point_name, read_name
from kit.problem_types import NOT_FOUND
from kit.storage.objects import ObjectMissing, OpenObject, OutOfRange, Storage, StorageAway
from read_side.answers.fill import CONDITION
from read_side.answers.respond import nothing_here
from read_side.entry.kinds import MODEL
from read_side.media.library import MediaFile, files
from read_side.pictures import FILES
from read_side.problem_types import FILES_UNAVAILABLE, NOT_BUILT, RANGE, TABLES_UNAVAILABLE
from read_side.sources import Sources

FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=5"
"""Of what stands in for a variant that is not made yet."""

FOR_A_MOMENT = "public, max-age=1"
"""Of what leads elsewhere: a picture that is suppressed is not led to any more."""

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
        """Read the bytes of a picture, as it is kept or in another width and format.

        They may be kept for good. Where a variant is not made yet, what is next to it is told for some
        seconds. A picture that is suppressed is gone.
        """
        schema = sources.served.where(model)
        choices: Sequence[_Choice] = ()
        if _NAME.fullmatch(name) is not None:
            found = await files(sources.tables, schema, name)
            choices = [_whole(one, FOR_EVER) for one in found[:1]]
        elif (variant := read_name(name)) is not None:
            kept = [f"{variant.sha256}.{ending}" for ending in ENDINGS.values()]
            choices = _choices(variant, name, await files(sources.tables, schema, *kept))
        if not choices:
            raise nothing_here()
        return await _sent(request, choices)

    return partial(
        StrictRoute, endpoint=read_media_file, tags=["media"], summary="Read the bytes of a picture",
        operation_id="read_media_file", response_class=Response, responses=_ANSWERS,
    )  # fmt: skip


class _Choice(NamedTuple):
    """What can be sent under a name."""

    key: str
    """In storage."""
    name: str
    tag: str
    type: str
    size: int | None
    """Bytes; None: storage knows."""
    control: str


def _whole(found: MediaFile, control: str) -> _Choice:
    tag = f'"{found.file.partition(".")[0]}"'
    return _Choice(found.key, found.file, tag, found.type, found.size, control)


def _choices(wanted: VariantName, name: str, found: Sequence[MediaFile]) -> Sequence[_Choice]:
    """Return what can be sent for a variant, the best one first; none where there can be no such variant."""
    for one in sorted(found, key=lambda each: wanted.called != point_name(each.focus)):
        choices = []
        for variant in nearest(wanted, one.width, one.height, one.focus):
            called = variant.name(wanted.sha256)
            control = FOR_EVER if called == name else FOR_NOW
            key = folder_of(one.id) + called
            choices.append(_Choice(key, called, f'"{called}"', variant.type, None, control))
        if choices:
            return [*choices, _whole(one, FOR_NOW)]
    return ()


async def _sent(request: Request, choices: Sequence[_Choice]) -> Response:
    """Send the first one of some files that is there."""
    given = request.scope["headers"]
    asked = request.scope.get("state", {}).get(CONDITION) or joined_header(given, b"if-none-match")
    storage: Storage = request.app.state.media.storage
    if storage.address:
        return await _led(storage, choices)
    first = choices[0]
    if if_none_match(asked, first.tag):
        return Response(status_code=304, headers={"Cache-Control": first.control, "ETag": first.tag})
    for choice in choices:
        try:
            return await _opened(storage, choice, given)
        except ObjectMissing:
            continue
        except StorageAway as away:
            raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"}) from away
    raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"})  # what the log tells of comes back


async def _led(storage: Storage, choices: Sequence[_Choice]) -> Response:
    """Lead to the first one that is there, at the address where anybody may read it."""
    for choice in choices:
        try:
            there = choice.size is not None or await storage.head(choice.key) is not None
        except StorageAway as away:
            raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"}) from away
        if there:
            headers = {"Location": f"{storage.address}/{choice.key}", "Cache-Control": FOR_A_MOMENT}
            return Response(status_code=307, headers=headers)
    raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"})


async def _opened(storage: Storage, choice: _Choice, given: Any) -> Response:
    """Return the answer that sends a file, or a part of it.

    Raises:
        ObjectMissing, StorageAway: it is not there, or not now.
        Problem: 416, it has no such part.
    """
    size, asked, unless = choice.size, single(given, b"range"), single(given, b"if-range")
    if asked is None or unless not in {None, choice.tag}:
        part = None
    else:
        if size is None:
            size = (await storage.head(choice.key) or _missing()).size
        part = range_of(asked, size)
    place = AsyncExitStack()
    try:
        opened = await place.enter_async_context(storage.open(choice.key, *(part or ())))
    except OutOfRange:  # it is shorter than was told: no such part is there
        raise Problem(RANGE, headers={"Content-Range": f"bytes */{size}"}) from None
    headers = {
        "Cache-Control": choice.control,
        "ETag": choice.tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="{choice.name}"',
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Length": str(opened.object.size if part is None else part.size),
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    status = 200 if part is None else 206
    return _Bytes(opened, place, status_code=status, headers=headers, media_type=choice.type)


def _missing() -> Never:
    raise ObjectMissing


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TOLD = {
    "ETag": header("Another one for other bytes.", f'"{"0" * 64}"'),
    "Cache-Control": header("For good; what stands in for a variant: 5 s.", FOR_EVER),
    "Accept-Ranges": header("Parts can be asked for.", "bytes"),
    "Content-Disposition": header("Its name.", "inline"),
    "Cross-Origin-Resource-Policy": header("Pages of other sites may show it.", "cross-origin"),
}
_CONTENT = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "image/avif"), _BINARY)
_PART = {"Content-Range": header("Which part it is.", "bytes 0-99/182344")}
_FILES: Responses = {
    200: {"description": "The whole file.", "content": _CONTENT, "headers": _TOLD},
    206: {"description": "The part that Range asks for.", "content": _CONTENT, "headers": _TOLD | _PART},
    304: {"description": "It is the one that If-None-Match names.", "headers": _TOLD},
    307: {
        "description": "It is read elsewhere.",
        "headers": {"Location": header("Where.", "https://cdn.example.org/pictures/0a/0a1b.jpg")},
    },
}
_REFUSED = refusals((NOT_FOUND, RANGE, FILES_UNAVAILABLE, NOT_BUILT, TABLES_UNAVAILABLE))
_REFUSED[416]["headers"] |= {"Content-Range": header("How long the file is.", "bytes */182344")}
_ANSWERS = joined(_FILES, _REFUSED)
