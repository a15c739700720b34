"""The routes of media: ask for a form, send the file to us where no S3 takes it, confirm, and so on."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field, StringConstraints

from kit import clock
from kit.auth.identity import requires
from kit.auth.roles import Identity, Role, Scope
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import example
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import Body, StrictRoute
from kit.http.requests.headers import single
from kit.http.requests.text import CleanLine
from kit.http.requests.uploads import Incoming
from kit.limits.catalog import UPLOAD
from kit.problem_types import BAD_REQUEST, BODY_TOO_LARGE, BODY_TOO_SLOW, NOT_FOUND
from kit.storage.files import FileStorage
from kit.storage.objects import FORM_SECONDS
from kit.storage.receiving import FormRefused, receive
from write_side.http.command_request import CommandRequest, command
from write_side.http.routes import Route, routes_of
from write_side.media.aggregate import MEDIA
from write_side.media.answers import ANSWERS, SHA256, MediaReceipt, UploadBegun
from write_side.media.commands import (
    RegisterMedia,
    Sha256Text,
    SuppressMedia,
    describe_body,
    register,
    restore_it,
    say,
    suppress_it,
)
from write_side.media.files import MOST_BYTES, MediaFiles, said_away
from write_side.media.keys import FORMS
from write_side.media.problem_types import (
    MEDIA_UNAVAILABLE,
    NOTHING_SENT,
    OTHER_FILE,
    PICTURE_REFUSED,
    PICTURE_SHOWN,
    UPLOAD_FORBIDDEN,
    UPLOAD_INVALID,
)
from write_side.problem_types import LIST_UNAVAILABLE, OF_NEW_CONTENT

FORM_BYTES = 64 * 1024
"""Bytes of a form beside its file."""

UPLOAD_SECONDS = 300.0

SentType = Literal["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]


class AskUpload(Body):
    """Announce a file."""

    model_config = example({"type": "image/jpeg", "size": 182344, "sha256": SHA256, "name": "tu-144.jpg"})

    type: SentType
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    """Bytes."""
    sha256: Sha256Text
    name: Annotated[CleanLine, StringConstraints(max_length=255)] = ""
    """What it is called where it is; nothing here is called so."""


async def begin_upload(
    request: Request,
    who: Annotated[Identity, Depends(requires(Role.EDITOR, Scope.DRAFT))],
    body: AskUpload,
) -> Response:
    """Ask for a form by which one picture can be sent within 15 minutes: this type, this length."""
    return await form_for(request, who.account, body)


async def form_for(request: Request, account: UUID, body: AskUpload) -> Response:
    """Answer with a form for a file that an account announces."""
    expires = clock.now() + timedelta(seconds=FORM_SECONDS)
    upload, form = await files_of(request).form(account, body.type, body.size, body.sha256)
    said = UploadBegun(id=upload, url=form.url, fields=dict(form.fields), expires_at=expires)
    return _json(said.model_dump_json().encode(), 201)


class _Form:
    """Dependency: a form as it comes, judged by its headers."""

    problem_types = (BAD_REQUEST, BODY_TOO_LARGE, BODY_TOO_SLOW)

    async def __call__(self, request: Request) -> Incoming:
        headers = request.scope["headers"]
        announced = single(headers, b"content-length")
        most = MOST_BYTES + FORM_BYTES
        if announced is not None and int(announced[:20]) > most:
            raise Problem(BODY_TOO_LARGE)
        return Incoming(request, single(headers, b"content-type") or "", most)


async def take_file(request: Request, form: Annotated[Incoming, Depends(_Form())]) -> Response:
    """Take the file of a form that was asked for, as an S3 would; anyone who has the form may send it."""
    storage = files_of(request).storage
    if not isinstance(storage, FileStorage):
        raise Problem(NOT_FOUND)
    try:
        with said_away():
            await receive(storage, form.media_type, form, known=partial(_more_time, request))
    except FormRefused as refused:
        type_ = UPLOAD_FORBIDDEN if refused.status == 403 else UPLOAD_INVALID  # noqa: PLR2004
        raise Problem(type_, detail=str(refused)) from None
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _more_time(request: Request) -> None:
    """Let a file take longer than other bodies, which is said only to one who brings a good ticket."""
    allow = request.scope.get("state", {}).get("allow_body_seconds")
    if allow is not None:
        allow(UPLOAD_SECONDS)


async def register_media(
    request: Request,
    ask: Annotated[CommandRequest, command(Role.EDITOR, Scope.DRAFT, existing=False)],
    body: RegisterMedia,
) -> Response:
    """Confirm a file that was sent: it is looked at, cleaned and kept, and only then there is a picture.

    The same file again is the same picture: 200, with the id that it has.
    """
    return await ask.run(partial(register, files_of(request)), MEDIA, body)


_AWAY = (MEDIA_UNAVAILABLE,)
_CONFIRMED = (NOTHING_SENT, OTHER_FILE, PICTURE_REFUSED, *_AWAY)
_BEGUN: Responses = {201: {"model": UploadBegun, "description": "The file can be sent."}}
_TAKEN: Responses = {204: {"description": "The file is there, and waits to be confirmed."}}
_THERE: Responses = {
    200: {
        "model": MediaReceipt,
        "description": "This very file is a picture already.",
        "headers": ANSWERS.done(Role.EDITOR, ())[200]["headers"],
    }
}
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


def _begins() -> Rest:
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=begin_upload, tags=["media"], status_code=201,
        summary="Ask for a form to send a picture with", operation_id="begin_upload",
        response_class=Response, responses=joined(_BEGUN, refusals(_AWAY)),
    )  # fmt: skip


def _takes() -> Rest:
    types = (UPLOAD_INVALID, UPLOAD_FORBIDDEN, NOT_FOUND, *_AWAY)
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=take_file, tags=["media"], status_code=204,
        summary="Send the file of a form", operation_id="take_file", response_class=Response,
        responses=joined(_TAKEN, refusals(types)), openapi_extra={"requestBody": _FORM_BODY},
    )  # fmt: skip


def _registers() -> Rest:
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=register_media, tags=["media"], status_code=201,
        summary="Confirm a picture that was sent", operation_id="register_media",
        responses=joined(_THERE, ANSWERS.made(Role.EDITOR, _CONFIRMED)),
    )  # fmt: skip


# fmt: off
_LIFE = (
    Route("describe", "PATCH", "/{id}", Role.EDITOR, Scope.DRAFT, "Describe a picture", say,
          partial(describe_body), refuses=(*OF_NEW_CONTENT, PICTURE_SHOWN, LIST_UNAVAILABLE)),
    Route("suppress", "PUT", "/{id}/suppression", Role.MODERATOR, None,
          "Show a picture to nobody", suppress_it, SuppressMedia, proven=True),
    Route("restore", "DELETE", "/{id}/suppression", Role.MODERATOR, None,
          "Show a suppressed picture again", restore_it, proven=True),
)
# fmt: on

MEDIA_ROUTES: Sequence[DeferredRoute] = (
    DeferredRoute("POST", "/v1/media/uploads", _begins),
    DeferredRoute("POST", FORMS, _takes),
    DeferredRoute("POST", "/v1/media", _registers),
    *routes_of(MEDIA, _LIFE, ANSWERS),
)


def files_of(request: Request) -> MediaFiles:
    """Return the files of media in this process."""
    files: MediaFiles = request.app.state.media
    return files


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, headers={"Cache-Control": "no-store"}, media_type="application/json")
