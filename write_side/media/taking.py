"""The routes by which we take files and parts of files ourselves, where no S3 does."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi import Query as FromQuery
from pydantic import Field

from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.headers import single
from kit.http.requests.query import Query
from kit.http.requests.text import Version
from kit.http.requests.uploads import Incoming
from kit.limits.catalog import UPLOAD
from kit.problem_types import BAD_REQUEST, BODY_TOO_LARGE, BODY_TOO_SLOW, NOT_FOUND
from kit.storage.files import FileStorage
from kit.storage.objects import ObjectMissing
from kit.storage.parts import PART
from kit.storage.receiving import FormRefused, receive, receive_part
from write_side.media.files import files_of, said_away
from write_side.media.keys import FORMS, PARTS
from write_side.media.problem_types import MEDIA_UNAVAILABLE, UPLOAD_FORBIDDEN, UPLOAD_INVALID
from write_side.media.waiting.unconfirmed import MOST_BYTES

FORM_BYTES = 64 * 1024
"""Bytes of a form beside its file."""

UPLOAD_SECONDS = 300.0


class _Sent:
    """Dependency: a body as it comes, judged by its headers.

    Args:
        most: bytes that it may have.
    """

    problem_types = (BAD_REQUEST, BODY_TOO_LARGE, BODY_TOO_SLOW)

    def __init__(self, most: int) -> None:
        self._most = most

    async def __call__(self, request: Request) -> Incoming:
        headers = request.scope["headers"]
        told = single(headers, b"content-length")
        if told is not None and int(told[:20]) > self._most:
            raise Problem(BODY_TOO_LARGE)
        return Incoming(request, single(headers, b"content-type") or "", self._most)


async def take_file(
    request: Request, form: Annotated[Incoming, Depends(_Sent(MOST_BYTES + FORM_BYTES))]
) -> Response:
    """Take the file of a form that was asked for, as an S3 would; anyone who has the form may send it."""
    storage = _ours(request)
    with _said_refused(), said_away():
        await receive(storage, form.media_type, form, known=partial(_more_time, request))
    return _taken()


class TicketQuery(Query):
    """What an address of a part was signed with."""

    policy: Annotated[str, Field(max_length=2_000, description="What may be sent.")]
    signature: Annotated[str, Field(max_length=100, description="Says that we said so.")]


async def take_part(
    request: Request,
    number: Version,
    query: Annotated[TicketQuery, FromQuery()],
    part: Annotated[Incoming, Depends(_Sent(MOST_BYTES))],
) -> Response:
    """Take a part of a large file, as an S3 would; anyone who has its address may send it, and again."""
    storage = _ours(request)
    ticket = (query.policy, query.signature)
    try:
        with _said_refused(), said_away():
            await receive_part(storage, number, ticket, part, known=partial(_more_time, request))
    except ObjectMissing:
        raise Problem(NOT_FOUND, "The upload is confirmed, or was given up.") from None
    return _taken()


def _ours(request: Request) -> FileStorage:
    storage = files_of(request).storage
    if not isinstance(storage, FileStorage):
        raise Problem(NOT_FOUND)
    return storage


@contextmanager
def _said_refused() -> Iterator[None]:
    try:
        yield
    except FormRefused as refused:
        type_ = UPLOAD_FORBIDDEN if refused.status == 403 else UPLOAD_INVALID  # noqa: PLR2004
        raise Problem(type_, detail=str(refused)) from None


def _taken() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _more_time(request: Request) -> None:
    """Let a file take longer than other bodies, which is said only to one who brings a good ticket."""
    allow = request.scope.get("state", {}).get("allow_body_seconds")
    if allow is not None:
        allow(UPLOAD_SECONDS)


_TAKEN: Responses = {204: {"description": "It is there, and waits to be confirmed."}}
_FORM_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["key", "Content-Type", "policy", "signature", "file"],
                "properties": {
                    **{name: {"type": "string"} for name in ("key", "Content-Type", "policy", "signature")},
                    "file": {"type": "string", "format": "binary"},
                },
            }
        }
    },
}


def _takes() -> Rest:
    types = (UPLOAD_INVALID, UPLOAD_FORBIDDEN, NOT_FOUND, MEDIA_UNAVAILABLE)
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=take_file, tags=["media"], status_code=204,
        summary="Send the file of a form", operation_id="take_file", response_class=Response,
        responses=joined(_TAKEN, refusals(types)), openapi_extra={"requestBody": _FORM_BODY},
    )  # fmt: skip


def _takes_part() -> Rest:
    types = (UPLOAD_INVALID, UPLOAD_FORBIDDEN, NOT_FOUND, MEDIA_UNAVAILABLE)
    binary = {"schema": {"type": "string", "format": "binary", "maxLength": PART}}
    body = {"required": True, "content": {"application/octet-stream": binary}}
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=take_part, tags=["media"], status_code=204,
        summary="Send a part of a file", operation_id="take_part", response_class=Response,
        responses=joined(_TAKEN, refusals(types)), openapi_extra={"requestBody": body},
    )  # fmt: skip


TAKING_ROUTES = (
    DeferredRoute("POST", FORMS, _takes),
    DeferredRoute("PUT", f"{PARTS}/{{number}}", _takes_part),
)
