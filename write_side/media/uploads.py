"""The routes by which files come: announced, sent to us where no S3 takes them, and asked about."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field, StringConstraints

from kit import clock
from kit.auth.identity import requires
from kit.auth.roles import Identity, Role, Scope
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import example
from kit.http.refusals import Responses, joined, refusals
from kit.http.requests.body import Body, StrictRoute
from kit.http.requests.text import CleanLine, Id
from kit.limits.catalog import UPLOAD
from kit.problem_types import NOT_FOUND
from kit.storage.objects import FORM_SECONDS
from kit.storage.parts import PART
from write_side.media.answers import SHA256, PartsLeft, SendablePart, UploadBegun
from write_side.media.commands import Sha256Text
from write_side.media.files import files_of, said_away
from write_side.media.problem_types import MEDIA_UNAVAILABLE, TOO_MUCH_UNCONFIRMED
from write_side.media.waiting.parts import UploadStanding
from write_side.media.waiting.unconfirmed import MOST_BYTES

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
    """Ask how one picture can be sent, of exactly this type and length: the answer is good for 15 minutes.

    Up to 8 MiB it is a form. A larger one is sent in parts of 8 MiB: what has arrived stays when the
    connection breaks, and new addresses for the rest can be asked for until the next day.
    """
    return await announced(request, who.account, body)


async def announced(request: Request, account: UUID, body: AskUpload) -> Response:
    """Answer with how a file that an account announces can be sent."""
    expires = clock.now() + timedelta(seconds=FORM_SECONDS)
    if body.size > PART:
        standing = await files_of(request).begin_parts(account, body.type, body.size, body.sha256)
        return _left(standing, expires, 201)
    upload, form = await files_of(request).form(account, body.type, body.size, body.sha256)
    said = UploadBegun(id=upload, url=form.url, fields=dict(form.fields), expires_at=expires)
    return _json(said.model_dump_json().encode(), 201)


async def read_upload(
    request: Request,
    id: Id,  # noqa: A002 - the name in the path
    who: Annotated[Identity, Depends(requires(None, Scope.DRAFT))],
) -> Response:
    """Ask which parts of a large file have arrived, and for addresses of those that have not.

    Only its sender is told, of a picture of himself as well, until it is confirmed or a day has passed.
    """
    expires = clock.now() + timedelta(seconds=FORM_SECONDS)
    with said_away():
        return _left(await files_of(request).parts.standing(who.account, id), expires, 200)


BEGUN: Responses = {
    201: {"model": UploadBegun | PartsLeft, "description": "The file can be sent: as a form, or in parts."}
}
NOT_ANNOUNCED = (TOO_MUCH_UNCONFIRMED, MEDIA_UNAVAILABLE)
_LEFT: Responses = {200: {"model": PartsLeft, "description": "What has arrived, and what has not."}}


def _begins() -> Rest:
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=begin_upload, tags=["media"], status_code=201,
        summary="Ask how a picture can be sent", operation_id="begin_upload",
        response_class=Response, responses=joined(BEGUN, refusals(NOT_ANNOUNCED)),
    )  # fmt: skip


def _reads() -> Rest:
    return partial(
        StrictRoute, limit=UPLOAD, endpoint=read_upload, tags=["media"],
        summary="Ask which parts of a file have arrived", operation_id="read_upload",
        response_class=Response, responses=joined(_LEFT, refusals((NOT_FOUND, MEDIA_UNAVAILABLE))),
    )  # fmt: skip


UPLOAD_ROUTES = (
    DeferredRoute("POST", "/v1/media/uploads", _begins),
    DeferredRoute("GET", "/v1/media/uploads/{id}", _reads),
)


def _left(standing: UploadStanding, expires: datetime, status: int) -> Response:
    parts = [SendablePart(**one.part._asdict(), url=one.url) for one in standing.wanted]
    said = PartsLeft(
        id=standing.upload,
        size=standing.size,
        arrived=list(standing.arrived),
        parts=parts,
        expires_at=expires,
    )
    return _json(said.model_dump_json().encode(), status)


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, headers={"Cache-Control": "no-store"}, media_type="application/json")
