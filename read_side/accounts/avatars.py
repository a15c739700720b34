"""The pictures that people have of themselves: one's own, and for moderators those of others."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from kit.auth.identity import AnyReader, Moderator
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.refusals import Responses, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.text import Id
from kit.problem_types import ACCOUNTS_UNAVAILABLE, NOT_FOUND
from kit.storage.objects import ObjectMissing, Storage, StorageAway
from read_side.looking import looking
from read_side.problem_types import FILES_UNAVAILABLE

_AVATAR = "select key, type from auth.avatar where account = $1"


async def my_avatar(who: AnyReader, request: Request) -> Response:
    """Read your picture; nobody keeps it."""
    return await _shown(request, who.account)


async def avatar_of(id: Id, who: Moderator, request: Request) -> Response:  # noqa: A002, ARG001 - the name in the path; who may
    """Read the picture of somebody, as moderators read names; nobody keeps it."""
    return await _shown(request, id)


async def _shown(request: Request, account: UUID) -> Response:
    """Return the bytes of a square that is small enough to be held."""
    async with looking(request, ACCOUNTS_UNAVAILABLE) as connection:
        row = await connection.fetchrow(_AVATAR, account)
    if row is None:
        raise Problem(NOT_FOUND, "There is no picture.")
    storage: Storage = request.app.state.media.storage
    try:
        async with storage.open(row["key"]) as opened:
            body = b"".join([piece async for piece in opened.pieces])
    except ObjectMissing:  # it was taken away at this very moment
        raise Problem(NOT_FOUND, "There is no picture.") from None
    except StorageAway as away:
        raise Problem(FILES_UNAVAILABLE, headers={"Retry-After": "5"}) from away
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    return Response(body, headers=headers, media_type=row["type"])


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BYTES: Responses = {
    200: {"description": "The picture.", "content": dict.fromkeys(("image/jpeg", "image/png"), _BINARY)}
}


def _rest(endpoint: Callable[..., Awaitable[Response]], **more: Any) -> Rest:
    told = _BYTES | refusals((NOT_FOUND, FILES_UNAVAILABLE, ACCOUNTS_UNAVAILABLE))
    return partial(StrictRoute, endpoint=endpoint, response_class=Response, responses=told, **more)


AVATAR_QUERIES = (
    DeferredRoute(
        "GET",
        "/v1/me/avatar",
        lambda: _rest(my_avatar, tags=["me"], summary="Read your picture", operation_id="read_my_avatar"),
    ),
    DeferredRoute(
        "GET",
        "/v1/accounts/{id}/avatar",
        lambda: _rest(
            avatar_of, tags=["accounts"], summary="Read somebody's picture", operation_id="read_avatar"
        ),
    ),
)
