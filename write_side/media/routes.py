"""The routes of pictures: what was sent is confirmed, described, suppressed and restored."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Request, Response

from kit.auth.roles import Role, Scope
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import Responses, joined
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import UPLOAD
from write_side.http.command_request import CommandRequest, command
from write_side.http.routes import Route, routes_of
from write_side.media.aggregate import MEDIA
from write_side.media.answers import ANSWERS, MediaReceipt
from write_side.media.commands import (
    RegisterMedia,
    SuppressMedia,
    describe_body,
    register,
    restore_it,
    say,
    suppress_it,
)
from write_side.media.files import files_of
from write_side.media.problem_types import (
    MEDIA_UNAVAILABLE,
    NOTHING_SENT,
    OTHER_FILE,
    PARTS_MISSING,
    PICTURE_REFUSED,
    PICTURE_SHOWN,
    TOO_MANY_PICTURES,
)
from write_side.media.taking import TAKING_ROUTES
from write_side.media.uploads import UPLOAD_ROUTES
from write_side.problem_types import LIST_UNAVAILABLE, OF_NEW_CONTENT


async def register_media(
    request: Request,
    ask: Annotated[CommandRequest, command(Role.EDITOR, Scope.DRAFT, existing=False)],
    body: RegisterMedia,
) -> Response:
    """Confirm a file that was sent: it is looked at, cleaned and kept, and only then there is a picture.

    The same file again is the same picture: 200, with the id that it has.
    """
    return await ask.run(partial(register, files_of(request)), MEDIA, body)


_CONFIRMED = (NOTHING_SENT, PARTS_MISSING, OTHER_FILE, PICTURE_REFUSED, TOO_MANY_PICTURES, MEDIA_UNAVAILABLE)
_THERE: Responses = {
    200: {
        "model": MediaReceipt,
        "description": "This very file is a picture already.",
        "headers": ANSWERS.done(Role.EDITOR, ())[200]["headers"],
    }
}


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
    *UPLOAD_ROUTES,
    *TAKING_ROUTES,
    DeferredRoute("POST", "/v1/media", _registers),
    *routes_of(MEDIA, _LIFE, ANSWERS),
)
