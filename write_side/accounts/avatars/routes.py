"""The routes of pictures that people have of themselves."""

from fastapi import Request, Response

from kit.auth.identity import Admin, Caller
from kit.http.described import example
from kit.http.requests.body import Body
from kit.http.requests.text import Id
from kit.limits.catalog import OWN_PICTURE
from kit.problem_types import NOT_FOUND
from write_side.accounts.api.answers import GONE, account_route, private, work_of
from write_side.accounts.avatars.setting import remove_avatar, set_avatar
from write_side.media.answers import SHA256
from write_side.media.answers import UPLOAD as UPLOAD_ID
from write_side.media.commands import Sha256Text
from write_side.media.files import files_of
from write_side.media.problem_types import (
    MEDIA_UNAVAILABLE,
    NOTHING_SENT,
    OTHER_FILE,
    PARTS_MISSING,
    PICTURE_REFUSED,
    TOO_MANY_PICTURES,
)
from write_side.media.uploads import BEGUN, NOT_ANNOUNCED, AskUpload, announced


class OwnAvatar(Body):
    """A file that was sent."""

    model_config = example({"upload": UPLOAD_ID, "sha256": SHA256})

    upload: Id
    """Of the answer that had the form."""
    sha256: Sha256Text
    """As it was announced."""


async def begin_avatar(who: Caller, request: Request, body: AskUpload) -> Response:
    """Ask how a picture of you can be sent, of this type and length: the answer is good for 15 minutes.

    Up to 8 MiB it is a form. A larger one is sent in parts, and gone on with by `GET /v1/media/uploads/{id}`.
    """
    return await announced(request, who.account, body)


async def set_my_avatar(who: Caller, request: Request, body: OwnAvatar) -> Response:
    """Show the picture that was sent beside your name; it is written again as a square, its middle kept."""
    await set_avatar(work_of(request), files_of(request), who.account, body.upload, body.sha256)
    return private(None, 204)


async def remove_my_avatar(who: Caller, request: Request) -> Response:
    """Take your picture away, its bytes as well."""
    await remove_avatar(work_of(request), who.account, actor=who.account)
    return private(None, 204)


async def remove_avatar_of(id: Id, who: Admin, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Take somebody's picture away, its bytes as well."""
    await remove_avatar(work_of(request), id, actor=who.account)
    return private(None, 204)


_REFUSED = (
    NOTHING_SENT,
    PARTS_MISSING,
    OTHER_FILE,
    PICTURE_REFUSED,
    NOT_FOUND,
    TOO_MANY_PICTURES,
    MEDIA_UNAVAILABLE,
)

AVATAR_ROUTES = (
    account_route(
        "POST /v1/me/avatar/uploads",
        begin_avatar,
        tag="me",
        summary="Ask how your picture can be sent",
        name="begin_avatar",
        told=BEGUN,
        refuses=NOT_ANNOUNCED,
        status=201,
        limit=OWN_PICTURE,
    ),
    account_route(
        "PUT /v1/me/avatar",
        set_my_avatar,
        tag="me",
        summary="Set your picture",
        name="set_avatar",
        told=GONE,
        refuses=_REFUSED,
        status=204,
        limit=OWN_PICTURE,
    ),
    account_route(
        "DELETE /v1/me/avatar",
        remove_my_avatar,
        tag="me",
        summary="Take your picture away",
        name="remove_my_avatar",
        told=GONE,
        refuses=(NOT_FOUND,),
        status=204,
    ),
    account_route(
        "DELETE /v1/accounts/{id}/avatar",
        remove_avatar_of,
        tag="accounts",
        summary="Take somebody's picture away",
        name="remove_avatar",
        told=GONE,
        refuses=(NOT_FOUND,),
        status=204,
    ),
)
