"""Files that are sent as they are: a route declares how large and of which type, and takes them in pieces."""

from collections.abc import AsyncIterator, Collection
from typing import Any

from starlette.requests import Request

from kit.errors import Problem
from kit.http.requests.headers import single
from kit.problem_types import BAD_REQUEST, BODY_TOO_LARGE, OF_A_FILE, UNSUPPORTED_MEDIA_TYPE

UPLOAD_SECONDS = 120.0
"""Time within which a file has to arrive, where its route says nothing else."""


class Incoming:
    """A file while it arrives; its pieces are given out as they come, and never held together.

    Args:
        request: brings it.
        media_type: what it says it is.
        limit: bytes that it may have.
    """

    def __init__(self, request: Request, media_type: str, limit: int) -> None:
        self.media_type = media_type
        self._request = request
        self._limit = limit
        self.size = 0
        """Bytes that have come."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give out the pieces.

        Raises:
            Problem: 413 when it is too large, 400 when the client goes away in the middle.
        """
        more = True
        while more:
            message = await self._request.receive()
            if message["type"] != "http.request":
                raise Problem(BAD_REQUEST, "The body ended too early.")
            piece = message.get("body", b"")
            self.size += len(piece)
            if self.size > self._limit:
                raise Problem(BODY_TOO_LARGE)
            more = message.get("more_body", False)
            if piece:
                yield piece


class Upload:
    """Dependency of a route that takes a file: `Annotated[Incoming, Depends(Upload(…))]`, in a `StrictRoute`.

    Args:
        limit: bytes that it may have.
        types: media types that are taken, in lower case and without parameters.
        seconds: time within which the whole of it has to arrive.
    """

    problem_types = OF_A_FILE

    def __init__(self, limit: int, types: Collection[str], *, seconds: float = UPLOAD_SECONDS) -> None:
        self.limit = limit
        self._types = frozenset(types)
        self._seconds = seconds
        binary = {"schema": {"type": "string", "format": "binary", "maxLength": limit}}
        self.openapi_body: dict[str, Any] = {
            "required": True,
            "content": dict.fromkeys(sorted(self._types), binary),
        }

    async def __call__(self, request: Request) -> Incoming:
        """Judge the headers; nothing of the file has been read then.

        Raises:
            Problem: 415 when its type is not taken or it is compressed, 413 when it announces too much.
        """
        headers = request.scope["headers"]
        media_type = (single(headers, b"content-type") or "").lower()
        if media_type not in self._types:
            told = ", ".join(sorted(self._types))
            raise Problem(UNSUPPORTED_MEDIA_TYPE, f"A file is sent as one of these: {told}.")
        if (single(headers, b"content-encoding") or "identity").lower() != "identity":
            raise Problem(UNSUPPORTED_MEDIA_TYPE, "A file is sent uncompressed.")
        announced = single(headers, b"content-length")
        if announced is not None and int(announced[:20]) > self.limit:
            raise Problem(BODY_TOO_LARGE)
        allow = request.scope.get("state", {}).get("allow_body_seconds")
        if allow is not None:
            allow(self._seconds)
        return Incoming(request, media_type, self.limit)
